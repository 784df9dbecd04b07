"""Random numbers are what they claim to be, and noise has the law that its equation says, at any time step."""

import functools

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import linalg, special, stats

import brainmass as bm
from brainmass.numerics import random_numbers
from brainmass.numerics.random_numbers import Key
from tests.reference import normal_coefficients

# -- words -------------------------------------------------------------------------------------------------------------

# key, counter, words: the known answers that Random123 publishes with its generators
KNOWN = [
    (13, (0x00000000, 0x00000000), (0x00000000, 0x00000000), (0x9D1C5EC6, 0x8BD50731)),
    (13, (0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0xFD36D048, 0x2D17272C)),
    (13, (0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xBA3E4725, 0xF27D669E)),
    (20, (0x00000000, 0x00000000), (0x00000000, 0x00000000), (0x6B200159, 0x99BA4EFE)),
    (20, (0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    (20, (0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
    (32, (0x00000000, 0x00000000), (0x00000000, 0x00000000), (0xCEE3D47E, 0xA23DFD5C)),
    (32, (0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x6E2FE0D0, 0xB1B76F82)),
]


@pytest.mark.parametrize(("rounds", "key", "counter", "words"), KNOWN)
def test_threefry_gives_the_known_answers(rounds, key, counter, words):
    found = random_numbers.threefry(Key(*map(jnp.uint32, key)), *(jnp.full(1, c, jnp.uint32) for c in counter), rounds)
    assert tuple(int(word[0]) for word in found) == words


def edges():
    """Words at the ends of the range and on both sides of every power of two, with both signs."""
    powers = 2.0 ** np.arange(31)
    places = np.concatenate([np.arange(3000), *(powers + d for d in (-1, 0, 1)), 2.0**31 - np.arange(1, 3001)])
    places = np.unique(places[places >= 0]).astype(np.uint64)
    return np.concatenate([2 * places, 2 * places + 1]).astype(np.uint32)


def exact_normal(words):
    tail = ((words >> 1).astype(float) + 0.5) * 2.0**-32
    return np.where(words % 2, -1.0, 1.0) * -special.ndtri(tail)


def assert_normals_exact(words):
    z = np.asarray(jax.jit(random_numbers.normal)(jnp.asarray(words)), float)
    assert np.isfinite(z).all()
    error = np.abs(z - exact_normal(words))
    assert error.max() < 3e-5, (hex(words[error.argmax()]), error.max())
    return z


def test_normals_at_every_edge_of_the_range():
    words = edges()
    z = assert_normals_exact(words)
    np.testing.assert_array_equal(z[: len(z) // 2], -z[len(z) // 2 :])
    assert 6.2 < z.max() < 6.4


def test_normals_are_the_same_numbers_in_float64(x64):
    assert_normals_exact(edges())


def test_normals_everywhere():
    assert_normals_exact(np.random.default_rng(0).integers(0, 2**32, 2_000_000, dtype=np.uint32))
    assert_normals_exact(np.arange(0, 2**32, 4099, dtype=np.uint64).astype(np.uint32))


@pytest.mark.slow
@pytest.mark.parametrize("eighth", range(8))
def test_normals_of_all_words(eighth):
    for block in range(64):
        first = (eighth * 64 + block) * 2**23
        assert_normals_exact(np.arange(first, first + 2**23, dtype=np.uint64).astype(np.uint32))


@pytest.mark.slow
def test_the_committed_script_gives_the_coefficients():
    logarithm, error = normal_coefficients.fit_logarithm()
    assert error < 3e-8
    np.testing.assert_allclose(random_numbers._LOG, logarithm, rtol=1e-6)
    quantile, middle, error = normal_coefficients.fit_quantile()
    assert error < 3e-5
    assert random_numbers._SHIFT == normal_coefficients.SHIFT
    assert abs(random_numbers._MIDDLE / middle - 1) < 1e-12
    np.testing.assert_allclose(random_numbers._INVERSE, quantile, rtol=1e-6)


def test_coefficients_have_the_stated_errors():
    m = np.cos(np.linspace(0, np.pi, 100_001)) / 3
    assert np.abs(np.polyval(random_numbers._LOG, m) - normal_coefficients.logarithm(m)).max() < 3e-8
    low, high = normal_coefficients.span()
    root = (low + high) / 2 + (high - low) / 2 * np.cos(np.linspace(0, np.pi, 100_001))
    signed = normal_coefficients.tail(np.maximum(root**2 - random_numbers._SHIFT, 1e-14))[1]
    error = np.polyval(random_numbers._INVERSE, root - random_numbers._MIDDLE) - normal_coefficients.quantile(root)
    assert np.abs(error * signed).max() < 3e-5


# -- sequences ---------------------------------------------------------------------------------------------------------


@functools.partial(jax.jit, static_argnums=2)
def normals(key, steps, n, simulations):
    return random_numbers.normals({"": key}, steps, n, simulations)[""]


def sequence(steps, n, simulations, seed=1, name="node.x", first=0):
    """What a run draws, (step, n, simulation)."""
    at = jnp.arange(first, first + steps, dtype=jnp.uint32)
    return np.asarray(normals(named_key(seed, name), at, n, jnp.arange(simulations, dtype=jnp.uint32)), float)


@functools.cache
def named_key(seed, name):
    return random_numbers.streams(random_numbers.seed_key(seed), [name])[name]


def assert_standard(z):
    """Moments, tails and the distribution of independent standard normals."""
    assert_moments(z)
    assert stats.kstest(z.ravel(), "norm").pvalue > 1e-3


def assert_moments(z):
    """Moments and tails of independent standard normals, each within 4.5 standard errors."""
    n = z.size
    for power, mean, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96), (6, 15, 10170)):
        assert abs((z**power).mean() - mean) < 4.5 * np.sqrt(variance / n)
    for limit in (1, 2, 3, 4):
        tail = 2 * stats.norm.sf(limit)
        assert abs((np.abs(z) > limit).sum() - n * tail) < 4.5 * np.sqrt(n * tail)


def assert_unrelated(one, other):
    """Two sequences, and their squares, do not correlate: within 4.5 standard errors."""
    for transform in (lambda z: z, lambda z: (z**2 - 1) / np.sqrt(2)):
        a, b = transform(one).ravel(), transform(other).ravel()
        assert abs((a * b).mean()) < 4.5 / np.sqrt(a.size)


def test_draws_are_standard_normal():
    assert_standard(sequence(2000, 100, 5))


@pytest.mark.slow
def test_forty_million_draws_are_standard_normal():
    """Four stretches of one stream; their p-values are taken together (Fisher), as one alone may be small by chance."""
    chances = []
    for first in range(0, 80_000, 20_000):
        z = sequence(20_000, 100, 5, first=first)
        assert_moments(z)
        chances.append(stats.kstest(z.ravel(), "norm").pvalue)
    assert stats.combine_pvalues(chances).pvalue > 1e-3


def test_steps_regions_and_simulations_are_independent():
    z = sequence(2000, 100, 5)
    for lag in (1, 2, 3, 4, 8, 15, 16, 17, 32, 64, 100, 128, 256, 512, 1024):
        assert_unrelated(z[lag:], z[:-lag])
    for lag in (1, 2, 3, 4, 8, 16, 32, 64, 99):
        assert_unrelated(z[:, lag:], z[:, :-lag])
    for lag in (1, 2, 3, 4):
        assert_unrelated(z[..., lag:], z[..., :-lag])
    assert_unrelated(z[1:, 1:], z[:-1, :-1])
    between = np.corrcoef(z.reshape(2000, -1).T) - np.eye(500)
    assert np.abs(between).max() * np.sqrt(2000) < 6  # 4.6 is the largest of 124750 on average


def test_seeds_and_streams_are_independent():
    z = sequence(1000, 50, 4)
    assert_unrelated(z, sequence(1000, 50, 4, seed=2))
    assert_unrelated(z, sequence(1000, 50, 4, seed=1 + 2**32))
    assert_unrelated(z, sequence(1000, 50, 4, name="node.y"))
    assert_unrelated(sequence(1000, 50, 4, seed=3, name="node.y"), sequence(1000, 50, 4, seed=4, name="node.x"))


def test_neighbouring_seeds_give_unrelated_first_draws():
    def begin(seed):
        key = random_numbers.streams(random_numbers.seed_key(seed), ["node.x"])["node.x"]
        return random_numbers.normals({"": key}, jnp.zeros(1, jnp.uint32), 10, jnp.zeros(1, jnp.uint32))[""].ravel()

    first = np.asarray(jax.jit(jax.vmap(begin))(jnp.arange(2000)), float)
    np.testing.assert_allclose(first[7], sequence(1, 10, 1, seed=7).ravel(), rtol=1e-5)
    assert_standard(first)
    assert_unrelated(first[1:], first[:-1])


def test_a_draw_depends_on_its_absolute_place_alone():
    whole = sequence(40, 6, 5)
    np.testing.assert_allclose(sequence(7, 6, 3, first=21), whole[21:28, :, :3], rtol=1e-5)
    later = normals(named_key(1, "node.x"), jnp.arange(40, dtype=jnp.uint32), 6, jnp.array([4], jnp.uint32))
    np.testing.assert_allclose(later[..., 0], whole[..., 4], rtol=1e-5)


def test_no_two_words_repeat_more_often_than_chance():
    key = named_key(1, "node.x")
    steps, regions = np.divmod(np.arange(2**20, dtype=np.uint32), 1024)
    words = np.asarray(jax.jit(lambda a, b: random_numbers.threefry(key, a, b)[0])(steps.astype(np.uint32), regions))
    expected = 2**20 * 2**20 / 2 / 2**32  # 128 pairs
    assert abs(2**20 - len(np.unique(words)) - expected) < 4.5 * np.sqrt(expected)


# -- Ornstein–Uhlenbeck ------------------------------------------------------------------------------------------------

BANK = 20_000
"""Independent regions; a variance is known to 1 % from one sample of each."""


def assert_variance(found, expected, samples=BANK):
    """Within 4.5 standard errors of a variance from independent Gaussian samples."""
    assert abs(found / expected - 1) < 4.5 * np.sqrt(2 / samples)


@pytest.mark.parametrize("dt", [0.1, 3.0, 40.0])
def test_an_ou_process_has_its_law_at_any_dt(dt):
    sigma, tau, mean, steps = 0.8, 10.0, 0.3, 48
    noise = bm.OUProcess(BANK, sigma=sigma, tau=tau, mean=mean)
    x = bm.Simulator(noise, dt=dt).run(steps * dt, seed=4)["output"].astype(float) - mean
    law = sigma**2 / 2
    for at in (0, 1, steps // 2, steps - 1):  # stationary from the beginning
        assert abs(x[at].mean()) < 4.5 * np.sqrt(law / BANK)
        assert_variance(x[at].var(), law)
        assert stats.kstest(x[at] / np.sqrt(law), "norm").pvalue > 1e-3
    for lag in (1, 5, 20, 40):
        correlation = np.exp(-lag * dt / tau)
        error = np.sqrt((1 + correlation**2) / BANK)
        assert abs((x[:-lag] * x[lag:]).mean(1)[0] / law - correlation) < 4.5 * error
    # each step is the exact transition, of the exact variance and independent of the past
    decay = np.exp(-dt / tau)
    kicks = x[1:] - decay * x[:-1]
    assert_variance(kicks.var(), law * (1 - decay**2), samples=kicks.size)
    assert abs(np.corrcoef(kicks.ravel(), x[:-1].ravel())[0, 1]) < 4.5 / np.sqrt(kicks.size)


def test_an_ou_process_may_start_elsewhere():
    noise = bm.OUProcess(BANK, sigma=0.8, tau=10.0, mean=0.3, init=2.0)
    x = bm.Simulator(noise, dt=1.0).run(20.0, seed=4)["output"].astype(float)
    t = np.arange(1, 21)
    np.testing.assert_allclose(x.mean(1), 0.3 + 1.7 * np.exp(-t / 10), atol=4.5 * 0.6 / np.sqrt(BANK))
    for at in (0, 9, 19):
        assert_variance(x[at].var(), 0.32 * (1 - np.exp(-2 * t[at] / 10)))


@pytest.mark.parametrize("method", ["euler", "heun"])
def test_an_ou_process_with_another_method_tends_to_its_law(method):
    noise = bm.OUProcess(BANK, sigma=0.8, tau=10.0, method=method)
    x = bm.Simulator(noise, dt=0.1).run(4.8, seed=4)["output"].astype(float)
    assert abs(x[-1].var() / 0.32 - 1) < 4.5 * np.sqrt(2 / BANK) + 0.01  # O(dt/τ)


def test_a_noise_converts_its_unit_to_that_of_the_input():
    def driven(sigma):
        node = bm.JansenRitStep(4, noise_E=bm.OUProcess(4, sigma=sigma, tau=20.0 * u.ms))
        return bm.Simulator(node, dt=0.5).run(50.0, monitors="E", seed=2)["output"]

    bare, other = driven(30.0), driven(0.03 * u.kHz)
    assert np.ptp(bare.to_decimal(u.mV), 0).min() > 1e-3
    np.testing.assert_allclose(other.to_decimal(u.mV), bare.to_decimal(u.mV), rtol=1e-5)


# -- white noise -------------------------------------------------------------------------------------------------------


def stationary(matrix, drive, amplitudes):
    """Mean and covariance of dx = (matrix x + drive) dt + amplitudes dW."""
    covariance = linalg.solve_continuous_lyapunov(matrix, -np.diag(np.square(amplitudes)))
    return -np.linalg.solve(matrix, drive), covariance


def white_hopf(method, bank=BANK):
    """A linear one: σ in 1/√ms on x."""
    a, w, sigma, mean = -0.5, 0.3, 0.4, 0.2
    noise = bm.WhiteNoise(bank, sigma=sigma, mean=mean)
    node = bm.HopfStep(bank, a=a, w=w, beta=0.0, noise_x=noise, init_x=0.0, init_y=0.0, method=method)
    return node, ("x", "y"), (1, 1), stationary(np.array([[a, -w], [w, a]]), [mean, 0.0], [sigma, 0.0]), 30.0


def white_jansen_rit(method, bank=BANK // 4):
    """Without the way back from M its E is a linear filter of second order: σ in Hz·√ms on E_inp, drawn into Ev."""
    gain, rate, sigma, mean = 3.25, 0.1, 0.04, 0.1  # mV, 1/ms, √ms/ms, 1/ms
    noise = bm.WhiteNoise(bank, sigma=sigma * 1e3 * u.Hz * u.ms**0.5, mean=mean * 1e3 * u.Hz)
    node = bm.JansenRitStep(bank, a2=0.0, noise_E=noise, method=method)
    matrix = np.array([[0.0, 1.0], [-(rate**2), -2 * rate]])
    return (
        node,
        ("E", "Ev"),
        (u.mV, u.mV / u.ms),
        stationary(matrix, [0, gain * rate * mean], [0, gain * rate * sigma]),
        120.0,
    )


WHITE = [(white_hopf, "exp_euler"), (white_hopf, "heun"), (white_jansen_rit, "exp_euler")]
WHITE += [pytest.param(white_hopf, method, marks=pytest.mark.slow) for method in ("euler", "rk4")]
WHITE += [pytest.param(white_jansen_rit, method, marks=pytest.mark.slow) for method in ("euler", "heun", "rk4")]


@pytest.mark.parametrize(("build", "method"), WHITE)
def test_white_noise_drives_the_same_mean_and_variance_at_dt_and_a_quarter(build, method):
    for dt in (0.1, 0.025):
        node, names, units, (mean, covariance), duration = build(method)
        sim = bm.Simulator(node, dt=dt)
        found = sim.run(duration, monitors=list(names), transient=(duration - dt) * u.ms, seed=6)
        x = np.stack([np.asarray(found[v][0] / unit, float) for v, unit in zip(names, units, strict=True)])
        bias = 1.3 * dt * (0.5 if build is white_hopf else 0.1)  # of first order in dt; a missing √dt would be a factor
        scale = np.sqrt(np.diag(covariance))
        assert (np.abs(x.mean(1) - mean) < 4.5 * scale / np.sqrt(x.shape[1]) + bias * np.abs(mean)).all()
        error = (np.cov(x) - covariance) / np.outer(scale, scale)
        assert np.abs(error).max() < 4.5 * np.sqrt(2 / x.shape[1]) + bias


@pytest.mark.filterwarnings("ignore:dt=0.5 ms is")
@pytest.mark.parametrize("method", ["exp_euler", "heun", pytest.param("rk4", marks=pytest.mark.slow)])
def test_a_large_step_keeps_the_variance_of_a_linear_node(method):
    """Of all methods but Euler–Maruyama, which has 1/(1 − 0.125) here."""
    noise = bm.WhiteNoise(BANK, sigma=1.0)
    node = bm.HopfStep(BANK, a=-0.5, w=0.0, beta=0.0, noise_x=noise, init_x=0.0, init_y=0.0, method=method)
    x = bm.Simulator(node, dt=0.5).run(20.0, transient=12.0 * u.ms, seed=6)["output"].astype(float)
    error = np.mean(x**2) - 1.0
    correlation = np.exp(-0.25 * np.abs(np.subtract.outer(np.arange(16), np.arange(16))))
    assert abs(error) < 0.01 + 4.5 * np.sqrt(2 * np.mean(correlation**2) / BANK)


@pytest.mark.parametrize("noise", [bm.OUProcess, bm.WhiteNoise])
def test_a_bare_sigma_has_the_unit_of_the_input_whatever_that_of_the_mean(noise):
    scale = u.Hz if noise is bm.OUProcess else u.Hz * u.ms**0.5
    given = [dict(sigma=30.0, mean=100.0), dict(sigma=30.0, mean=0.1 * u.kHz), dict(sigma=30.0 * scale, mean=100.0)]
    runs = [
        bm.Simulator(bm.JansenRitStep(2, noise_E=noise(2, **g)), dt=0.1).run(20.0, monitors="E", seed=1) for g in given
    ]
    for run in runs[1:]:
        np.testing.assert_allclose(run["output"].mantissa, runs[0]["output"].mantissa, rtol=1e-5)
    with pytest.raises(ValueError, match=r"mean=0\.1 mV has the unit mV"):
        bm.JansenRitStep(2, noise_E=noise(2, sigma=30.0, mean=0.1 * u.mV))
    with pytest.raises(ValueError, match="sigma has the shape"):
        noise(2, sigma=np.ones(3))


@pytest.mark.parametrize("method", ["euler", "heun", "rk4", "symplectic"])
def test_white_noise_has_nothing_to_integrate(method):
    sim = bm.Simulator(bm.HopfStep(2, noise_x=bm.WhiteNoise(2, sigma=0.1, method=method)), dt=0.1)
    wanted = bm.Simulator(bm.HopfStep(2, noise_x=bm.WhiteNoise(2, sigma=0.1)), dt=0.1).run(2.0, seed=1)["output"]
    np.testing.assert_array_equal(sim.run(2.0, seed=1)["output"], wanted)
    with pytest.raises(TypeError, match="WhiteNoise has no variables to run"):
        bm.Simulator(bm.WhiteNoise(2))


# -- streams -----------------------------------------------------------------------------------------------------------


def test_adding_a_noise_changes_no_other_stream():
    def levels(**noises):
        node = bm.HopfStep(6, w=0.0, beta=0.0, a=-0.1, **noises)
        monitors = ["x", "y"] + [f"{name}.x" for name, noise in noises.items() if not noise.is_white]
        return bm.Simulator(node, dt=0.1).run(10.0, monitors=monitors, seed=9)

    def coloured():
        return bm.OUProcess(6, sigma=0.2, tau=4.0)

    x, both = levels(noise_x=coloured()), levels(noise_x=coloured(), noise_y=coloured())
    white = levels(noise_x=coloured(), noise_y=bm.WhiteNoise(6, sigma=0.1))
    for other in (both, white):
        np.testing.assert_allclose(other["noise_x.x"].mantissa, x["noise_x.x"].mantissa, rtol=1e-5)
        np.testing.assert_allclose(other["x"], x["x"], rtol=1e-4, atol=1e-6)
        assert np.abs(other["y"] - x["y"]).max() > 1e-2
    assert (both["noise_x.x"] != both["noise_y.x"]).all()


def test_white_noises_on_one_input_add_their_variances():
    bank = 4000
    node = bm.HopfStep(bank, a=-0.5, w=0.0, beta=0.0, noise_x=bm.WhiteNoise(bank, sigma=0.3))
    net = bm.Network(node, conn=np.zeros((bank, bank)), noise=bm.WhiteNoise(bank, sigma=0.4), coupled_var="x")
    x = bm.Simulator(net, dt=0.1).run(10.0, seed=3)["output"]
    assert_variance(x[-1].var(), 0.5**2 / 2 / 0.5, samples=bank)


class Shared(bm.StateSpace):
    """One drive of two variables: dx = (−x + drive) dt, dy = (−2 y − 3 drive) dt."""

    x = bm.Variable(0.0)
    y = bm.Variable(0.0)
    drive = bm.Input(u.ms**-1, additive=True, noise="noise")

    @staticmethod
    def drift(s, p, inp):
        return dict(x=-s.x / u.ms + inp.drive, y=-2 * s.y / u.ms - 3 * inp.drive)


class Twice(bm.StateSpace):
    """Two drives of one variable with a diffusion of its own: dx = (−x + p + 2 q) dt + 0.3 dW."""

    x = bm.Variable(0.0)
    p_inp = bm.Input(u.ms**-1, additive=True)
    q_inp = bm.Input(u.ms**-1, additive=True)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=-s.x / u.ms + inp.p_inp + 2 * inp.q_inp)

    @staticmethod
    def diffusion(s, p):
        return dict(x=0.3 / u.ms**0.5)


def test_one_white_noise_drives_two_variables_together():
    node = Shared(BANK, noise=bm.WhiteNoise(BANK, sigma=0.5))
    found = bm.Simulator(node, dt=0.02).run(8.0, monitors=["x", "y"], transient=7.98 * u.ms, seed=3)
    x = np.stack([found["x"][0], found["y"][0]]).astype(float)
    reach = 0.5 * np.array([1.0, -3.0])
    covariance = linalg.solve_continuous_lyapunov(np.diag([-1.0, -2.0]), -np.outer(reach, reach))
    scale = np.sqrt(np.diag(covariance))
    assert np.abs((np.cov(x) - covariance) / np.outer(scale, scale)).max() < 4.5 * np.sqrt(2 / BANK) + 0.02


@pytest.mark.parametrize("names", [[], ["noise_p"], ["noise_q"], ["noise_p", "noise_q"]])
def test_noises_of_one_variable_add_their_variances(names):
    sigmas = {"noise_p": 0.4, "noise_q": 0.25}
    node = Twice(BANK, **{name: bm.WhiteNoise(BANK, sigma=sigmas[name]) for name in names})
    x = bm.Simulator(node, dt=0.02).run(8.0, seed=3)["output"][-1].astype(float)
    assert_variance(x.var(), (0.09 + sum({"noise_p": 0.16, "noise_q": 0.25}[name] for name in names)) / 2)
