"""Phases and slow variables: what single precision would round away is kept, so that hours are as exact as seconds."""

import math

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

import brainmass as bm
from brainmass import Input, Output, Parameter, StateSpace, Variable
from brainmass.state_space.periods import wrapped

TURN = 2 * math.pi
HZ = TURN / 1e3  # in rad per ms
FREQUENCIES = np.array([40.0, 40.08, 40.4])


class Clock(StateSpace):
    """A phase in turns, and what it would be without a period."""

    rate = Parameter(0.04, u.ms**-1, "turns per ms")
    turn = Variable(0.0, doc="phase in turns", period=1.0, span=(-0.5, 0.5))
    count = Variable(0.0, doc="turns made", slow=True, span=(0, 10))
    turn_inp = Input(u.ms**-1, "drive", additive=True)
    hand = Output(lambda s, p: jnp.cos(TURN * s.turn), doc="where the hand is")

    @staticmethod
    def drift(s, p, inp):
        return dict(turn=p.rate + inp.turn_inp, count=p.rate)


def frequency(result, name, every, last):
    """Turns per s in the last so many s."""
    course = result.unwrapped(name)
    samples = round(last * 1e3 / every)
    return (course[-1] - course[-1 - samples]) / (TURN * last)


def phases(duration, last, frequencies=FREQUENCIES):
    """The frequencies in the last seconds of a run of oscillators that nothing couples."""
    node = bm.KuramotoStep(len(frequencies), omega=HZ * frequencies, init_theta=0.0)
    skip = (duration - last - 1) * u.second
    result = bm.Simulator(node, dt=0.1).run(
        duration * u.second, transient=skip, monitors=bm.Sample("theta", 5.0), seed=0, progress=False
    )
    return frequency(result, "output", 5.0, last)


def test_frequencies_stay_what_they_are_after_a_minute():
    np.testing.assert_allclose(phases(70, 10), FREQUENCIES, rtol=1e-6)


@pytest.mark.slow
def test_frequencies_stay_what_they_are_after_an_hour():
    np.testing.assert_allclose(phases(3600, 60), FREQUENCIES, rtol=1e-6)


def test_a_slow_rhythm_keeps_its_frequency_in_small_steps():
    """Each of its steps is of the size of a few roundings of the phase."""
    slow = np.array([0.005, 0.0103, 0.05])
    node = bm.KuramotoStep(3, omega=HZ * slow, init_theta=1.0)
    course = (
        bm.Simulator(node, dt=0.1).run(20 * u.second, monitors=bm.Sample("theta", 100.0), seed=0).unwrapped("output")
    )
    np.testing.assert_allclose((course[-1] - course[0]) / (19.9 * TURN), slow, rtol=1e-5)


def test_beyond_locking_a_pair_beats_at_the_frequency_of_theory():
    """ψ' = Δω − 2k sin ψ: the mean of ψ' is √(Δω² − 4k²)."""
    detuning, k = 2.0e-3, 0.8e-3
    node = bm.KuramotoStep(2, omega=np.array([40 * HZ, 40 * HZ + detuning]), init_theta=0.0)
    net = bm.Network(node, conn=np.array([[0.0, 1.0], [1.0, 0.0]]), k=k)
    skip, period = 60_000.0, TURN / math.sqrt(detuning**2 - 4 * k**2)
    result = bm.Simulator(net, dt=0.1).run(
        skip + round(4 * period), transient=skip, monitors=bm.Sample("theta", 1.0), seed=0, progress=False
    )
    psi = np.unwrap(np.diff(result.unwrapped("output"), axis=1)[:, 0])
    turns = round(4 * period)
    assert (psi[-1] - psi[0]) / (turns - 1) == pytest.approx(math.sqrt(detuning**2 - 4 * k**2), rel=1e-2)


@pytest.mark.parametrize("interpolate", [False, True])
def test_a_delayed_pair_locks_at_the_frequency_of_theory(interpolate):
    """Ω = ω + K sin(−Ωτ), after ten seconds."""
    omega, strength, delay = 0.05, 0.02, 9.0
    node = bm.KuramotoStep(2, omega=omega, init_theta=np.array([0.0, 0.3]))
    net = bm.Network(node, conn=np.array([[0.0, 1.0], [1.0, 0.0]]), delays=delay, k=strength, interpolate=interpolate)
    result = bm.Simulator(net, dt=0.1).run(12_000.0, transient=10_000.0, monitors=bm.Sample("theta", 5.0), seed=0)
    course = result.unwrapped("output")
    locked = optimize.brentq(lambda W: W - omega + strength * math.sin(W * delay), 0.0, 0.2)
    np.testing.assert_allclose((course[-1] - course[0]) / (5.0 * (len(course) - 1)), locked, rtol=1e-4)


def test_a_declaration_is_all_that_a_model_of_ones_own_needs():
    rates = np.array([0.04, 0.04008, 0.0404])
    sim = bm.Simulator(Clock(3, rate=rates), dt=0.1)
    monitors = {"turn": bm.Sample("turn", 5.0), "count": bm.Sample("count", 5.0), "hand": bm.Sample("hand", 5.0)}
    result = sim.run(60_000.0, transient=50_000.0, monitors=monitors, seed=0)
    assert np.abs(result["turn"]).max() <= 0.5
    np.testing.assert_allclose(np.diff(result.unwrapped("turn", 1.0)[[0, -1]], axis=0)[0] / 9995, rates, rtol=1e-6)
    np.testing.assert_allclose(np.asarray(result["count"], float)[-1], 60_000 * rates, rtol=1e-6)
    hand = np.cos(TURN * (np.asarray(result.times_of("hand").mantissa)[:, None] * rates))
    np.testing.assert_allclose(result["hand"], hand, atol=0.01)


def test_a_slow_variable_moves_by_less_than_a_rounding():
    """Starting at 100, single precision knows no number closer than 8e-6; each step is of 4e-8."""
    sim = bm.Simulator(Clock(1, rate=4e-7, init_count=100.0), dt=0.1)
    result = sim.run(10_000.0, monitors=bm.Sample("count", 1000.0))
    np.testing.assert_allclose(result["output"][:, 0] - 100.0, 4e-4 * np.arange(1, 11), atol=8e-6)


def test_ultra_slow_epileptors_drift_as_they_should():
    node = bm.EpileptorCodim3SlowModStep(1)
    result = bm.Simulator(node, dt=0.01).run(1000.0, monitors=bm.Sample("uA", 1000.0), seed=0)
    assert float(result["output"][0, 0]) == pytest.approx(0.1, rel=1e-6)


def continued(sim, pieces, **options):
    return [sim.run(p, init_states=i == 0, seed=0 if i == 0 else None, **options) for i, p in enumerate(pieces)]


def test_where_a_run_is_cut_changes_no_bit():
    node = Clock(2, rate=[0.041, 0.0403], init_turn=np.array([0.2, 700.4]), noise_turn=bm.WhiteNoise(2, sigma=0.01))
    sim, monitors = bm.Simulator(node, dt=0.1), ["turn", "count"]
    whole = sim.run(50.0, monitors=monitors, seed=0)
    cut = continued(sim, [3.3, 20.0, 26.7], monitors=monitors)
    in_chunks = sim.run(50.0, monitors=monitors, seed=0, chunk=7.3)
    for name in monitors:
        np.testing.assert_array_equal(np.concatenate([r[name] for r in cut]), whole[name])
        np.testing.assert_array_equal(in_chunks[name], whole[name])


def test_an_assigned_phase_begins_without_a_rest():
    node = bm.KuramotoStep(1, omega=40 * HZ)
    sim = bm.Simulator(node, dt=0.1)
    sim.run(100.0)
    node.theta = 0.5
    again = sim.run(1.0, init_states=False)["output"]
    fresh = bm.Simulator(bm.KuramotoStep(1, omega=40 * HZ, init_theta=0.5), dt=0.1).run(1.0)["output"]
    np.testing.assert_array_equal(again, fresh)


def test_update_wraps_as_a_run_does():
    node = Clock(1, rate=0.3, init_turn=0.45)
    run = bm.Simulator(node, dt=0.1).run(2.0, monitors="turn")["output"][:, 0]
    with brainstate.environ.context(dt=0.1 * u.ms):
        node.init_all_states()
        stepped = []
        for _ in range(20):
            node.update()
            stepped.append(float(node.turn.value[0]))
    np.testing.assert_allclose(stepped, run, atol=1e-6)


def test_a_gradient_passes_the_place_where_a_phase_starts_anew():
    sim = bm.Simulator(Clock(1, init_turn=0.49), dt=0.1)
    f = sim.function(10.0, monitors="turn", vary=["rate"])
    slope = jax.grad(lambda rate: f({"rate": rate}, 0)["output"][-1, 0])(0.04)
    assert float(slope) == pytest.approx(10.0, rel=1e-4)


def test_means_of_phases_go_the_short_way_round():
    """One phase passes ±π in the middle of the period, another lies half a radian beyond it."""
    node = bm.KuramotoStep(2, omega=1 * HZ, init_theta=np.array([math.pi, 0.5 - math.pi]) - 5.05 * HZ)
    monitors = {"mean": bm.TemporalAverage("theta", 10.0), "all": bm.GlobalAverage("theta", 10.0)}
    result = bm.Simulator(node, dt=0.1).run(10.0, monitors=monitors)
    np.testing.assert_allclose(np.cos(result["mean"][0] - [math.pi, 0.5 - math.pi]), 1.0, atol=1e-6)
    assert math.cos(result["all"][0] - (0.25 - math.pi)) == pytest.approx(1.0, abs=1e-6)


def test_a_long_mean_does_not_lose_what_it_adds():
    """A sum of 600 000 numbers near 1.1 knows no difference below 0.06."""
    node = bm.LinearStep(1, gamma=0.0, init_x=1.1)
    result = bm.Simulator(node, dt=0.1).run(60_000.0, monitors=bm.TemporalAverage("x", 60_000.0))
    assert float(result["output"][0, 0]) == pytest.approx(1.1, rel=1e-6)


def test_what_jumps_with_a_phase_is_refused():
    conn = np.array([[0.0, 1.0], [1.0, 0.0]])
    for coupling in ("diffusive", "additive", "sigmoidal", bm.Coupling(lambda x, p: x)):
        with pytest.raises(ValueError, match=r"'theta' is a phase.*kuramoto"):
            bm.Network(bm.KuramotoStep(2), conn=conn, coupling=coupling)
    bm.Network(bm.KuramotoStep(2), conn=conn, coupling=bm.Coupling(lambda x, p: jnp.sin(x) + jnp.cos(2 * x)))
    bm.Network(bm.KuramotoStep(2), conn=conn, coupling="diffusive", coupled_var="wave", target="theta_inp")
    sim = bm.Simulator(bm.KuramotoStep(2), dt=0.1)
    for monitor in (bm.Bold("theta", 100.0), bm.StreamingFC("theta"), bm.Bold(bm.TemporalAverage("theta", 1.0), 100.0)):
        with pytest.raises(ValueError, match="phase that jumps where it starts anew"):
            sim.run(1000.0, monitors=monitor)
    sim.run(200.0, monitors=bm.StreamingFC("wave"))
    with pytest.raises(ValueError, match="period=-1"):
        Variable(0.0, period=-1)
    with pytest.raises(ValueError, match="a phase has no bounds"):
        Variable(0.0, period=1.0, bounds=(0, 1))


def test_samples_too_far_apart_cannot_be_unwrapped():
    result = bm.Simulator(bm.KuramotoStep(1, omega=40 * HZ), dt=0.1).run(100.0, monitors=bm.Sample("theta", 12.5))
    with pytest.warns(UserWarning, match="turns may be miscounted"):
        result.unwrapped("output")


class Degrees(bm.KuramotoStep):
    """The same with a phase that is an Output."""

    angle = Output(lambda s, p: s.theta * (180 / math.pi), doc="phase in degrees")


def test_a_phase_by_another_name_is_a_phase():
    conn = np.array([[0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(ValueError, match="'angle' is a phase"):
        bm.Network(Degrees(2), conn=conn, coupling="diffusive", coupled_var="angle", target="theta_inp")
    weak = bm.Coupling(lambda x, p: 1e-4 * x, k=1e4)
    with pytest.raises(ValueError, match="'theta' is a phase"):
        bm.Network(bm.KuramotoStep(2), conn=conn, coupling=weak)
    summed_first = bm.Coupling(post=lambda total, x, p: p.k * jnp.sin(total - x))
    with pytest.raises(ValueError, match="'theta' is a phase"):
        bm.Network(bm.KuramotoStep(2), conn=conn / 2, coupling=summed_first)


@pytest.mark.parametrize("period", [TURN, 1.0, 360.0, 1e6])
def test_a_phase_far_outside_its_period_enters_it_exactly(period):
    turns = np.array([0.0, 3.0, -1000.0, 8000.0])
    value = np.float32(0.3 * period + turns * period)
    found, rest = wrapped(jnp.asarray(value), jnp.zeros(4), period)
    exact = value.astype(float) - np.round(value.astype(float) / period) * period
    np.testing.assert_allclose(np.asarray(found, float) + np.asarray(rest, float), exact, atol=3e-7 * period)


class Overlapping(StateSpace):
    """A variable whose name is what another could be called that is kept beside it."""

    z = Variable(1.0, doc="slow", slow=True, span=(0, 2))
    z_rest = Variable(2.0, doc="another", span=(0, 2))

    @staticmethod
    def drift(s, p, inp):
        return dict(z=1e-9 * s.z / u.ms, z_rest=0.0 * s.z_rest / u.ms)


def test_a_rest_has_a_name_of_its_own():
    assert (bm.Simulator(Overlapping(1), dt=0.1).run(10.0, monitors="z_rest")["output"] == 2.0).all()


def test_a_phase_that_is_a_new_state_has_no_rest():
    node = bm.KuramotoStep(1, omega=40 * HZ)
    node.theta = brainstate.HiddenState(jnp.full(1, 0.5))
    found = bm.Simulator(node, dt=0.1).run(1.0, init_states=False)["output"]
    fresh = bm.Simulator(bm.KuramotoStep(1, omega=40 * HZ, init_theta=0.5), dt=0.1).run(1.0)["output"]
    np.testing.assert_array_equal(found, fresh)


# -- what a result knows of phases ------------------------------------------------------------------------------------


class Angle(StateSpace):
    """A phase in degrees, and what is no phase."""

    rate = Parameter(36.0, u.ms**-1, "degrees per ms")
    a = Variable(0.0, doc="angle", period=360.0, span=(-180, 180))
    b = Variable(0.0, doc="distance", span=(0, 1))

    @staticmethod
    def drift(s, p, inp):
        return dict(a=p.rate, b=p.rate)


@pytest.fixture(scope="module")
def turning():
    monitors = {"a": "a", "b": "b", "slow": bm.Sample("a", 1.0), "mean": bm.TemporalAverage("a", 2.0)}
    return bm.Simulator(Angle(1), dt=0.1).run(30.0, monitors=monitors)


def test_a_phase_is_unwrapped_by_its_own_period(turning, tmp_path):
    turning.save(tmp_path / "phases.nc")
    assert turning.to_xarray()["a"].attrs["period"] == 360.0
    for result in (turning, bm.load_result(tmp_path / "phases.nc"), jax.tree.map(np.asarray, turning)):
        assert result.periods == dict.fromkeys(("a", "slow", "mean"), 360.0)
        assert float(result.unwrapped("a")[-1, 0]) == pytest.approx(1080.0, rel=1e-5)
        assert float(result.unwrapped("slow")[-1, 0]) == pytest.approx(1080.0, rel=1e-5)


def test_what_is_no_phase_is_not_unwrapped(turning):
    with pytest.raises(
        ValueError, match=r"'b' is not declared as a phase \(those are a, slow, mean\); give the period"
    ):
        turning.unwrapped("b")
    with pytest.raises(ValueError, match=r"period=6.28.* is not that of 'a', 360; leave it out"):
        turning.unwrapped("a", TURN)
    assert turning.unwrapped("b", 1e6)[-1, 0] == pytest.approx(1080.0, rel=1e-5)
    with pytest.raises(TypeError, match=r"Result: periods\['x'\]=-1 must be a number greater than 0"):
        bm.Result({}, periods={"x": -1})


def test_the_folder_of_a_run_knows_phases(tmp_path):
    sim = bm.Simulator(Angle(1), dt=0.1)
    sim.run(30.0, monitors="a", checkpoint=tmp_path / "run")
    assert bm.load_result(tmp_path / "run").periods == {"output": 360.0}


# -- phases by another name -------------------------------------------------------------------------------------------


class Made(bm.KuramotoStep):
    """What is made of a phase: some jump with it."""

    same = Output(lambda s, p: s.theta, doc="the phase")
    degrees = Output(lambda s, p: s.theta * (180 / math.pi), doc="in degrees")
    scaled = Output(lambda s, p: s.theta * p.omega / p.omega.unit, doc="by a parameter")
    even = Output(lambda s, p: s.theta**2, doc="the same on both sides")
    offset = Output(lambda s, p: 1e6 + jnp.sin(3 * s.theta), doc="a wave far from 0")


HIDDEN = {
    "Output": "same",
    "Output in degrees": "degrees",
    "Output by a parameter": "scaled",
    "callable": lambda m: m.theta.value,
    "callable of a mean": lambda m: m.theta.value.mean(),
    "callable of differences": lambda m: m.theta.value - m.theta.value[0],
}


@pytest.fixture(scope="module")
def made():
    return bm.Simulator(Made(3, omega=1 * HZ, init_theta=np.array([math.pi, 0.5 - math.pi, 1.0]) - 5.05 * HZ), dt=0.1)


@pytest.mark.parametrize("what", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("monitor", [bm.StreamingFC, lambda what: bm.EEG(what, np.ones((2, 3)))], ids=["FC", "EEG"])
def test_what_is_made_of_a_phase_jumps_with_it(made, what, monitor):
    with pytest.raises(ValueError, match="phase that jumps where it starts anew; let it watch"):
        made.run(10.0, monitors=monitor(what))


@pytest.mark.parametrize("what", ["even", "offset", "wave", lambda m: jnp.sin(m.theta.value)])
def test_what_does_not_jump_is_taken(made, what):
    made.run(10.0, monitors=bm.StreamingFC(what))


def test_callables_may_give_anything(made):
    monitors = {"point": lambda m: jnp.exp(1j * m.theta.value), "tree": lambda m: {"a": m.theta.value, "b": 0.0}}
    assert made.run(1.0, monitors=monitors).periods == {}


def test_phases_by_another_name_are_averaged_on_the_circle(made):
    watched = {
        "theta": "theta",
        "same": "same",
        "degrees": "degrees",
        "callable": lambda m: m.theta.value,
        "apart": lambda m: m.theta.value[:2] - m.theta.value[2],
    }
    result = made.run(10.0, monitors={n: bm.TemporalAverage(what, 10.0) for n, what in watched.items()})
    np.testing.assert_allclose(np.cos(result["theta"][0] - [math.pi, 0.5 - math.pi, 1.0]), 1.0, atol=1e-6)
    np.testing.assert_allclose(result["same"], result["theta"], atol=1e-6)
    np.testing.assert_allclose(result["callable"], result["theta"], atol=1e-6)
    np.testing.assert_allclose(result["degrees"], result["theta"] * 180 / math.pi, rtol=1e-5)
    np.testing.assert_allclose(np.cos(result["apart"][0] - [math.pi - 1, -0.5 - math.pi]), 1.0, atol=1e-6)
    assert result.periods["degrees"] == pytest.approx(360.0, rel=1e-6)


def test_what_jumps_by_many_sizes_has_no_mean(made):
    with pytest.raises(ValueError, match="TemporalAverage watches scaled, a phase"):
        made.run(10.0, monitors=bm.TemporalAverage("scaled", 1.0))
    found = made.run(10.0, monitors={"scaled": bm.Sample("scaled", 1.0), "mean": HIDDEN["callable of a mean"]})
    assert found.periods == {}
