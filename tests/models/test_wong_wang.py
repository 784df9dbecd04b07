"""The Wong–Wang family: the f-I curve, resting rates, decisions, and their memory."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

import brainmass as bm
from brainmass.models.reduced_wong_wang import firing_rate

pytestmark = pytest.mark.usefixtures("x64")


def curve(drive, d):
    """The f-I curve as published, in Hz, of drive = a I − b in Hz."""
    return drive / (1 - np.exp(-d * drive))


def simulated(node, duration, dt=0.5, **options):
    names = list(node.declarations(bm.Variable))
    found = bm.Simulator(node, dt=dt).run(duration, monitors=names, **options)
    return np.stack([np.asarray(found[n]) for n in names], 1)


# -- f-I curve ---------------------------------------------------------------------------------------------------------


def test_the_curve_is_the_published_one():
    drive = np.array([-200.0, -30.0, -1.4, -1.2, 0.3, 1.2, 1.4, 50.0, 400.0])
    np.testing.assert_allclose(firing_rate(drive, 0.154), curve(drive, 0.154), rtol=1e-12)


def test_the_curve_is_smooth_through_its_removable_singularity():
    d = 0.154

    def derivatives(x):
        slope = jax.grad(firing_rate)
        return firing_rate(x, d), slope(x, d), jax.grad(slope)(x, d)

    edge = 0.2 / d  # where the series takes over
    grid = np.r_[0.0, edge * (1 - 1e-12), edge, -edge * (1 - 1e-12), -edge, np.linspace(-40, 40, 2001)]
    rate, slope, bend = (np.asarray(v) for v in jax.jit(jax.vmap(derivatives))(grid))
    np.testing.assert_allclose([rate[0], slope[0], bend[0]], [1 / d, 0.5, d / 6], rtol=1e-14)
    for value, tolerance in ((rate, 1e-11), (slope, 1e-11), (bend, 1e-9)):
        np.testing.assert_allclose(value[[1, 3]], value[[2, 4]], rtol=tolerance)
    assert slope[5:].min() > 0
    assert bend[5:].min() > 0
    step = grid[6] - grid[5]
    np.testing.assert_allclose(np.diff(rate[5:]) / step, (slope[6:] + slope[5:-1]) / 2, rtol=1e-4)


@pytest.mark.parametrize("drive", [-1e6, -1e3, 0.0, 1e3, 1e6])
def test_the_curve_and_its_gradient_are_finite_in_float32(drive):
    value, slope = jax.value_and_grad(firing_rate)(jnp.float32(drive), jnp.float32(0.154))
    assert np.isfinite([value, slope]).all()
    assert value >= 0


# -- one population ----------------------------------------------------------------------------------------------------


def reduced_balance(S, w, I_o):
    H = curve(270.0 * (w * 0.2609 * S + I_o) - 108.0, 0.154) / 1000
    return -S / 100.0 + (1 - S) * 0.641 * H


def test_reduced_model_bistable_and_monostable():
    """With strong recurrence a region alone has a low and a high state, with weak one; the balance decides."""
    grid = np.linspace(0.0, 1.0, 401)
    for w, I_o, states in ((1.2, 0.3, 3), (0.6, 0.33, 1)):
        values = np.array([reduced_balance(S, w, I_o) for S in grid])
        at = np.nonzero(values[1:] * values[:-1] < 0)[0]
        roots = [optimize.brentq(reduced_balance, grid[i], grid[i + 1], args=(w, I_o), xtol=1e-14) for i in at]
        assert len(roots) == states
        start = np.array([0.0, 1.0])
        found = simulated(bm.ReducedWongWangStep(2, w=w, I_o=I_o, init_S=start), 20_000.0, 1.0)[-1, 0]
        np.testing.assert_allclose(found, [roots[0], roots[-1]], rtol=1e-8)


# -- excitation and inhibition -----------------------------------------------------------------------------------------


def test_excitation_inhibition_rests_at_the_published_rate():
    """Deco et al. 2014: 3.06 Hz, S_E = 0.1648, a current 0.026 nA below b/a: what inhibition tuning keeps."""
    S_e, S_i = simulated(bm.WongWangExcInhStep(1), 5000.0)[-1, :, 0]
    x_e = 1.4 * 0.15 * S_e - S_i + 0.382
    assert abs(curve(310 * x_e - 125, 0.16) - 3.0631) < 0.03
    assert abs(S_e - 0.164757) < 1e-3
    assert abs(x_e - 125 / 310 + 0.026) < 5e-4


def test_local_inhibition_differs_by_region():
    J_i = np.array([0.8, 1.0, 1.3])
    S_e, S_i = simulated(bm.WongWangExcInhStep(3, J_i=J_i), 5000.0)[-1]
    assert (np.diff(S_e) < -0.005).all()
    x_e, x_i = 1.4 * 0.15 * S_e - J_i * S_i + 0.382, 0.15 * S_e - S_i + 0.7 * 0.382
    np.testing.assert_allclose(S_e / 100, (1 - S_e) * 0.641e-3 * curve(310 * x_e - 125, 0.16), rtol=1e-8)
    np.testing.assert_allclose(S_i / 10, 1e-3 * curve(615 * x_i - 177, 0.087), rtol=1e-8)


# -- decisions ---------------------------------------------------------------------------------------------------------


def trials(coherence, first=0.1, second=0.1, duration=2000.0, **arguments):
    """One trial per region, started at the gatings ``first`` and ``second``."""
    coherence = np.atleast_1d(np.asarray(coherence, float))
    n = len(coherence)
    node = bm.WongWangStep(n, init_S1=np.broadcast_to(first, n), init_S2=np.broadcast_to(second, n), **arguments)
    held = {"coherence": np.tile(coherence, (round(duration / 0.5), 1))}
    run = bm.Simulator(node, dt=0.5).run(duration, monitors=["S1", "S2", "r1", "r2"], inputs=held)
    return {name: np.asarray(getattr(run[name], "mantissa", run[name])) for name in ("S1", "S2", "r1", "r2")}


def test_no_stimulus_no_decision():
    """Low symmetric rates; and a decision that was made before is held, as working memory."""
    found = trials([0.0, 0.0], first=np.array([0.1, 0.7]), duration=4000.0, mu_0=0.0)
    rest, memory = ({name: series[-1, i] for name, series in found.items()} for i in (0, 1))
    np.testing.assert_allclose(rest["S1"], rest["S2"], rtol=1e-6)
    assert rest["r1"] < 5
    assert memory["r1"] > 15 > 3 > memory["r2"]


def test_the_favoured_population_wins():
    """By evidence or by a head start; the other one in the mirrored trial."""
    head = np.array([0.1, 0.101, 0.1])
    won = trials([0.1, 0.0, 0.512], first=head)
    lost = trials([-0.1, 0.0, -0.512], second=head)
    assert (won["r1"][-1] > 15).all()
    assert (won["r2"][-1] < 5).all()
    np.testing.assert_allclose(won["S1"], lost["S2"], rtol=1e-9)
    np.testing.assert_allclose(won["S2"], lost["S1"], rtol=1e-9)


def test_strong_evidence_is_faster():
    found = trials([0.064, 0.256, 0.512])["r1"]
    times = np.argmax(found > 15, axis=0)
    assert times[0] > times[1] > times[2] > 0
