"""Every noise has the spectrum, the moments and the correlations that its docstring claims, at any time step."""

import itertools

import brainstate
import brainunit as u
import jax
import numpy as np
import pytest

import brainmass as bm

BANK = 2000


def standalone(noise, duration, dt=0.1, seed=3, what=None):
    """The level of a noise that runs by itself, (time, region)."""
    level = what or (lambda m: m.level(m.bare_states(), m.bare_parameters()))
    return np.asarray(bm.Simulator(noise, dt=dt).run(duration, monitors=level, seed=seed)["output"], float)


def slope(noise, low, high, dt=0.1, steps=2**16):
    """The exponent of the power spectrum between two frequencies in Hz, from 40 realisations."""
    x = standalone(noise(40), steps * dt, dt)
    window = np.hanning(steps)[:, None]
    power = (np.abs(np.fft.rfft(window * (x - x.mean(0)), axis=0)) ** 2).mean(1)
    frequency = np.fft.rfftfreq(steps, dt * 1e-3)
    edges = np.geomspace(low, high, 8)
    bins = [(frequency >= a) & (frequency < b) for a, b in itertools.pairwise(edges)]
    middle = np.sqrt(edges[:-1] * edges[1:])
    return np.polyfit(np.log(middle), np.log([power[b].mean() for b in bins]), 1)[0]


COLOURS = {
    "pink": (bm.PinkNoise, -1.0, (1, 80)),
    "beta 0.5": (lambda n: bm.ColoredNoise(n, beta=0.5), -0.5, (1, 80)),
    "beta 1": (lambda n: bm.ColoredNoise(n), -1.0, (1, 80)),
    "beta 1.5": (lambda n: bm.ColoredNoise(n, beta=1.5), -1.5, (1, 80)),
    "Brownian": (lambda n: bm.BrownianNoise(n, sigma=1.0), -2.0, (2, 200)),
    "blue": (bm.BlueNoise, 1.0, (1, 50)),
    "violet": (bm.VioletNoise, 2.0, (1, 40)),
}


@pytest.mark.parametrize("colour", COLOURS)
def test_the_power_spectrum_has_its_exponent(colour):
    noise, exponent, (low, high) = COLOURS[colour]
    assert abs(slope(noise, low, high) - exponent) < 0.15


def assert_moments(x, mean, sd):
    """Of independent Gaussians, within 4.5 standard errors."""
    assert abs(x.mean() - mean) < 4.5 * sd / np.sqrt(x.size)
    assert abs(x.var() / sd**2 - 1) < 4.5 * np.sqrt(2 / x.size)


@pytest.mark.parametrize("dt", [0.1, 5.0])
@pytest.mark.parametrize("noise", [bm.PinkNoise, bm.ColoredNoise])
def test_sums_of_modes_are_stationary_from_the_beginning_at_any_dt(noise, dt):
    x = standalone(noise(BANK, sigma=0.4, mean=-1.0), 40 * dt, dt)
    for at in (0, 7, 39):
        assert_moments(x[at], -1.0, 0.4)


@pytest.mark.parametrize(("noise", "settled"), [(bm.VioletNoise, 0), (bm.BlueNoise, 199)])
def test_rising_noises_have_the_sigma_asked_for(noise, settled):
    x = standalone(noise(8 * BANK, sigma=0.4, mean=0.2), 20.0)
    for at in (settled, 199):
        assert abs(x[at].std() / 0.4 - 1) < 0.03 + 4.5 / np.sqrt(2 * x[at].size)
        assert abs(x[at].mean() - 0.2) < 4.5 * 0.4 / np.sqrt(x[at].size)


@pytest.mark.parametrize("dt", [0.1, 2.0])
def test_brownian_motion_spreads_as_the_root_of_time(dt):
    x = standalone(bm.BrownianNoise(BANK, sigma=0.3, mean=1.0), 40.0, dt)
    t = dt * np.arange(1, len(x) + 1)
    for at in (0, len(x) // 2, -1):
        assert_moments(x[at], 1.0, 0.3 * np.sqrt(t[at]))
    steps = np.diff(x, axis=0)
    assert abs(np.corrcoef(steps[:-1].ravel(), steps[1:].ravel())[0, 1]) < 4.5 / np.sqrt(steps[1:].size)


@pytest.mark.parametrize("dt", [0.1, 0.025])
@pytest.mark.parametrize("method", ["exp_euler", "heun"])
def test_multiplicative_noise_makes_a_geometric_brownian_motion(method, dt):
    rate, sigma, t, n = -0.05, 0.2, 10.0, 20_000
    noise = bm.MultiplicativeNoise(n, sigma=sigma)
    node = bm.LinearStep(n, gamma=rate, init_x=2.0, noise_x=noise, method=method)
    x = np.asarray(bm.Simulator(node, dt=dt).run(t, seed=1)["output"][-1], float)
    log = np.log(x / 2.0)  # Itô: mean (rate − σ²/2) t, variance σ² t
    bias = 0.02 * dt / 0.1
    assert abs(log.var() / (sigma**2 * t) - 1) < 4.5 * np.sqrt(2 / n) + bias
    assert abs(log.mean() - (rate - sigma**2 / 2) * t) < 4.5 * sigma * np.sqrt(t / n) + bias
    assert abs(x.mean() / (2 * np.exp(rate * t)) - 1) < 4.5 * np.sqrt(np.expm1(sigma**2 * t) / n) + bias


def test_multiplicative_noise_needs_an_additive_input_and_no_unit():
    with pytest.raises(ValueError, match="white noise"):
        bm.WilsonCowanStep(2, noise_E=bm.MultiplicativeNoise(2))
    bm.JansenRitStep(2, noise_E=bm.MultiplicativeNoise(2))
    with pytest.raises(ValueError, match="sigma"):
        bm.MultiplicativeNoise(2, sigma=0.1 * u.mV)


# -- correlation of the regions ----------------------------------------------------------------------------------------

CORRELATION = np.array([[1.0, 0.8, -0.3], [0.8, 1.0, 0.1], [-0.3, 0.1, 1.0]])


def assert_correlated(x):
    found = np.corrcoef(x.T)
    assert np.abs(found - CORRELATION).max() < 4.5 / np.sqrt(len(x))


def test_regions_of_a_white_noise_correlate_as_asked():
    noise = bm.WhiteNoise(3, sigma=np.array([0.1, 0.5, 2.0]), correlation=CORRELATION)
    node = bm.LinearStep(3, gamma=-1.0, noise_x=noise, init_x=0.0)
    x = np.asarray(bm.Simulator(node, dt=1.0).run(20_000.0, seed=2)["output"], float)
    kicks = x[1:] - np.exp(-1.0) * x[:-1]
    assert_correlated(kicks)
    expected = np.array([0.1, 0.5, 2.0]) ** 2 * (1 - np.exp(-2.0)) / 2
    np.testing.assert_allclose(kicks.var(0), expected, rtol=0.06)


@pytest.mark.parametrize("batched", [False, True])
def test_a_filtered_noise_correlates_from_its_first_value(batched):
    noise = bm.OUProcess(3, sigma=1.0, tau=5.0, correlation=CORRELATION)
    sim = bm.Simulator(noise, dt=1.0)
    if batched:
        x = np.asarray(sim.run(2.0, batch_size=20_000, seed=2)["output"][0], float)
        assert_correlated(x)
    else:
        x = np.asarray(sim.run(20_000.0, seed=2)["output"], float)
        assert_correlated(x[1:] - np.exp(-0.2) * x[:-1])


def test_stepping_by_hand_correlates_too():
    brainstate.random.seed(0)
    brainstate.environ.set(dt=1.0 * u.ms)
    noise = bm.OUProcess(3, sigma=1.0, tau=5.0, correlation=np.ones((3, 3)))
    noise.init_state()
    for _ in range(3):
        noise.update()
        assert np.ptp(np.asarray(noise.x.value)) < 1e-6
        assert abs(noise.x.value[0]) > 0


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (np.eye(2), r"shape \(2, 2\)"),
        (2 * np.eye(3), "ones on the diagonal"),
        (np.array([[1, 0.5, 0], [0.1, 1, 0], [0, 0, 1]]), "symmetric"),
        (np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]), "negative eigenvalue"),
        (np.full((3, 3), np.nan), "correlation"),
    ],
)
def test_a_correlation_that_is_none_is_refused(matrix, said):
    with pytest.raises(ValueError, match=said):
        bm.OUProcess(3, correlation=matrix)


def test_a_correlation_is_not_changed_behind_a_compiled_run():
    with pytest.raises(AttributeError):
        bm.OUProcess(3, correlation=CORRELATION).correlation = np.eye(3)


# -- a series of the user ----------------------------------------------------------------------------------------------

SERIES = np.random.default_rng(0).normal(size=(60, 3))


def driven(noise=None, dt=0.5, duration=30.0, **options):
    node = bm.HopfStep(3, noise_x=noise, init_x=0.1, init_y=0.0)
    net = bm.Network(node, conn=np.ones((3, 3)), delays=np.full((3, 3), 2.0), coupled_var="y", k=0.1)
    return bm.Simulator(net, dt=dt).run(duration, monitors="x", **options)["output"]


def test_a_series_is_the_input_that_it_holds():
    exact = dict(rtol=1e-5, atol=1e-6)  # to rounding: the programs are two
    np.testing.assert_allclose(driven(bm.NoiseSeries(3, values=SERIES)), driven(inputs={"x_inp": SERIES}), **exact)
    same_everywhere = np.repeat(SERIES[:, :1], 3, 1)
    np.testing.assert_allclose(
        driven(bm.NoiseSeries(3, values=SERIES[:, 0])), driven(inputs={"x_inp": same_everywhere}), **exact
    )


def test_a_series_is_held_between_its_values_and_cut_anywhere():
    held = np.repeat(SERIES, 4, 0)
    slow, fast = bm.NoiseSeries(3, values=SERIES, dt=2.0 * u.ms), bm.NoiseSeries(3, values=held)
    np.testing.assert_array_equal(driven(slow, duration=100.0), driven(fast, duration=100.0))
    node = bm.HopfStep(3, noise_x=slow, init_x=0.1, init_y=0.0)
    sim = bm.Simulator(node, dt=0.5)
    whole = sim.run(50.0)["output"]
    parts = [sim.run(23.5)["output"], sim.run(26.5, init_states=False)["output"]]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_series_has_units_a_scale_and_adds_to_inputs():
    values = SERIES * 10
    bare = bm.JansenRitStep(3, noise_E=bm.NoiseSeries(3, values=values))
    other = bm.JansenRitStep(3, noise_E=bm.NoiseSeries(3, values=values * 1e-3 * u.kHz))
    scaled = bm.JansenRitStep(3, noise_E=bm.NoiseSeries(3, values=values / 4, scale=2.0))
    runs = [bm.Simulator(node, dt=1.0).run(60.0)["output"] for node in (bare, other)]
    runs += [bm.Simulator(scaled, dt=1.0).run(60.0, inputs={"E_inp": values / 2})["output"]]
    runs += [bm.Simulator(scaled, dt=1.0).run(60.0, values={"noise_E.scale": 4.0})["output"]]
    assert np.ptp(runs[0].to_decimal(u.mV), 0).min() > 1e-3
    for run in runs[1:]:
        np.testing.assert_allclose(run.to_decimal(u.mV), runs[0].to_decimal(u.mV), rtol=1e-4, atol=1e-6)
    f = bm.Simulator(bare, dt=1.0).function(60.0, vary=["noise_E.scale"])
    np.testing.assert_allclose(f({"noise_E.scale": 1.0}, 0)["output"], runs[0].to_decimal(u.mV), rtol=1e-5, atol=1e-6)


def test_a_series_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"60 values last 60\.0 ms, but the run ends at 61\.0 ms"):
        driven(bm.NoiseSeries(3, values=SERIES), dt=1.0, duration=61.0)
    for values, said in ((SERIES.T, "shape"), (np.nan * SERIES, "finite"), (1.0, "shape"), (SERIES * u.mV, "mV")):
        with pytest.raises(ValueError, match=said):
            driven(bm.NoiseSeries(3, values=values))
    node = bm.HopfStep(3, noise_x=bm.NoiseSeries(3, values=SERIES))
    brainstate.environ.set(dt=1.0 * u.ms)
    node.init_state()
    with pytest.raises(TypeError, match="by hand"):
        node.update()


@pytest.mark.parametrize("beta", [-1.0, np.float32(3), [0.5, 3.0]])
def test_a_beta_out_of_range_is_refused(beta):
    with pytest.raises(ValueError, match="BlueNoise"):
        bm.ColoredNoise(2, beta=beta)
    noise = bm.ColoredNoise(2)
    with pytest.raises(ValueError, match="BlueNoise"):
        noise.beta = beta


@pytest.mark.parametrize("noise", [bm.BlueNoise, bm.VioletNoise])
def test_a_step_that_skips_the_low_pass_is_refused(noise):
    with pytest.raises(ValueError, match="larger fastest"):
        bm.Simulator(noise(2), dt=0.5).run(10.0)
    sim = bm.Simulator(noise(2, fastest=2.5), dt=0.5)
    sim.run(10.0)
    with pytest.raises(ValueError, match="larger fastest"):
        sim.run(10.0, values={"fastest": 1.0})
    with pytest.raises(ValueError, match="larger fastest"):
        sim.function(10.0, vary="fastest")({"fastest": 1.0}, 0)


def test_time_constants_are_positive_and_correlations_of_one_dimension():
    for tau in (0.0, -1.0 * u.ms):
        with pytest.raises(ValueError, match="above 0 ms"):
            bm.OUProcess(2, tau=tau)
    with pytest.raises(ValueError, match="one dimension"):
        bm.OUProcess((2, 3), correlation=np.eye(6))


def test_what_shapes_a_noise_is_not_traced():
    for make in (lambda x: bm.NoiseSeries(2, x), lambda x: bm.OUProcess(2, correlation=x)):
        with pytest.raises(ValueError, match="is traced; make the noise outside"):
            jax.jit(lambda x, make=make: make(x).bare_parameters())(np.eye(2))
