"""Stimuli: each is its formula, its edges fall on the right step, and none drifts within an hour."""

import dataclasses
import pickle
from fractions import Fraction

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray

from brainmass.stimulus import Alpha, Chirp, Gaussian, Noise, PulseTrain, Ramp, Series, Sine, Step, Stimulus
from tests.compiles import compilations

HOUR = 36_000_000  # steps of 0.1 ms
DT = 0.1
SAMPLES = np.array([[1.0, 5.0], [-2.0, 0.0], [4.0, 1.0]])


def within(t, onset, offset=np.inf):
    return (t >= onset) & (t < offset)


def alpha(t):
    s = np.maximum(t - 20.0, 0.0) / 8.0
    return 0.7 * s * np.exp(1 - s)


def chirp(t):
    s = t - 10.0
    return within(t, 10, 90) * 0.7 * np.sin(2e-3 * np.pi * (40.0 * s + (5.0 - 40.0) / 80.0 * s**2 / 2) + 0.2)


def series(t):
    values = np.vstack([SAMPLES, SAMPLES[-1:]])
    columns = [np.interp(t, 5.0 + 7.3 * np.arange(4), values[:, i]) for i in (0, 1)]
    return within(t, 5.0, 5.0 + 3 * 7.3)[:, None] * np.stack(columns, 1)


KINDS = {
    "Step": (Step(0.7, 10, 60), lambda t: 0.7 * within(t, 10, 60)),
    "endless Step": (Step(0.7, 10), lambda t: 0.7 * within(t, 10)),
    "PulseTrain": (
        PulseTrain(0.7, 12.37, 4.9, 10, 90),
        lambda t: 0.7 * within(t, 10, 90) * ((t - 10) % 12.37 < 4.9),
    ),
    "Sine": (
        Sine(0.7, 23.4, 0.5, 10.03, 90),
        lambda t: within(t, 10.03, 90) * 0.7 * np.sin(2e-3 * np.pi * 23.4 * (t - 10.03) + 0.5),
    ),
    "Chirp": (Chirp(0.7, 40.0, 5.0, 10, 90, phase=0.2), chirp),
    "Ramp": (Ramp(-1.0, 3.0, 10, 90), lambda t: within(t, 10, 90) * (-1 + 4 * (t - 10) / 80)),
    "Gaussian": (Gaussian(0.7, 50.03, 9.0), lambda t: 0.7 * np.exp(-((t - 50.03) ** 2) / (2 * 81.0))),
    "Alpha": (Alpha(0.7, 8.0, 20.0), alpha),
    "Series": (Series(SAMPLES, 7.3, 5.0), series),
}


@pytest.mark.parametrize(("stimulus", "formula"), KINDS.values(), ids=KINDS)
def test_every_kind_is_its_formula(x64, stimulus, formula):
    t = np.random.default_rng(1).uniform(0, 120, 400)
    assert np.ptp(formula(t)) > 0.5
    np.testing.assert_allclose(stimulus(t), formula(t), rtol=1e-9, atol=1e-12)
    steps = np.arange(0, 1200, 7)
    np.testing.assert_allclose(stimulus.sample(steps, DT), formula(steps / 10), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(stimulus(t / 1000 * u.second), stimulus(t), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("stimulus", "formula"), KINDS.values(), ids=KINDS)
def test_every_kind_an_hour_later_in_float32(stimulus, formula):
    steps = np.arange(0, 1200)
    late = stimulus.delayed(HOUR * DT)
    found = late.sample(jnp.asarray(HOUR + steps, jnp.uint32), DT)
    assert found.dtype == jnp.float32
    np.testing.assert_allclose(found, formula(steps / 10), atol=2e-6)


@pytest.mark.parametrize(("stimulus", "formula"), KINDS.values(), ids=KINDS)
def test_weights_give_every_region_its_share(stimulus, formula):
    weights = np.array([1.0, -2.0])
    fields = {f.name: getattr(stimulus, f.name) for f in dataclasses.fields(stimulus)}
    weighed = type(stimulus)(**fields | {"weights": weights})
    t = np.arange(0, 1200) / 10
    wanted = formula(t)
    wanted = (wanted if wanted.ndim == 2 else wanted[:, None]) * weights
    np.testing.assert_allclose(weighed.sample(np.arange(1200), DT), wanted, atol=1e-5)
    assert weighed.regions == 2


@pytest.mark.parametrize("dt", [0.1, 0.05, 0.3, 1 / 3])
def test_edges_fall_on_their_steps(dt):
    for k in (1, 3, 7, 1234, 600_001, 35_999_999, 41_234_567):
        on, off = Step(1.0, onset=k * dt), Step(1.0, offset=k * dt)
        around = np.array([k - 1, k, k + 1])
        np.testing.assert_array_equal(on.sample(around, dt), [0, 1, 1])
        np.testing.assert_array_equal(off.sample(around, dt), [1, 0, 0])
        between = Step(1.0, onset=(k + 0.5) * dt, offset=(k + 1.5) * dt)
        np.testing.assert_array_equal(between.sample(around, dt), [0, 0, 1])


@pytest.mark.parametrize(
    ("period", "width"),
    [("1", "0.3"), ("25", "5"), ("0.3", "0.1"), ("16.67", "2"), ("3.25", "1.25"), ("1000.01", "0.05"), ("1e6", "3e5")],
)
def test_pulses_are_on_where_exact_arithmetic_says(period, width):
    train = PulseTrain(1.0, float(period), float(width), onset=2.0)
    period, width = Fraction(period) * 10, Fraction(width) * 10  # in steps
    for start in (20, HOUR):
        edge = int((start - 20) // period * period) + 20
        steps = np.unique(np.concatenate([np.arange(start, start + 300), np.arange(edge - 3, edge + 3)]))
        steps = np.append(steps, int(edge + width) + np.arange(-3, 4))
        wanted = [step >= 20 and (int(step) - 20) % period < width for step in steps]
        np.testing.assert_array_equal(train.sample(steps, DT), np.array(wanted, float))
        assert 0 < sum(wanted) < len(wanted)


@pytest.mark.parametrize("frequency", [10.0, 10.1, 40.0, 1 / 3, 1234.567])
@pytest.mark.parametrize("dt", [0.1, 0.07])
def test_the_phase_of_a_sine_does_not_drift(frequency, dt):
    steps = HOUR + np.arange(2000)
    phase = np.array([float(int(k) * Fraction(dt) * Fraction(frequency) / 1000 % 1) for k in steps])
    np.testing.assert_allclose(Sine(1.0, frequency).sample(steps, dt), np.sin(2 * np.pi * phase), atol=1e-5)


def test_the_phase_of_a_chirp_of_an_hour_does_not_drift():
    f0, f1 = 3.7, 81.3
    sweep = Chirp(1.0, f0, f1, 0.05, HOUR * DT + 0.05)  # starts between two steps
    steps = np.concatenate([np.arange(1, 500), HOUR // 2 + np.arange(500), HOUR - 500 + np.arange(500)])
    duration, phase = Fraction(HOUR, 10), []
    for k in steps:
        s = Fraction(int(k), 10) - Fraction("0.05")
        phase.append(float((Fraction(f0) * s + (Fraction(f1) - Fraction(f0)) / duration * s**2 / 2) / 1000 % 1))
    np.testing.assert_allclose(sweep.sample(steps, DT), np.sin(2 * np.pi * np.array(phase)), atol=1e-4)


def test_a_series_is_read_to_its_end():
    values = np.random.default_rng(2).normal(size=100_000)
    steps = np.arange(0, 399_990, 13)
    for dt in (DT, 0.04, 0.4, 1 / 2.56):  # as fine as the run, finer, coarser, uneven
        found = Series(values, dt).sample(steps, DT)
        t = steps * DT / dt
        wanted = np.interp(t, np.arange(len(values)), values) * (t < len(values) - 1e-6)
        np.testing.assert_allclose(found, wanted, atol=2e-4)
    np.testing.assert_array_equal(Series(values, DT).sample(np.arange(100_001), DT)[:-1], values.astype(np.float32))
    assert Series(values, DT).sample(np.array([100_000]), DT) == 0.0


def test_sum_scale_delay_and_switch(x64):
    t = np.linspace(0.01, 200, 777)  # none at a change
    a, b, c = Sine(1.0, 31.0), Gaussian(2.0, 40.0, 9.0), PulseTrain(1.0, 7.0, 2.0, 5.0)
    np.testing.assert_allclose((a + b - c)(t), a(t) + b(t) - c(t), atol=1e-12)
    np.testing.assert_allclose(sum([a, b, c])(t), a(t) + b(t) + c(t), atol=1e-12)
    np.testing.assert_allclose((3 * (a + b) * np.float64(0.5))(t), 1.5 * (a(t) + b(t)), atol=1e-12)
    np.testing.assert_allclose((-b)(t), -b(t))
    late = (a + b).delayed(12.3 * u.ms)
    np.testing.assert_allclose(late(t), np.where(t < 12.3, 0, a(t - 12.3)) + b(t - 12.3), atol=1e-9)
    chain = a.then(b, 60).then(c, 150)
    wanted = np.where(t < 60, a(t), np.where(t < 150, b(t - 60), c(t - 150)))
    np.testing.assert_allclose(chain(t), wanted, atol=1e-9)
    np.testing.assert_allclose(chain.delayed(20)(t[t >= 20]), chain(t[t >= 20] - 20), atol=1e-9)
    np.testing.assert_array_equal(
        Step(1.0).then(Step(2.0), 0.3).sample(np.arange(6), DT), [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]
    )


def test_one_series_for_all_and_one_per_region_add():
    both = Step(1.0) + Step(1.0, weights=[0.0, 2.0, 3.0])
    np.testing.assert_array_equal(both.sample(np.arange(2), DT), [[1, 3, 4]] * 2)
    switched = Step(1.0).then(Step(1.0, weights=[0.0, 2.0]), 0.1)
    np.testing.assert_array_equal(switched.sample(np.arange(2), DT), [[1, 1], [0, 2]])
    assert switched.regions == 2


def settings_of(stimulus):
    return [float(x) for x in jax.tree.leaves(stimulus) if np.ndim(x) == 0]


@pytest.mark.parametrize(
    "stimulus",
    [
        Sine(0.7, 23.4, 0.5, 3.03),
        Chirp(0.7, 40.0, 5.0, 3.0, 90.0, 0.2),
        Ramp(-1.0, 3.0, 3.04, 90.0),
        Gaussian(0.7, 20.0, 9.0),
        Alpha(0.7, 8.0, 3.0),
        Sine(0.7, 23.4).then(Gaussian(1.0, 9.0, 2.0) + Step(1.0), 50.0),
    ],
    ids=lambda s: type(s).__name__,
)
def test_gradients_are_finite_differences(x64, stimulus):
    steps = np.arange(40, 500, 11)  # none at an edge, where a setting makes a value jump
    weight = np.random.default_rng(3).normal(size=len(steps))
    leaves, tree = jax.tree.flatten(stimulus)

    @jax.jit
    def total(leaves):
        return (jax.tree.unflatten(tree, leaves).sample(steps, DT) * weight).sum()

    def central(i, h=1e-5):
        ahead, behind = ([x + h * sign * (j == i) for j, x in enumerate(leaves)] for sign in (1, -1))
        return (total(ahead) - total(behind)) / (2 * h)

    found = jax.grad(total)(leaves)
    np.testing.assert_allclose(found, [central(i) for i in range(len(leaves))], rtol=1e-5, atol=1e-7)
    assert np.abs(np.array(found)).max() > 0.1


def test_the_gradient_of_a_late_sine_in_float32():
    late, frequency = HOUR * DT, 10.0
    slope = jax.grad(lambda f: Sine(1.0, f).sample(jnp.array([HOUR + 50]), DT)[0])(frequency)
    t = (late + 5.0) / 1e3
    np.testing.assert_allclose(slope, 2 * np.pi * t * np.cos(2 * np.pi * frequency * t), rtol=0.02)  # f dt is traced


def test_other_settings_compile_nothing():
    @jax.jit
    def program(sampler, steps):
        return sampler(steps)

    @jax.jit
    def of_stimulus(stimulus, steps):
        return stimulus.sample(steps, DT)

    def make(k):
        wave = Sine(0.1 * k, 10.0 + k, 0.1 * k, 5.5 * k, 500.0 * k)
        parts = wave, PulseTrain(k, 10.03 + k, 2.54 * k, 3 * k)  # no edge on a step
        frozen = Noise(0.3 * k, 3.0 * k, seed=7, weights=[k, 1.0, 2.0])
        return (sum(parts) + frozen + Chirp(k, 3, 4 * k, k, 1000 * k)).then(Alpha(k, k + 3), 400 + k) + Step(1.0, 2)

    steps = jnp.arange(1000)
    first, plain = program(make(1).sampler(DT), steps), of_stimulus(make(1), steps)
    sampler, other = make(2).sampler(DT), make(2)
    with compilations() as names:
        second, again = program(sampler, steps), of_stimulus(other, steps)
    assert names == []
    assert np.abs(second - first).max() > 0.1
    np.testing.assert_allclose(first, plain, atol=1e-4)  # traced settings are those of float32
    np.testing.assert_allclose(second, again, atol=1e-4)


def test_vmap_over_a_setting():
    onsets = np.array([0, 3, 5])
    found = jax.vmap(lambda onset: Step(1.0, onset * DT).sample(jnp.arange(8), DT))(onsets)
    np.testing.assert_array_equal(found, [np.arange(8) >= k for k in onsets])


def test_frozen_noise_is_normal_with_the_right_variance_at_all_times():
    frozen = Noise(0.7, 2.0, seed=11, weights=np.ones(40))
    values = np.asarray(frozen.sample(np.arange(60_000), DT))  # 3000 knots of 20 steps, 40 regions
    by_phase = values.reshape(3000, 20, 40)
    error = 0.7 / np.sqrt(3000 * 40)
    np.testing.assert_allclose(by_phase.mean((0, 2)), 0.0, atol=5 * error)
    np.testing.assert_allclose(by_phase.std((0, 2)), 0.7, atol=5 * error)
    knots = by_phase[:, 0] / 0.7
    lags = [np.mean(knots[lag:] * knots[:-lag]) for lag in (1, 2, 3, 10)]
    np.testing.assert_allclose(lags, 0.0, atol=5 / np.sqrt(3000 * 40))
    middle = by_phase[:, 10] / 0.7  # mixed of two knots in equal parts
    np.testing.assert_allclose(np.mean(middle[1:] * middle[:-1]), 0.5, atol=5 / np.sqrt(3000 * 40))
    across = np.corrcoef(knots.T)[np.triu_indices(40, 1)]
    assert np.abs(across).max() < 5 / np.sqrt(3000)
    np.testing.assert_allclose(np.mean(knots**4), 3.0, atol=0.1)
    np.testing.assert_allclose(by_phase[1:-1, 5], _mixed(by_phase[1:-1, 0], by_phase[2:, 0], 0.25), atol=1e-5)


def _mixed(before, after, part):
    return before * np.cos(np.pi / 2 * part) + after * np.sin(np.pi / 2 * part)


def test_frozen_noise_is_a_function_of_absolute_time_and_seed():
    frozen = Noise(1.0, 2.57, seed=11, weights=np.ones(3))
    sample = jax.jit(lambda sampler, steps: sampler(steps))
    start = HOUR + 123
    whole = np.asarray(sample(frozen.sampler(DT), start + np.arange(480)))
    parts = [sample(frozen.sampler(DT), start + np.arange(i, i + 16)) for i in range(0, 480, 16)]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)
    np.testing.assert_allclose(frozen.sample(2 * (start + np.arange(480)), DT / 2), whole, atol=1e-5)
    smooth = np.abs(np.diff(whole, axis=0)).max()
    assert smooth < 0.5  # no knot is missed or read twice
    early = Noise(1.0, 2.57, seed=11).sample(np.arange(5000), DT)
    np.testing.assert_allclose(early, Noise(1.0, 2.57, seed=11, weights=np.ones(3)).sample(np.arange(5000), DT)[:, 0])
    others = [Noise(1.0, 0.1, seed=seed).sample(np.arange(20_000), DT) for seed in (11, 12, 11 + 2**40, -1)]
    assert np.abs(np.corrcoef(others) - np.eye(4)).max() < 5 / np.sqrt(20_000)
    with pytest.raises(TypeError, match=r"seed=0\.5 must be an integer"):
        Noise(1.0, 2.0, 0.5)


def test_units_survive_and_convert():
    current = Step(0.2 * u.nA, 10 * u.ms, 0.02 * u.second)
    assert current.unit == u.nA
    np.testing.assert_allclose(current([5.0, 10.0, 19.0, 20.0]), [0, 0.2, 0.2, 0], rtol=1e-6)
    np.testing.assert_allclose(current.to(u.pA)(15.0), 200.0, rtol=1e-6)
    np.testing.assert_allclose((Step(1 * u.pA) + current)(15.0), 201.0, rtol=1e-6)
    np.testing.assert_allclose((current + Step(1 * u.pA))(15.0), 0.201, rtol=1e-6)
    np.testing.assert_allclose((current.then(Step(1 * u.pA), 100))(120.0), 0.001, rtol=1e-6)
    assert Step(2.0).unit.is_unitless
    assert (Step(2.0) * (0.2 * u.nA)).unit == Step(2.0).to(u.nA).unit == u.nA
    np.testing.assert_allclose(Ramp(0, 0.2 * u.nA, 0, 10)(5.0), 0.1, rtol=1e-6)
    np.testing.assert_allclose(Ramp(1 * u.nA, 200 * u.pA, 0, 10)(5.0), 0.6, rtol=1e-6)
    np.testing.assert_allclose(Sine(1.0, 0.01 * u.kHz)(25.0), 1.0, rtol=1e-6)
    assert Series([1.0, 2.0] * u.mV, 1.0).unit == u.mV


def test_it_shows_what_it_is_and_pickles():
    stimulus = PulseTrain(0.2 * u.nA, 100, 10, onset=50) + Noise(0.1 * u.nA, 5, seed=3).then(Step(1 * u.nA), 30)
    shown = "PulseTrain(amplitude=0.2 nA, period=100.0 ms, width=10.0 ms, onset=50.0 ms) + Switch(before=Noise("
    shown += "sd=0.1 nA, timescale=5.0 ms, seed=3), after=Step(amplitude=1.0 nA, onset=30.0 ms), at=30.0 ms)"
    assert repr(stimulus) == shown
    again = pickle.loads(pickle.dumps(stimulus))
    t = np.linspace(0, 100, 50)
    np.testing.assert_array_equal(again(t), stimulus(t))
    assert again.unit == u.nA
    assert repr(jax.tree.map(lambda x: x, stimulus)) == repr(stimulus)


def test_series_of_files(tmp_path):
    xarray = pytest.importorskip("xarray")
    np.save(tmp_path / "a.npy", SAMPLES)
    np.savetxt(tmp_path / "a.csv", SAMPLES, delimiter=",", header="left,right", comments="")
    np.savetxt(tmp_path / "a.txt", SAMPLES)
    time = ("time", [0.0, 0.0073, 0.0146], {"units": "s"})
    data = xarray.Dataset({"x": (("time", "region"), SAMPLES), "n": ((), 3.0)}, coords={"time": time})
    data.to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    t, wanted = np.arange(40.0), Series(SAMPLES, 7.3, 5.0)(np.arange(40.0))
    for name in ("a.npy", "a.csv", "a.txt"):
        np.testing.assert_allclose(Series.read(tmp_path / name, 7.3, onset=5.0)(t), wanted, rtol=1e-6)
    read = Series.read(tmp_path / "a.nc", variable="x", unit=u.nA, onset=5.0)
    np.testing.assert_allclose(read(t), wanted, rtol=1e-6)
    assert (read.unit, read.regions) == (u.nA, 2)
    with pytest.raises(ValueError, match=r"a\.csv has no even times in ms or s; give dt"):
        Series.read(tmp_path / "a.csv")
    with pytest.raises(ValueError, match=r"variable=None must be one of x, n"):
        Series.read(tmp_path / "a.nc")
    with pytest.raises(ValueError, match=r"a\.mat is none of \.npy, \.csv, \.txt, \.nc"):
        Series.read(tmp_path / "a.mat")
    uneven = data.assign_coords(time=("time", [0.0, 1.0, 7.0], {"units": "ms"}))
    uneven.to_netcdf(tmp_path / "b.nc", engine="h5netcdf")
    with pytest.raises(ValueError, match="no even times in ms or s; give dt"):
        Series.read(tmp_path / "b.nc", variable="x")
    assert Series.read(tmp_path / "b.nc", 2.0, variable="x").dt == 2.0


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Step(np.nan), ValueError, "Step: amplitude=nan is not finite"),
        (lambda: Step("a"), TypeError, "Step: amplitude='a' is not a number"),
        (lambda: Step([1.0, 2.0]), ValueError, r"amplitude=a list|amplitude=\[1.0, 2.0\] must be one number"),
        (lambda: Step(1.0, 5 * u.mV), ValueError, "onset=5 mV has the unit mV; give it in ms"),
        (lambda: Step(1.0, 10, 10), ValueError, "offset=10.0 must come after onset=10.0"),
        (lambda: Step(1.0, None), TypeError, "onset=None is not a number"),
        (lambda: Step(1.0, weights=3.0), ValueError, r"weights=3.0 must be an array \(region,\)"),
        (lambda: Sine(1.0, 10 * u.ms), ValueError, "frequency=10 ms has the unit ms; give it in Hz"),
        (lambda: PulseTrain(1.0, 0.0, 1.0), ValueError, "period=0.0 must be positive"),
        (lambda: PulseTrain(1.0, 5.0, 5.0), ValueError, "width=5.0 must be less than period=5.0"),
        (lambda: Gaussian(1.0, 5.0, -1.0), ValueError, "sd=-1.0 must be positive"),
        (lambda: Series(np.ones((2, 2, 2)), 1.0), ValueError, r"must be an array \(time,\) or \(time, region\)"),
        (lambda: Series(np.ones((2, 2)), 1.0, weights=np.ones(3)), ValueError, "2 regions, but weights has 3"),
        (lambda: Ramp(1 * u.nA, 1 * u.mV, 0, 1), ValueError, "Ramp: stop=1.0 mV has the unit mV; give it in nA"),
        (lambda: Step(1 * u.nA) + Step(1.0), ValueError, "one stimulus is in nA, another in 1"),
        (lambda: Step(1 * u.nA).to(u.mV), ValueError, "has the unit nA; give it in mV"),
        (lambda: Step(1.0, weights=[1, 2]) + Step(1.0, weights=[1]), ValueError, "2 regions, another 1"),
        (lambda: Step(1.0) + 1.0, TypeError, "unsupported operand"),
        (lambda: sum([1.0, Step(1.0)]), TypeError, "unsupported operand"),
        (lambda: Step(1.0) * Step(1.0), TypeError, "factor=.* is not a number"),
        (lambda: Step(1.0).then(1.0, 5), TypeError, "1.0 is not a Stimulus"),
        (lambda: Step(1.0).delayed("later"), TypeError, "by='later' is not a number"),
        (lambda: Step(1.0).sample(np.arange(3), -0.1), ValueError, "dt=-0.1 must be a positive time"),
        (lambda: Stimulus(), TypeError, "abstract"),
    ],
)
def test_what_does_not_fit_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_netcdf_file_says_its_unit(tmp_path):
    array = xarray.DataArray(np.ones(4), dims="time", coords={"time": ("time", np.arange(4.0), {"units": "ms"})})
    array.assign_attrs(units="mV").to_dataset(name="x").to_netcdf(tmp_path / "x.nc", engine="h5netcdf")
    assert Series.read(tmp_path / "x.nc").unit == u.mV
    assert Series.read(tmp_path / "x.nc", unit=u.nA).unit == u.nA
