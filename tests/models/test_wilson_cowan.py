"""The Wilson–Cowan node: its resting point, and which weight is which."""

import brainunit as u
import jax
import numpy as np
import pytest
from scipy import optimize

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")

STANDARD = dict(a_E=1.2, theta_E=2.8, a_I=1.0, theta_I=4.0, wEE=12.0, wIE=4.0, wEI=13.0, wII=11.0, r=1.0)


def F(x, a, theta):
    return 1 / (1 + np.exp(-a * (x - theta))) - 1 / (1 + np.exp(a * theta))


def balance(rates, E_drive=0.0, I_drive=0.0):
    """Zero at an equilibrium of the 1972 equations, written from the paper."""
    E, I = rates
    c = STANDARD
    to_E = c["wEE"] * E - c["wIE"] * I + E_drive
    to_I = c["wEI"] * E - c["wII"] * I + I_drive
    return [
        -E + (1 - c["r"] * E) * F(to_E, c["a_E"], c["theta_E"]),
        -I + (1 - c["r"] * I) * F(to_I, c["a_I"], c["theta_I"]),
    ]


def simulated(duration=200.0, start=(0.0, 0.0), E_drive=0.0, I_drive=0.0, **arguments):
    steps = round(duration / 0.05)
    node = bm.WilsonCowanStep(1, rE_init=start[0], rI_init=start[1], **arguments)
    inputs = {"rE_inp": np.full(steps, E_drive), "rI_inp": np.full(steps, I_drive)}
    found = bm.Simulator(node, dt=0.05).run(duration, monitors=["rE", "rI"], inputs=inputs)
    return np.array([found["rE"][-1, 0], found["rI"][-1, 0]])


@pytest.mark.parametrize(("start", "drive"), [((0.0, 0.0), (0.3, 0.0)), ((0.5, 0.3), (2.5, 0.5))])
def test_it_settles_where_the_equations_balance(start, drive):
    found = simulated(start=start, E_drive=drive[0], I_drive=drive[1])
    root = optimize.root(balance, found, args=drive, tol=1e-13)
    assert root.success
    assert found.min() > 1e-3
    np.testing.assert_allclose(found, root.x, rtol=1e-8)


def test_rest_without_drive_is_silence():
    np.testing.assert_allclose(simulated(start=(0.02, 0.02)), 0.0, atol=1e-12)


def test_defaults_are_the_standard_set():
    node = bm.WilsonCowanStep(1)
    assert {name: float(node.bare(name)) for name in STANDARD} == STANDARD
    assert [float(node.bare(name)) for name in ("tau_E", "tau_I")] == [1.0, 1.0]


def test_wXY_is_the_weight_from_X_to_Y():
    s = {"rE": np.array([0.3]), "rI": np.array([0.2])}

    def slopes(**weights):
        node = bm.WilsonCowanStep(1, **{**dict(wEE=0.0, wIE=0.0, wEI=0.0, wII=0.0), **weights})
        found = node.bare_drift(s, node.bare_parameters(), {})
        return float(found["rE"][0]), float(found["rI"][0])

    E, I = slopes()
    changes = {
        name: (slopes(**{name: 5.0})[0] - E, slopes(**{name: 5.0})[1] - I) for name in ("wEE", "wIE", "wEI", "wII")
    }
    assert changes["wEE"][0] > 0.01  # excites E
    assert changes["wIE"][0] < -0.01  # I inhibits E
    assert changes["wEI"][1] > 0.01  # E excites I
    assert changes["wII"][1] < -0.001  # I inhibits itself
    assert all(changes[name][1] == 0 for name in ("wEE", "wIE"))
    assert all(changes[name][0] == 0 for name in ("wEI", "wII"))


def test_time_constants_scale_the_two_equations():
    s = {"rE": np.array([0.3]), "rI": np.array([0.2])}
    node, slow = bm.WilsonCowanStep(1), bm.WilsonCowanStep(1, tau_E=4.0, tau_I=0.02 * u.second)
    fast_slopes = node.bare_drift(s, node.bare_parameters(), {})
    slow_slopes = slow.bare_drift(s, slow.bare_parameters(), {})
    np.testing.assert_allclose(fast_slopes["rE"] / slow_slopes["rE"], 4.0, rtol=1e-12)
    np.testing.assert_allclose(fast_slopes["rI"] / slow_slopes["rI"], 20.0, rtol=1e-12)


def test_drift_at_random_states_is_that_of_the_paper():
    rng = np.random.default_rng(0)
    rates, drive = rng.random((2, 100)), rng.normal(size=(2, 100))
    node = bm.WilsonCowanStep(100)
    s, inputs = dict(rE=rates[0], rI=rates[1]), dict(rE_inp=drive[0], rI_inp=drive[1])
    found = jax.jit(node.bare_drift)(s, node.bare_parameters(), inputs)
    np.testing.assert_allclose([found["rE"], found["rI"]], balance(rates, *drive), rtol=1e-12, atol=1e-14)
