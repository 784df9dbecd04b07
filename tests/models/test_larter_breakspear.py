"""The Larter–Breakspear column: its equilibrium, where it starts to oscillate, and what couples."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")

NAMES = ("V", "W", "Z")


def step(x, midpoint, width):
    return 0.5 * (1 + np.tanh((x - midpoint) / width))


def equilibrium(d_V):
    """From the equations of the paper: Ż = 0 gives V, then Ẇ = 0 gives W, and V̇ = 0 gives Z."""
    V = optimize.brentq(lambda v: 0.4 * 0.3 + 2.0 * v * step(v, 0, d_V), -0.3, 0.0)
    W, QV = step(V, 0.0, 0.3), step(V, 0.0, d_V)
    calcium = (1.1 + 0.9 * 0.25 * 0.4 * QV) * step(V, -0.01, 0.15) * (V - 1.0)
    sodium = (6.7 * step(V, 0.3, 0.15) + 0.9 * 0.4 * QV) * (V - 0.53)
    rest = -calcium - sodium - 2.0 * W * (V + 0.7) - 0.5 * (V + 0.5) + 0.3
    Z = optimize.brentq(lambda z: rest - 2.0 * z * step(z, 0.0, 0.7), 0.0, 5.0)
    return np.array([V, W, Z])


@pytest.fixture
def growth(x64):
    """The slope at the equilibrium, and the growth rate there, of the spread of the excitatory thresholds."""
    node = bm.LarterBreakspearStep(1)
    p = node.bare_parameters()

    def field(x, d_V):
        slopes = node.bare_drift({n: x[i : i + 1] for i, n in enumerate(NAMES)}, p | {"d_V": d_V}, {})
        return jnp.concatenate([slopes[n] for n in NAMES])

    field, matrix = jax.jit(field), jax.jit(jax.jacfwd(field))

    def at(d_V):
        x = equilibrium(d_V)
        values = np.linalg.eigvals(matrix(x, d_V))
        return field(x, d_V), values[np.argmax(values.real)]

    return at


def test_the_equilibrium_is_that_of_the_equations(growth):
    for d_V in (0.5, 0.55, 0.65):
        np.testing.assert_allclose(growth(d_V)[0], 0.0, atol=1e-12)


def test_oscillations_begin_at_the_hopf_point(growth):
    """Below it the column rests; a little above, it swings with the frequency of the critical eigenvalues."""
    critical = optimize.brentq(lambda d: growth(d)[1].real, 0.48, 0.6)
    frequency = abs(growth(critical)[1].imag)
    assert 0.50 < critical < 0.53
    d_V = critical + np.array([-0.01, 0.002])
    start = np.array([equilibrium(d) for d in d_V]).T + 0.003
    begin = {f"init_{n}": value for n, value in zip(NAMES, start, strict=True)}
    node = bm.LarterBreakspearStep(2, d_V=d_V, method="rk4", **begin)
    x = np.asarray(bm.Simulator(node, dt=0.1).run(5000.0, transient=4000.0)["output"])
    assert np.ptp(x[:, 0]) < 1e-4
    assert 1e-3 < np.ptp(x[:, 1]) < 0.1
    above = np.nonzero(np.diff(np.sign(x[:, 1] - x[:, 1].mean())) > 0)[0]
    np.testing.assert_allclose(2 * np.pi / (np.diff(above).mean() * 0.1), frequency, rtol=0.03)


def test_a_synchronous_pair_receives_what_a_column_gives_itself():
    """The rate that C takes from the column comes back from its twin, so the pair moves as one column with C = 0."""
    start = dict(init_V=0.1, init_W=0.2, init_Z=0.05, method="euler")
    alone = bm.Simulator(bm.LarterBreakspearStep(1, C=0.0, **start), dt=0.05).run(100.0)["output"]
    pair = bm.Network(
        bm.LarterBreakspearStep(2, C=0.3, **start), conn=1 - np.eye(2), coupled_var="QV", coupling="additive", k=1.0
    )
    assert pair.target == "V_inp"
    found = bm.Simulator(pair, dt=0.05).run(100.0, monitors="V")["output"]
    np.testing.assert_allclose(found, np.repeat(alone, 2, axis=1), rtol=1e-9)
    assert np.ptp(alone) > 0.5
