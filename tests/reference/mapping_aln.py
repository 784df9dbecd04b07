"""How the parameters and states of neurolib's ALNModel are those of `ALNStep`.

Read by the script that asks neurolib (`rhs_neurolib_aln.py`) and by the test that compares. The other parameters and
all states are called and scaled alike. neurolib takes the neuron's tables as parameters: it was given ours.

- neurolib counts rates in Hz; in it they follow the tables at once, as in the papers. Ours are Variables, so that they
  can be delayed and coupled, and follow with the lag tau_r; the test asks where they rest.
- Weights: the variance of the synapses sums w^2 r in neurolib, where a weight scales the amplitude c_gl of a spike from
  another region; ours sums w r, as weights are shares of the Ke_gl synapses. Augustin et al. 2017 and Cakan &
  Obermayer 2020 have one region, whose synapses enter as K c^2 r. The two agree where weights are 0 or 1; the test
  adds the difference elsewhere.
- neurolib's mue_ou and mui_ou, the means of its two noises, are our mue_ext and mui_ext; an OUProcess on mue_inp and
  mui_inp is its noise.
- Not ours: tau_de and tau_di (distributed delays), filter_sigma, and external rates, which neurolib switches off.
"""

NAMES = ["tau_se", "tau_si", "cee", "cie", "cei", "cii", "Jee_max", "Jie_max", "Jei_max", "Jii_max", "Ke", "Ki"]
NAMES += ["Ke_gl", "c_gl", "sigmae_ext", "sigmai_ext", "a", "b", "EA", "tauA", "C", "gL"]
RENAMED = {"mue_ext": "mue_ext_mean", "mui_ext": "mui_ext_mean"}
STATES = ["mufe", "mufi", "IA", "seem", "seim", "siem", "siim", "seev", "seiv", "siev", "siiv"]
RANGES = dict.fromkeys(STATES, (0.0, 1.0)) | dict.fromkeys(STATES[-4:], (0.001, 0.04))
RANGES |= {"mufe": (-0.5, 3.0), "mufi": (-0.5, 3.0), "IA": (0.0, 100.0)}
