"""Regimes of every model: a bank of regions along one parameter or input, from rest into motion."""

from typing import Any, NamedTuple

import numpy as np


class Regime(NamedTuple):
    """A bank of regions that differ in one Parameter or Input.

    ``fixed`` holds Parameters, Inputs and initial values that all share, bare; times are in ms. ``shows`` is what is
    compared after the transient: "cycles" (how far it swings, how often, and where along the bank it begins to), "levels" (the mean, and
    where it jumps) or "course" (the whole series).
    """

    along: str
    values: Any
    fixed: dict[str, Any]
    duration: float
    transient: float
    shows: str = "cycles"
    read: str = ""


def span(low: float, high: float, n: int = 12) -> np.ndarray:
    return np.linspace(low, high, n)


WILSON_COWAN = dict(wEE=16.0, wIE=12.0, wEI=15.0, wII=3.0)  # of the paper, with its slopes and thresholds
SIGMOIDS = dict(a_E=1.3, theta_E=4.0, a_I=2.0, theta_I=3.7)
PAPER = WILSON_COWAN | SIGMOIDS

REGIMES = {
    "ALNStep": [
        Regime("mue_ext", span(1.2, 1.4), dict(mui_ext=0.5), 2000, 1000),
        Regime("mue_ext", span(3.0, 4.0, 6), dict(mui_ext=1.2, a=15.0, b=40.0), 2000, 1000),
    ],
    "CoombesByrneStep": [Regime("eta", span(0.0, 8.0, 6), {}, 4, 0, "course")],
    "CoombesByrne4DStep": [Regime("eta", span(18.0, 24.0), {}, 150, 100)],
    "CostaThalamusStep": [Regime("g_h", span(0.03, 0.06), {}, 4000, 2000)],
    "DumontGutkinStep": [Regime("eta_i", span(-5.0, 20.0, 6), {}, 60, 0, "course")],
    "EpileptorStep": [Regime("x0", span(-2.2, -1.6), {}, 2500, 0)],
    "Epileptor2DStep": [Regime("x0", span(-2.2, -1.6), {}, 2500, 0)],
    "EpileptorRestingStateStep": [Regime("x0", span(-2.2, -1.6), {}, 2500, 0), Regime("a_rs", span(1.0, 4.0), {}, 2500, 0, read="x_rs")],
    "EpileptorCodim3Step": [Regime("dstar", span(-0.1, 0.3, 9), {}, 1000, 0)],
    "EpileptorCodim3SlowModStep": [Regime("dstar", span(-0.1, 0.3, 9), {}, 1000, 0)],
    "FitzHughNagumoStep": [Regime("V_inp", span(0.5, 1.0), {}, 1500, 700)],
    "GastSchmidtKnoscheSDStep": [Regime("eta", span(-6.0, -4.0), {}, 400, 200)],
    "GastSchmidtKnoscheSFStep": [Regime("alpha", span(5.0, 14.0), {}, 400, 200)],
    "Generic2dOscillatorStep": [Regime("I", span(2.0, 5.0), {}, 2000, 1000)],
    "HopfStep": [Regime("a", span(-0.05, 0.06), {}, 1000, 700)],
    "StuartLandauStep": [Regime("a", span(-0.05, 0.06), {}, 1000, 700)],
    "HopfieldStep": [Regime("x_inp", span(-1.0, 1.0, 3), {}, 10, 0, "course")],
    "HopfieldAdaptiveStep": [Regime("x_inp", span(0.2, 1.0, 5), {}, 20, 0, "course", "theta")],
    "HORNStep": [Regime("v", span(0.5, 2.0), dict(x_init=0.3), 400, 0, "course"), Regime("v", span(1.2, 1.35), dict(x_init=0.3), 3000, 2900, "levels")],
    "JansenRitStep": [Regime("E_inp", span(80.0, 110.0), dict(E_init=15.0), 8000, 7000, read="eeg"), Regime("E_inp", span(220.0, 330.0), {}, 8000, 7000, read="eeg")],
    "KIonExStep": [Regime("K_bath", span(5.5, 16.0, 5), {}, 3000, 0)],
    "KuramotoStep": [Regime("omega", span(0.2, 2.0, 4), {}, 200, 0, read="wave")],
    "LarterBreakspearStep": [Regime("d_V", span(0.49, 0.58), {}, 2000, 1000)],
    "LileyStep": [Regime("G_e", span(0.5, 1.3), {}, 1200, 800)],
    "LileySteynRossStep": [Regime("g_i", span(0.3, 1.5), {}, 800, 400), Regime("lamda", span(0.5, 1.5), {}, 400, 300, "levels")],
    "LinearStep": [Regime("x_inp", span(-1.0, 1.0, 3), {}, 1, 0, "course")],
    "LorenzStep": [Regime("rho", span(155.0, 165.0, 3), {}, 40, 20), Regime("rho", span(12.0, 28.0), {}, 40, 20)],
    "MontbrioPazoRoxinStep": [Regime("eta", span(-6.5, -2.0), dict(init_r=1.0, init_v=0.0), 40, 0, "course"), Regime("eta", span(-3.3, -3.0), dict(init_r=0.0, init_v=-2.0), 200, 190, "levels"), Regime("eta", span(-5.9, -5.6), dict(init_r=0.8, init_v=-0.2), 200, 190, "levels")],
    "ReducedWongWangStep": [Regime("w", span(0.6, 1.2), dict(init_S=0.05), 4000, 0, "course")],
    "ReducedSetFitzHughNagumoStep": [Regime("a", span(0.4, 1.0), {}, 400, 200)],
    "ReducedSetHindmarshRoseStep": [Regime("x0", span(-2.4, -2.0), {}, 600, 300)],
    "ThresholdLinearStep": [Regime("E_inp", span(-10.0, 200.0, 6), dict(wEE=24.3, wIE=19.7, wEI=12.2, wII=12.5), 200, 0, "course")],
    "VanDerPolStep": [Regime("y_inp", span(0.5, 1.1), {}, 200, 100)],
    "WendlingStep": [Regime("p", span(80.0, 160.0), {}, 6000, 4000, read="eeg"), Regime("B", span(10, 22), {}, 4000, 3000, read="eeg")],
    "WilsonCowanStep": [Regime("rE_inp", span(0.9, 2.1, 25), PAPER, 600, 400)],
    "WilsonCowanAdaptiveStep": [Regime("rE_inp", span(0.9, 2.1), PAPER, 1000, 800)],
    "WilsonCowanDelayedStep": [Regime("rE_inp", span(0.9, 3.9), PAPER, 600, 400)],
    "WilsonCowanDivisiveStep": [Regime("rE_inp", span(1.0, 1.8), dict(wEE=15.0, wIE=15.0, wEI=15.0, wII=0.0, tau_I=5.0) | SIGMOIDS, 600, 300)],
    "WilsonCowanDivisiveInputStep": [Regime("rE_inp", span(1.0, 1.8), dict(wEE=15.0, wIE=5.0, wEI=15.0, wII=0.0, tau_I=5.0) | SIGMOIDS, 600, 300)],
    "WilsonCowanLinearStep": [Regime("rE_inp", span(-0.1, 1.1), dict(wEE=3.0, wIE=3.0, wEI=3.0, wII=0.0, tau_I=5.0), 400, 200)],
    "WilsonCowanNoSaturationStep": [Regime("rE_inp", span(0.9, 3.4), PAPER, 600, 400)],
    "WilsonCowanSimplifiedStep": [Regime("rE_inp", span(0.5, 1.5), dict(w_exc=24.0, w_inh=24.0, tau_I=3.0) | SIGMOIDS, 600, 400)],
    "WilsonCowanSymmetricStep": [Regime("rE_inp", span(1.0, 2.7), WILSON_COWAN | dict(a=1.3, theta=4.0), 600, 400)],
    "WilsonCowanThreePopulationStep": [Regime("rE_inp", span(0.9, 2.1), PAPER, 600, 400)],
    "WongWangStep": [Regime("coherence", span(-0.5, 0.5, 11), dict(init_S1=0.1, init_S2=0.1), 1500, 0, "course")],
    "WongWangExcInhStep": [Regime("w_p", span(1.4, 2.0), {}, 3000, 0, "course")],
    "ZerlautFirstOrderStep": [Regime("nu_ext", span(0.001, 0.006), {}, 1500, 0, "course")],
    "ZerlautSecondOrderStep": [Regime("e_inp", span(0.0, 0.0005, 4), {}, 600, 0, "course")],
    "ZetterbergJansenStep": [Regime("gamma_5", span(0.0, 15.0), {}, 3000, 2000, read="v6"), Regime("P", span(0.08, 0.35), dict(gamma_5=0.0, U=0.0, Q=0.0), 6000, 5000, read="v6")],
}
