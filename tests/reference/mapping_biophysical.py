"""How the parameters, states and inputs of TVB and neurolib are ours: potassium exchange, Liley's cortex, thalamus.

Read by the scripts that ask them (`rhs_tvb_biophysical.py`, `rhs_neurolib_thalamus.py`) and by the test that compares.
A parameter or state of ours has the value of theirs that is called alike, unless ``renamed`` (ours -> theirs) or ``of``
(ours -> function of their values) says otherwise; parameters in ``fixed`` have no counterpart. ``inputs`` are functions
of what drives them, c: the coupling channels of TVB, the external currents of neurolib. Of theirs, ``set`` parameters
are given and ``ranges`` replace the ranges of random states. What the test adds to our slopes because they depart from
the equations is in ``defect`` (ours -> function of our states and parameters). ``note`` says why.
"""

from math import e, pi, sqrt
from typing import Any

IONS = {
    "g_Cl": 7.5,
    "g_Na": 40.0,
    "g_K": 22.0,
    "g_Nal": 0.02,
    "g_Kl": 0.12,
    "rho": 250.0,
    "V_T": 26.64,
    "omega_i": 2160.0,
    "omega_o": 720.0,
    "K_i0": 130.0,
    "K_o0": 4.8,
    "Na_i0": 16.0,
    "Na_o0": 138.0,
    "Cl_i0": 5.0,
    "Cl_o0": 112.0,
}

TVB: dict[str, dict[str, Any]] = {
    "KIonEx": dict(
        ours="KIonExStep",
        module="tvb.simulator.models.k_ion_exchange",
        fixed=IONS,
        inputs=dict(r_inp=lambda c, q: q["R_minus"] / pi * c[0]),
        ranges={"V": (-80.0, 30.0), "DKi": (-1.5, 1.0), "Kg": (0.0, 6.0)},
        defect={"V": lambda s, p: -p["J"] * p["R_minus"] * s["x"] / pi * (p["E"] - s["V"])},
        note="""In the equation of V TVB leaves out the population's own synapses, J r (E - V) of equation 25 of Rabuffo
        et al. (2026), as those authors note beside their code (grabuffo/ion-exchange-neural-mass, MIT); the term -J r x
        of the equation of x is there. TVB couples x and turns it into a rate by R_minus / pi; we couple the rate. TVB
        has the conductances, volumes and concentrations built in. In its own ranges of DKi and Kg potassium may be
        negative outside.""",
    ),
    "LileySteynRoss": dict(
        ours="LileySteynRossStep",
        module="tvb.contrib.simulator.models.liley_steynross",
        renamed={"h_e": "he", "h_i": "hi", "lamda": "lambd"},
        of={"G_e": lambda q: q["G_e"] / e, "G_i": lambda q: q["G_i"] / e},
        fixed={"S_e_max": 1.0, "S_i_max": 1.0},
        inputs=dict(h_inp=lambda c, q: c[0]),
        note="""A potential of the peak G is G e gamma t exp(-gamma t), with the area e G / gamma; TVB leaves out
        Euler's number, so its peak is G / e. It adds its coupling inside every sigmoid, those of the local cells too,
        which is our h_inp, and ignores its second channel and its parameters A_ee and A_ei.""",
    ),
}

NEUROLIB: dict[str, Any] = dict(
    ours="CostaThalamusStep",
    renamed={"x_et": "ds_et", "x_gt": "ds_gt", "x_er": "ds_er", "x_gr": "ds_gr"},
    set={"C1": pi / sqrt(3.0)},
    inputs=dict(V_t_inp=lambda c, q: -c[0], V_r_inp=lambda c, q: -c[1]),
    ranges={
        "V_t": (-80.0, -45.0),
        "V_r": (-80.0, -45.0),
        "Ca": (1e-4, 1e-3),
        "h_T_t": (0.0, 1.0),
        "h_T_r": (0.0, 1.0),
        "m_h1": (0.0, 1.0),
        "m_h2": (0.0, 1.0),
        "s_et": (0.0, 0.2),
        "s_gt": (0.0, 0.5),
        "s_er": (0.0, 0.3),
        "s_gr": (0.0, 1.0),
        "ds_et": (-0.02, 0.02),
        "ds_gt": (-0.02, 0.02),
        "ds_er": (-0.02, 0.02),
        "ds_gr": (-0.02, 0.02),
    },
    defect={"x_et": lambda s, p: p["gamma_e"] ** 2 * s["s_et"] + 2.0 * p["gamma_e"] * s["x_et"]},
    note="""neurolib takes one thalamus and no cortex. It leaves s_et, the excitation from the cortex, without decay:
    its second derivative is noise alone, where the paper has the same filter as for the other synapses. Its external
    currents hyperpolarise where they are positive. C1 is no parameter of ours; its default there has eleven digits.""",
)
