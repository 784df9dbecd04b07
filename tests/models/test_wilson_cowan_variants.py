"""The Wilson–Cowan variants: where they reduce to the standard class, which weight is which, and own behaviour."""

import numpy as np
import pytest

import brainmass as bm
from brainmass.models.wilson_cowan import response

pytestmark = pytest.mark.usefixtures("x64")

STANDARD = dict(wEE=12.0, wIE=4.0, wEI=13.0, wII=11.0)


def slopes(name, extra=None, drive=None, **arguments):
    """Of E and I at random states, with ``extra`` further states and inputs, per ms."""
    rng = np.random.default_rng(0)
    node = getattr(bm, name)(50, **arguments)
    s = {"rE": rng.uniform(size=50), "rI": rng.uniform(size=50)} | (extra or {})
    inputs = {"rE_inp": rng.normal(size=50), "rI_inp": rng.normal(size=50)} if drive is None else drive
    return {n: np.asarray(v) for n, v in node.bare_drift(s, node.bare_parameters(), inputs).items()}


def same(first, second):
    for name in ("rE", "rI"):
        np.testing.assert_allclose(first[name], second[name], rtol=1e-12)


ZERO = np.zeros(50)
REDUCTIONS = {
    "NoSaturation": ({}, {}, {"r": 0.0}),
    "Symmetric": ({}, {}, dict(a_E=1.1, a_I=1.1, theta_E=3.4, theta_I=3.4)),
    "Simplified": ({}, {}, dict(wEE=8.0, wEI=8.0, wIE=12.0, wII=12.0)),
    "Divisive": (dict(wIE=0.0, wII=0.0), {}, dict(wEE=6.0, wEI=6.5, wIE=0.0, wII=0.0)),
    "DivisiveInput": (dict(wIE=0.0, wII=0.0), {}, dict(wEE=6.0, wEI=6.5, wIE=0.0, wII=0.0)),
    "Delayed": ({}, {}, {}),
    "Adaptive": ({}, {"aE": ZERO, "aI": ZERO}, {}),
    "ThreePopulation": ({}, {"rM": ZERO}, {}),
}


@pytest.mark.parametrize("variant", REDUCTIONS)
def test_reduces_to_the_standard_class(variant):
    own, extra, standard = REDUCTIONS[variant]
    same(slopes(f"WilsonCowan{variant}Step", extra, **own), slopes("WilsonCowanStep", **standard))


@pytest.mark.parametrize("variant", ["NoSaturation", "Symmetric", "Linear", "Divisive", "DivisiveInput", "Adaptive"])
def test_wXY_is_the_weight_from_X_to_Y(variant):
    """Each weight moves the slope of its second letter only, in proportion to the activity of its first."""
    kind, drive = getattr(bm, f"WilsonCowan{variant}Step"), {"rE_inp": 1.0, "rI_inp": 1.0}
    for X in "EI":
        for Y in "EI":
            for activity, felt in ((0.3, True), (0.0, False)):
                s = {"rE": np.array([0.2]), "rI": np.array([0.1])} | {f"r{X}": np.array([activity])}
                s |= {n: np.zeros(1) for n in kind.declarations(bm.Variable) if n not in s}
                at = [
                    kind(1, **{f"w{X}{Y}": w}).bare_drift(s, kind(1, **{f"w{X}{Y}": w}).bare_parameters(), drive)
                    for w in (0.5, 0.6)
                ]
                moved = {n for n in ("rE", "rI") if float(at[0][n][0]) != float(at[1][n][0])}
                assert moved == ({f"r{Y}"} if felt else set()), (X, Y)


def test_three_populations_have_weights_from_and_to_M():
    rates = {"rE": np.array([0.2]), "rI": np.array([0.1]), "rM": np.array([0.4])}
    node = bm.WilsonCowanThreePopulationStep(1)
    found = node.bare_drift(rates, node.bare_parameters(), {})
    drives = {
        "rE": (12 * 0.2 - 4 * 0.1 + 8 * 0.4, 1.2, 2.8, 1.0),
        "rI": (13 * 0.2 - 11 * 0.1 + 6 * 0.4, 1.0, 4.0, 1.0),
        "rM": (4 * 0.2 - 2 * 0.1 + 2 * 0.4, 1.0, 3.5, 2.0),
    }
    for name, (drive, slope, threshold, tau) in drives.items():
        wanted = (-rates[name] + (1 - rates[name]) * response(drive, slope, threshold)) / tau
        np.testing.assert_allclose(found[name], wanted, rtol=1e-12)


def settled(node, duration=400.0, drive=1.0):
    names = list(node.declarations(bm.Variable))
    held = {"rE_inp": np.full(round(duration / 0.1), drive)}
    run = bm.Simulator(node, dt=0.1).run(duration, monitors=names, inputs=held)
    return {n: np.asarray(run[n])[-1, 0] for n in names}


def test_linear_variant_balances_in_closed_form():
    """With I silenced, rE = (1 − rE)(wEE rE + J): a quadratic."""
    found = settled(bm.WilsonCowanLinearStep(1, wEI=0.0), drive=0.5)
    root = np.roots([0.8, 1 - 0.8 + 0.5, -0.5]).max()
    np.testing.assert_allclose(found["rE"], root, rtol=1e-9)
    assert found["rI"] == 0


def test_divisive_inhibition_divides():
    weak, strong = (
        slopes("WilsonCowanDivisiveStep", wIE=w, sigma_E=0.5, drive={"rE_inp": 2.0})["rE"] for w in (0.0, 4.0)
    )
    rng = np.random.default_rng(0)
    E, I = rng.uniform(size=50), rng.uniform(size=50)
    np.testing.assert_allclose((strong + E) / (weak + E), 0.5 / (0.5 + 4.0 * I), rtol=1e-10)


def test_adaptation_settles_at_its_gain_and_lowers_the_rate():
    found = settled(bm.WilsonCowanAdaptiveStep(1, b_E=2.0, b_I=0.5, tau_aE=20.0, tau_aI=10.0))
    np.testing.assert_allclose([found["aE"], found["aI"]], [2.0 * found["rE"], 0.5 * found["rI"]], rtol=1e-8)
    assert found["rE"] < settled(bm.WilsonCowanStep(1))["rE"] - 0.01


def test_delays_reach_back_as_far_as_they_say():
    """Against Euler steps with an explicit history, each of the four delays another."""
    dt, steps = 0.1, 300
    delays = dict(delay_EE=2.0, delay_IE=0.7, delay_EI=0.0, delay_II=1.5)
    node = bm.WilsonCowanDelayedStep(1, method="euler", rE_init=0.1, rI_init=0.05, **delays)
    held = {"rE_inp": np.full(steps, 1.5), "rI_inp": np.zeros(steps)}
    run = bm.Simulator(node, dt=dt).run(steps * dt, monitors=["rE", "rI"], inputs=held)
    E, I = [0.1], [0.05]
    for t in range(steps):

        def then(series, X, Y, t=t):
            return series[max(t - round(delays[f"delay_{X}{Y}"] / dt), 0)]

        to_E = 12 * then(E, "E", "E") - 4 * then(I, "I", "E") + 1.5
        to_I = 13 * then(E, "E", "I") - 11 * then(I, "I", "I")
        E.append(E[-1] + dt * (-E[-1] + (1 - E[-1]) * float(response(to_E, 1.2, 2.8))))
        I.append(I[-1] + dt * (-I[-1] + (1 - I[-1]) * float(response(to_I, 1.0, 4.0))))
    np.testing.assert_allclose(run["rE"][:, 0], E[1:], rtol=1e-9)
    np.testing.assert_allclose(run["rI"][:, 0], I[1:], rtol=1e-9)
    assert np.ptp(E) > 0.2
