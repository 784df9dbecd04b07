"""Arguments of stimuli and monitors as values by path: given for a run, for each simulation, and differentiated."""

from dataclasses import replace

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import brainmass as bm
from brainmass import stimulus

N, DT = 3, 0.1
LEADFIELD = np.random.default_rng(1).random((4, N))


def simulator(**options):
    weights = np.ones((N, N)) - np.eye(N)
    node = bm.HopfStep(N, a=-0.1, init_x=np.linspace(0.1, 0.3, N), init_y=0.1)
    wiring = dict(conn=weights, distance=10 * weights, speed=5.0, k=0.05, coupled_var="x")
    return bm.Simulator(bm.Network(node, **wiring, **options), dt=DT)


def pulse(**changed):
    return stimulus.Alpha(**{"amplitude": 0.2, "onset": 10.05, "tau": 5.0} | changed)


def drive(**changed):
    return {"x_inp": pulse(**changed)}


def recorded(tau=0.98, leadfield=LEADFIELD):
    return {"bold": bm.Bold("x", tr=20.0, tau=tau), "eeg": bm.EEG("x", leadfield, period=1.0)}


@pytest.fixture(scope="module")
def sim():
    return simulator()


def test_values_of_arguments_are_those_of_a_stimulus_and_monitors_made_with_them(sim):
    values = {
        "inputs.x_inp.amplitude": 0.5,
        "inputs.x_inp.onset": 12.0,
        "monitors.bold.tau": 1.5 * u.second,
        "monitors.eeg.leadfield": 2 * LEADFIELD,
    }
    run = sim.run(40.0, inputs=drive(), monitors=recorded(), values=values)
    wanted = sim.run(40.0, inputs=drive(amplitude=0.5, onset=12.0), monitors=recorded(1.5 * u.second, 2 * LEADFIELD))
    for name in ("bold", "eeg"):
        np.testing.assert_array_equal(u.get_mantissa(run[name]), u.get_mantissa(wanted[name]))


def test_each_simulation_of_a_batch_has_its_own(sim):
    onsets, taus = np.array([5.0, 10.05, 20.0, 30.0]), np.array([0.8, 0.98, 1.2, 1.4])
    values = {"inputs.x_inp.onset": onsets, "monitors.bold.tau": taus[:, None]}
    run = sim.run(40.0, inputs=drive(), monitors=recorded(), values=values)
    assert run.coords["inputs.x_inp.onset"].to_decimal(u.ms).tolist() == onsets.tolist()
    for member, (onset, tau) in enumerate(zip(onsets, taus, strict=True)):
        one = sim.run(40.0, inputs=drive(onset=onset), monitors=recorded(tau * u.second))
        for name in ("bold", "eeg"):
            found, wanted = u.get_mantissa(run[name])[:, member], u.get_mantissa(one[name])
            np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6 * np.abs(wanted).max())


def test_stimuli_that_are_made_of_others_have_paths_of_these(sim):
    made = stimulus.Sine(0.1, frequency=20.0) + stimulus.Step(0.1, onset=5.0).then(pulse(onset=0.0), at=10.0)
    values = {"inputs.x_inp.terms.0.frequency": 40 * u.Hz, "inputs.x_inp.terms.1.before.amplitude": [0.1, 0.3]}
    run = sim.run(20.0, inputs={"x_inp": made}, values=values)
    other = stimulus.Sine(0.1, frequency=40.0) + stimulus.Step(0.3, onset=5.0).then(pulse(onset=0.0), at=10.0)
    np.testing.assert_allclose(
        run["output"][:, 1], sim.run(20.0, inputs={"x_inp": other})["output"], rtol=1e-5, atol=1e-6
    )


def test_a_monitor_that_another_watches_has_a_path(sim):
    watched = {"fc": bm.StreamingFC(bm.Bold("x", tr=10.0))}
    run = sim.run(60.0, monitors=watched, values={"monitors.fc.what.tau": [0.98, 2.0]})
    wanted = sim.run(60.0, monitors={"fc": bm.StreamingFC(bm.Bold("x", tr=10.0, tau=2.0 * u.second))})
    np.testing.assert_allclose(run["fc"][1], wanted["fc"], atol=1e-3)
    assert not np.allclose(run["fc"][0], wanted["fc"], atol=1e-3)


def test_noise_of_sensors_is_that_of_each_simulation(sim):
    def eeg(field):
        return {"eeg": bm.EEG("x", field, period=1.0, noise=0.3)}

    fields = np.stack([LEADFIELD, 2 * LEADFIELD])
    run = sim.run(20.0, seed=4, monitors=eeg(LEADFIELD), values={"monitors.eeg.leadfield": fields})
    for member in range(2):
        wanted = sim.run(20.0, seed=4, batch_size=2, monitors=eeg(fields[member]))["eeg"]
        found, wanted = (u.get_mantissa(x)[:, member] for x in (run["eeg"], wanted))
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


def test_late_onsets_keep_their_precision():
    """In single precision 3600000.1 ms is off by more than a step."""
    late = np.array([3_600_000.1, 3_600_000.3])
    quiet = bm.Simulator(bm.HopfStep(1, a=-0.1, init_x=0.0, init_y=0.0), dt=DT)
    place = quiet.start(seed=0, batch_size=2)
    place = replace(place, step=np.full(2, 36_000_000))
    step = stimulus.Step(1.0, onset=0.0)
    run, _ = quiet.advance(place, 1.0, inputs=step, values={"inputs.x_inp.onset": late})
    first = (np.asarray(run["output"])[..., 0] > 0).argmax(0)
    assert first.tolist() == [1, 3]


def test_places_take_them_too(sim):
    values = {"inputs.x_inp.amplitude": [0.1, 0.2, 0.3]}
    run = sim.run(20.0, inputs=drive(), values=values, seed=1)
    place = sim.start(seed=1, batch_size=3)
    first, place = sim.advance(place, 10.0, inputs=drive(), values=values)
    ahead, place = sim.advance(place, 5.0, inputs=drive(), simulations=[1], values={"inputs.x_inp.amplitude": 0.2})
    rest, place = sim.advance(place, 5.0, inputs=drive(), values=values)
    np.testing.assert_allclose(first["output"], run["output"][:100], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(rest["output"][:, [0, 2]], run["output"][100:150][:, [0, 2]], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(rest["output"][:, 1], run["output"][150:, 1], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ahead["output"][:, 0], run["output"][100:150, 1], rtol=1e-5, atol=1e-6)


def test_gradients_are_finite_differences(x64):
    f = simulator().function(
        60.0,
        inputs=drive(),
        monitors=recorded(),
        vary=["inputs.x_inp.amplitude", "inputs.x_inp.onset", "monitors.bold.tau", "monitors.eeg.leadfield"],
    )

    @jax.jit
    def loss(values):
        found = f(values, 0)
        return jnp.sum(found["bold"] ** 2) * 1e14 + jnp.sum(found["eeg"] ** 2)

    values = {
        "inputs.x_inp.amplitude": 0.2,
        "inputs.x_inp.onset": 10.05,
        "monitors.bold.tau": 0.98,
        "monitors.eeg.leadfield": LEADFIELD,
    }
    values = jax.tree.map(jnp.asarray, values)
    slopes = jax.grad(loss)(values)
    for path, value in values.items():
        nudge = np.zeros(value.shape)
        nudge[(0,) * value.ndim] = 1e-5
        difference = (loss(values | {path: value + nudge}) - loss(values | {path: value - nudge})) / 2e-5
        assert abs(difference) > 1e-3, path
        np.testing.assert_allclose(slopes[path][(0,) * value.ndim], difference, rtol=1e-5, err_msg=path)


def test_a_function_takes_batches_of_them_and_samples(sim):
    amplitudes = jnp.array([0.1, 0.4])
    options = dict(inputs=drive(), monitors={"x": "x"}, sample_every=10)
    f = sim.function(20.0, vary=["inputs.x_inp.amplitude"], **options)
    found = jax.jit(f)({"inputs.x_inp.amplitude": amplitudes}, 0)["x"]
    assert found.shape == (20, 2, N)
    run = sim.run(20.0, seed=0, values={"inputs.x_inp.amplitude": np.array(amplitudes)}, **options)
    np.testing.assert_allclose(found, run["x"], rtol=1e-5, atol=1e-6)
    batch = sim.function(20.0, batch_size=3, **options)({}, 0)["x"]
    assert batch.shape == (20, 3, N)
    called = sim.function(20.0, inputs=lambda i, t: 0.1, monitors={"x": "x"})({}, 0)["x"]
    np.testing.assert_allclose(called, sim.run(20.0, seed=0, inputs=lambda i, t: 0.1)["output"], rtol=1e-5, atol=1e-6)


STATIC = ["dt", "duration", "node.method", "node.in_size", "coupling", "monitors.bold.tr", "monitors.eeg.period"]
FREE = ["k", "conn", "speed", "node.a", "node.init_x", "seed", "inputs.x_inp.onset", "monitors.bold.tau"]


def test_one_function_says_what_a_program_is_compiled_for(sim):
    given = dict(monitors=recorded(), inputs=drive())
    assert all(sim.is_static(path, **given) for path in STATIC)
    assert not any(sim.is_static(path, **given) for path in FREE)
    with pytest.raises(KeyError, match="did you mean"):
        sim.is_static("monitors.bold.tauu", **given)
    with pytest.raises(KeyError, match=r"did you mean 'node\.method'"):
        sim.is_static("node.metod", **given)
    with pytest.raises(ValueError, match="make another function for each value"):
        sim.function(20.0, vary=["monitors.bold.tr"], **given)


@pytest.mark.parametrize(
    ("values", "kind", "says"),
    [
        ({"inputs.x_inp.onsett": 1.0}, KeyError, "did you mean"),
        ({"inputs.x_inp.onset": 1.0 * u.mV}, ValueError, "onset"),
        ({"inputs.x_inp.amplitude": [[0.1, 0.2]]}, ValueError, r"has the shape \(1, 2\)"),
        ({"inputs.x_inp.tau": -1.0}, ValueError, "must be positive"),
        ({"monitors.bold.alpha": 30.0}, ValueError, "must lie between"),
        ({"monitors.bold.tau": [1.0, 1.1, 1.2]}, ValueError, "could mean 3 regions or 3 simulations"),
        ({"monitors.eeg.leadfield": LEADFIELD[:, :2]}, ValueError, "has the shape"),
        ({"inputs.x_inp.amplitude": [0.1, 0.2], "k": [0.1, 0.2, 0.3, 0.4]}, ValueError, "batch sizes differ"),
    ],
)
def test_what_fits_no_argument_is_refused(sim, values, kind, says):
    with pytest.raises(kind, match=says) as caught:
        sim.run(20.0, inputs=drive(), monitors=recorded(), values=values)
    assert "\n" not in str(caught.value)


def test_tables_in_another_order_are_refused():
    names, other = list("abc"), list("bac")
    sim = simulator(labels=names)
    field, weights = pd.DataFrame(LEADFIELD, columns=names), pd.Series([1.0, 2.0, 3.0], index=other)
    cases = [
        dict(monitors=recorded(leadfield=field), values={"monitors.eeg.leadfield": field[other]}),
        dict(monitors=recorded(), values={"monitors.bold.tau": pd.DataFrame([[0.9, 1.0, 1.1]], columns=other)}),
        dict(inputs={"x_inp": stimulus.Step(1.0, weights=np.ones(N))}, values={"inputs.x_inp.weights": weights}),
        dict(inputs={"x_inp": stimulus.Step(1.0, weights=weights)}, values={"inputs.x_inp.amplitude": 0.1}),
    ]
    for case in cases:
        with pytest.raises(ValueError, match="in another order"):
            sim.run(20.0, **case)
    sim.run(20.0, monitors=recorded(leadfield=field), values={"monitors.eeg.leadfield": 2 * field})
