"""The Hopf normal form: amplitude, frequency and decay in closed form."""

import brainunit as u
import numpy as np
import pytest

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")


def simulated(duration, dt=0.01, **arguments):
    node = bm.HopfStep(3, method="rk4", **arguments)
    found = bm.Simulator(node, dt=dt).run(duration, monitors=["x", "y"])
    return found["ts"].to_decimal(u.ms), found["x"] + 1j * found["y"]


@pytest.mark.parametrize(("a", "beta", "w"), [(0.2, 1.0, 0.3), (0.5, 2.5, 1.1)])
def test_amplitude_and_frequency_of_the_limit_cycle(a, beta, w):
    t, z = simulated(100.0, a=a, beta=beta, w=w, init_x=np.array([0.01, 0.6, 2.0]), init_y=0.0)
    late = t > 80 if a < 0.3 else t > 60
    np.testing.assert_allclose(np.abs(z[late]), np.sqrt(a / beta), rtol=1e-6)
    phase = np.unwrap(np.angle(z), axis=0)
    np.testing.assert_allclose((phase[-1] - phase[0]) / (t[-1] - t[0]), w, rtol=1e-9)


def test_units_of_the_parameters():
    _, z = simulated(20.0, a=200.0 * u.Hz, w=300.0 * u.Hz, beta=1.0 / u.ms, init_x=0.1, init_y=0.2)
    _, bare = simulated(20.0, a=0.2, w=0.3, beta=1.0, init_x=0.1, init_y=0.2)
    np.testing.assert_allclose(z, bare, rtol=1e-12)


def test_decay_and_frequency_below_the_bifurcation():
    a, w = -0.15, 0.4
    t, z = simulated(40.0, a=a, w=w, init_x=np.array([1e-6, 2e-6, -1e-6]), init_y=1e-6)
    at = t > 1.0
    logarithm = np.log(np.abs(z[at]))
    np.testing.assert_allclose(np.diff(logarithm, axis=0) / 0.01, a, rtol=1e-6)
    np.testing.assert_allclose(np.diff(np.unwrap(np.angle(z[at]), axis=0), axis=0) / 0.01, w, rtol=1e-6)


def test_growth_above_the_bifurcation():
    a = 0.15
    _, z = simulated(10.0, a=a, w=0.4, init_x=1e-8, init_y=0.0)
    np.testing.assert_allclose(np.diff(np.log(np.abs(z)), axis=0) / 0.01, a, rtol=1e-6)


def test_it_leaves_its_unstable_fixed_point_by_default():
    x = bm.Simulator(bm.HopfStep(50), dt=0.1).run(200.0, seed=1)["output"]
    assert x[-500:].std(0).min() > 0.2


def test_input_is_additive():
    """At the fixed point of a driven, linear node: (a, −w; w, a) (x, y) + input = 0."""
    a, w, drive = -0.5, 0.3, np.array([0.1, -0.2])
    node = bm.HopfStep(1, a=a, w=w, beta=0.0, init_x=0.0, init_y=0.0)
    held = {name: np.full(2000, value) for name, value in zip(("x_inp", "y_inp"), drive, strict=True)}
    found = bm.Simulator(node, dt=0.05).run(100.0, monitors=["x", "y"], inputs=held)
    x, y = np.linalg.solve([[a, -w], [w, a]], -drive)
    np.testing.assert_allclose([found["x"][-1, 0], found["y"][-1, 0]], [x, y], rtol=1e-9)
