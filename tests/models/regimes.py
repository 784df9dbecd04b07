"""Regimes of every model: banks of regions along one parameter or input, in which it moves and over an edge of that."""

from typing import Any, NamedTuple

import numpy as np


class Regime(NamedTuple):
    """A bank of regions that differ in one Parameter or Input.

    ``fixed`` holds Parameters, constant Inputs and initial values that all share, bare; times are in ms. ``shows`` is
    what is compared: "cycles" (after the transient, how far ``read`` swings, how often, and where along the bank it
    begins to), "levels" (its mean then, and where along the bank that jumps) or "course" (the whole series).
    """

    along: str
    values: np.ndarray
    fixed: dict[str, Any]
    duration: float
    transient: float
    shows: str = "cycles"
    read: str = ""


def span(low: float, high: float, n: int = 12) -> np.ndarray:
    return np.linspace(low, high, n)


WEIGHTS = dict(wEE=16.0, wIE=12.0, wEI=15.0, wII=3.0)
SIGMOIDS = dict(a_E=1.3, theta_E=4.0, a_I=2.0, theta_I=3.7)
PAPER = WEIGHTS | SIGMOIDS
"""The set of Wilson & Cowan (1972)."""

REGIMES: dict[str, list[Regime]] = {
    "ALNStep": [
        Regime("mue_ext", span(1.2, 1.4, 9), dict(mui_ext=0.5), 500, 300),
        Regime("mue_ext", span(3.2, 3.6, 3), dict(mui_ext=1.2, a=15.0, b=40.0), 800, 600),
    ],
    "CoombesByrneStep": [
        Regime("eta", span(0.0, 8.0, 6), {}, 4, 0, "course"),
        Regime("eta", span(-6.5, -4.5), dict(v_syn=10.0), 60, 50, "levels"),
    ],
    "CoombesByrne4DStep": [Regime("eta", span(18.0, 24.0), {}, 150, 100)],
    "CostaThalamusStep": [Regime("g_h", span(0.04, 0.06, 6), {}, 3000, 1500)],
    "DumontGutkinStep": [Regime("eta_e", span(0.0, 6.0), dict(J_ei=15.0, J_ie=15.0, J_ii=0.0), 600, 400)],
    "EpileptorStep": [Regime("x0", span(-2.2, -1.6), {}, 2000, 0)],
    "Epileptor2DStep": [Regime("x0", span(-2.2, -1.6), {}, 2500, 0)],
    "EpileptorRestingStateStep": [
        Regime("x0", span(-2.2, -1.6), {}, 2000, 0),
        Regime("a_rs", span(1.0, 4.0), {}, 2000, 1000, read="x_rs"),
    ],
    "EpileptorCodim3Step": [Regime("dstar", span(-0.1, 0.3, 9), {}, 1000, 0)],
    "EpileptorCodim3SlowModStep": [Regime("dstar", span(-0.1, 0.3, 9), {}, 1000, 0)],
    "FitzHughNagumoStep": [Regime("V_inp", span(0.5, 1.0), {}, 1500, 700)],
    "GastSchmidtKnoscheSDStep": [Regime("eta", span(-6.0, -4.0), {}, 300, 150)],
    "GastSchmidtKnoscheSFStep": [Regime("alpha", span(5.0, 14.0), {}, 300, 150)],
    "Generic2dOscillatorStep": [Regime("I", span(2.0, 5.0), {}, 2000, 1000)],
    "HopfStep": [Regime("a", span(-0.05, 0.06), {}, 1000, 700)],
    "HopfieldStep": [Regime("x_inp", span(-1.0, 1.0, 3), {}, 10, 0, "course")],
    "HopfieldAdaptiveStep": [Regime("x_inp", span(0.2, 1.0, 5), {}, 20, 0, "course", "theta")],
    "HORNStep": [
        Regime("v", span(0.5, 2.0), dict(x_init=0.3), 400, 0, "course"),
        Regime("v", span(1.2, 1.35), dict(x_init=0.3), 2000, 1950, "levels"),
    ],
    "JansenRitStep": [
        Regime("E_inp", span(105.0, 125.0, 9), {}, 5000, 1000, read="eeg"),
        Regime("E_inp", span(220.0, 330.0), {}, 5000, 4000, read="eeg"),
    ],
    "KIonExStep": [Regime("Cl_i0", span(5.0, 6.5, 6), {}, 150, 75)],
    "KuramotoStep": [Regime("omega", span(0.2, 2.0, 4), {}, 200, 0, read="wave")],
    "LarterBreakspearStep": [Regime("d_V", span(0.52, 0.534), {}, 1500, 1000)],
    "LileyStep": [
        Regime("lamda", span(1.0, 1.4, 6), {}, 400, 0, "course"),
        Regime("lamda", span(1.0, 1.4), {}, 800, 750, "levels"),
    ],
    "LileySteynRossStep": [
        Regime("lamda", span(1.4, 1.7, 6), {}, 200, 0, "course"),
        Regime("lamda", span(1.4, 1.7), {}, 500, 490, "levels"),
    ],
    "LinearStep": [Regime("x_inp", span(-1.0, 1.0, 3), {}, 1, 0, "course")],
    "LorenzStep": [
        Regime("rho", span(20.0, 28.0, 5), {}, 3, 0, "course"),
        Regime("rho", span(12.0, 23.0), {}, 60, 50, "levels"),
    ],
    "MontbrioPazoRoxinStep": [
        Regime("eta", span(-5.5, -2.0), dict(init_r=1.0, init_v=0.0), 20, 0, "course"),
        Regime("eta", span(-3.3, -3.0), dict(init_r=0.0, init_v=-2.0), 200, 190, "levels"),
        Regime("eta", span(-5.9, -5.6), dict(init_r=0.8, init_v=-0.2), 200, 190, "levels"),
    ],
    "ReducedWongWangStep": [Regime("w", span(0.6, 1.2, 6), dict(init_S=0.05), 3000, 0, "course")],
    "ReducedSetFitzHughNagumoStep": [Regime("a", span(0.6, 1.0, 9), {}, 400, 200)],
    "ReducedSetHindmarshRoseStep": [
        Regime("x0", span(-2.4, -1.6, 5), {}, 15, 0, "course"),
        Regime("x0", span(-2.4, -2.1, 7), {}, 300, 200, "edge"),
    ],
    "StuartLandauStep": [Regime("a", span(-0.05, 0.06), {}, 1000, 700)],
    "ThresholdLinearStep": [
        Regime("E_inp", span(-10.0, 200.0, 6), dict(wEE=24.3, wIE=19.7, wEI=12.2, wII=12.5), 200, 0, "course")
    ],
    "VanDerPolStep": [Regime("y_inp", span(0.5, 1.1), {}, 200, 100)],
    "WendlingStep": [Regime("A", span(3.25, 4.5), {}, 3000, 1500, read="eeg")],
    "WilsonCowanStep": [Regime("rE_inp", span(0.9, 2.1, 25), PAPER, 400, 200)],
    "WilsonCowanAdaptiveStep": [Regime("rE_inp", span(0.9, 2.1), PAPER, 800, 700)],
    "WilsonCowanDelayedStep": [Regime("rE_inp", span(0.9, 3.9), PAPER, 400, 200)],
    "WilsonCowanDivisiveStep": [
        Regime("rE_inp", span(1.0, 1.8), dict(wEE=15.0, wIE=15.0, wEI=15.0, wII=0.0, tau_I=5.0) | SIGMOIDS, 600, 300)
    ],
    "WilsonCowanDivisiveInputStep": [
        Regime("rE_inp", span(1.0, 1.8), dict(wEE=15.0, wIE=5.0, wEI=15.0, wII=0.0, tau_I=5.0) | SIGMOIDS, 600, 300)
    ],
    "WilsonCowanLinearStep": [
        Regime("rE_inp", span(-0.1, 1.1), dict(wEE=3.0, wIE=3.0, wEI=3.0, wII=0.0, tau_I=5.0), 400, 200)
    ],
    "WilsonCowanNoSaturationStep": [Regime("rE_inp", span(0.9, 3.4), PAPER, 400, 200)],
    "WilsonCowanSimplifiedStep": [
        Regime("rE_inp", span(0.5, 1.5), dict(w_exc=24.0, w_inh=24.0, tau_I=3.0) | SIGMOIDS, 600, 400)
    ],
    "WilsonCowanSymmetricStep": [Regime("rE_inp", span(1.0, 2.7), WEIGHTS | dict(a=1.3, theta=4.0), 400, 200)],
    "WilsonCowanThreePopulationStep": [Regime("rE_inp", span(0.9, 2.1), PAPER, 400, 200)],
    "WongWangStep": [Regime("coherence", span(-0.5, 0.5, 6), dict(init_S1=0.1, init_S2=0.1), 1500, 0, "course")],
    "WongWangExcInhStep": [Regime("w_p", span(1.4, 2.0, 6), {}, 1500, 0, "course")],
    "ZerlautFirstOrderStep": [
        Regime("nu_ext", span(0.001, 0.004, 6), {}, 500, 0, "course"),
        Regime("nu_ext", span(0.0042, 0.0046, 5), {}, 300, 290, "levels"),
    ],
    "ZerlautSecondOrderStep": [Regime("e_inp", span(0.0, 0.0002, 3), {}, 50, 0, "course")],
    "ZetterbergJansenStep": [
        Regime(
            "P", span(0.11, 0.35), dict(gamma_5=0.0, U=0.0, Q=0.0, gamma_1T=0.0, gamma_3T=0.0), 3000, 2000, read="v6"
        )
    ],
}
