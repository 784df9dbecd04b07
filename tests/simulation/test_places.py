"""Runs from a place: in stretches, for some simulations and at different times, as those of `Simulator.run`."""

import os
import subprocess
import sys

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm

N, DT = 4, 0.1
DRAWN = np.random.default_rng(0)
WEIGHTS = DRAWN.random((N, N)) * (1 - np.eye(N))
LENGTHS = DRAWN.uniform(2, 60, (N, N))


def simulator(**options):
    """A network with delays of all lengths and coloured noise."""
    node = bm.HopfStep(N, a=-0.1, noise_x=bm.OUProcess(N, sigma=0.05))
    wiring = dict(conn=WEIGHTS, distance=LENGTHS, speed=5.0, k=0.1, coupled_var="x")
    return bm.Simulator(bm.Network(node, **wiring | options), dt=DT)


def monitors():
    """Of each kind one: every step, samples with a state, statistics that are numbers, and those that keep frames."""
    fcd = bm.StreamingFCD(bm.Sample("x", 1.0), window=8, step=2)
    return dict(x="x", bold=bm.Bold("x", tr=10.0), fc=bm.StreamingFC("x"), fcd=fcd)


@pytest.fixture(scope="module")
def sim():
    return simulator()


@pytest.fixture(scope="module")
def whole(sim):
    return sim.run(60.0, seed=3, batch_size=3, monitors=monitors())


def same(found, wanted):
    for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(wanted), strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def joined(*results, name):
    return np.concatenate([np.asarray(u.get_mantissa(result[name])) for result in results])


@pytest.mark.parametrize("batch_size", [None, 3])
def test_stretches_are_the_run_to_the_bit(sim, batch_size):
    recorded = monitors()
    run = sim.run(60.0, seed=3, batch_size=batch_size, monitors=recorded)
    place = sim.start(seed=3, batch_size=batch_size)
    first, place = sim.advance(place, 23.4, monitors=recorded)
    second, place = sim.advance(place, 36.6, monitors=recorded)
    for name in ("x", "bold", "ts"):
        same(joined(first, second, name=name), u.get_mantissa(run[name]))
    same([second["fc"], second["fcd"]], [run["fc"], run["fcd"]])
    assert np.all(place.t == 60.0 * u.ms)


def test_a_place_is_a_value(sim):
    place = sim.start(seed=1, batch_size=2)
    before = jax.tree.map(np.array, place)
    first, after = sim.advance(place, 5.0)
    again, _ = sim.advance(jax.tree.map(jnp.asarray, place.take([0, 1])), 5.0)
    same(place, before)
    same(again["output"], first["output"])
    branch, _ = sim.advance(after, 5.0)
    other, _ = sim.advance(after, 5.0, values={"k": 0.5})
    assert not np.array_equal(branch["output"], other["output"])


def test_it_leaves_the_model_alone():
    sim = simulator()
    sim.run(5.0, seed=1)
    left = np.array(sim.model.node.x.value)
    sim.advance(sim.start(seed=2, batch_size=3), 5.0)
    same(sim.model.node.x.value, left)
    goes_on = sim.run(5.0, init_states=False)
    same(goes_on["output"], simulator().run(10.0, seed=1)["output"][50:])


def test_one_stops_and_one_goes_further_as_each_does_alone(sim, whole):
    recorded = monitors()
    place = sim.start(seed=3, batch_size=3)
    first, place = sim.advance(place, 20.0, monitors=recorded)
    second, place = sim.advance(place, 20.0, monitors=recorded, simulations=[0, 2])
    third, place = sim.advance(place, 20.0, monitors=recorded, simulations=[2])
    assert np.round(place.t.to_decimal(u.ms)).tolist() == [40, 20, 60]
    assert repr(place) == "Place of 3 simulations at t = 20 ms to 60 ms"
    x, bold = (np.asarray(whole[name]) for name in ("x", "bold"))
    np.testing.assert_allclose(second["x"], x[200:400, [0, 2]], rtol=1e-5, atol=1e-7)  # another layout may round
    np.testing.assert_allclose(third["x"], x[400:, [2]], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(third["bold"], bold[4:, [2]], rtol=1e-5)
    np.testing.assert_allclose(third["fcd"], np.asarray(whole["fcd"])[[2]], atol=1e-5)
    for number in range(3):
        alone = sim.start(seed=3, batch_size=3).take([number])
        for _ in range([2, 1, 3][number]):
            result, alone = sim.advance(alone, 20.0, monitors=recorded)
        of_batch = [second, first, third][number]
        member = [0, 1, 0][number]
        for name in ("x", "bold"):
            np.testing.assert_allclose(result[name][:, 0], of_batch[name][:, member], rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(result["fc"][0], of_batch["fc"][member], atol=1e-5)


def test_simulations_at_different_times_go_on_together(sim, whole):
    recorded = monitors()
    _, place = sim.advance(sim.start(seed=3, batch_size=3), 10.0, monitors=recorded)
    _, place = sim.advance(place, 20.0, monitors=recorded, simulations=[1])
    with pytest.raises(ValueError, match="fcd has other samples for the simulations at t = 10 ms than for those at t"):
        sim.advance(place, 20.0, monitors=recorded)
    recorded = {"x": "x"}
    result, after = sim.advance(place, 20.0, monitors=recorded)
    x = np.asarray(whole["x"])
    np.testing.assert_allclose(result["x"][:, [0, 2]], x[100:300, [0, 2]], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(result["x"][:, [1]], x[300:500, [1]], rtol=1e-5, atol=1e-7)
    assert result.coords["start_time"].to_decimal(u.ms).tolist() == [10, 30, 10]
    np.testing.assert_allclose(result["ts"].to_decimal(u.ms), np.arange(1, 201) * DT)
    assert result.to_xarray()["start_time"].values.tolist() == [10, 30, 10]
    assert np.round(after.t.to_decimal(u.ms)).tolist() == [30, 50, 30]


def test_statistics_of_each_go_on_from_where_it_stands(sim):
    statistic = {"fc": bm.StreamingFC("x")}
    _, place = sim.advance(sim.start(seed=3, batch_size=3), 10.0, monitors=statistic)
    _, place = sim.advance(place, 20.0, monitors=statistic, simulations=[2])
    both, _ = sim.advance(place, 10.0, monitors=statistic)
    for members, until in (([0, 1], 20.0), ([2], 40.0)):
        wanted = sim.run(until, seed=3, batch_size=3, monitors=statistic)["fc"]
        np.testing.assert_allclose(np.asarray(both["fc"])[members], np.asarray(wanted)[members], atol=1e-6)


def test_monitors_that_are_new_begin_where_each_simulation_stands(sim):
    _, place = sim.advance(sim.start(seed=3, batch_size=2), 10.0)
    _, place = sim.advance(place, 10.0, simulations=[1], monitors={"fc": bm.StreamingFC("x")})
    both, _ = sim.advance(place, 10.0, monitors={"fc": bm.StreamingFC("x")})
    run = np.asarray(sim.run(30.0, seed=3, batch_size=2)["output"])
    for member, rows in enumerate((run[100:200, 0], run[100:300, 1])):
        np.testing.assert_allclose(both["fc"][member], np.corrcoef(rows.T), atol=1e-4)


def test_values_stay_with_the_place_and_those_of_a_stretch_do_not(sim):
    k = np.array([0.0, 0.2, 0.4])
    place = sim.start(seed=3, values={"k": k})
    first, place = sim.advance(place, 10.0)
    second, place = sim.advance(place, 10.0, values={"k": 0.1})
    third, place = sim.advance(place, 10.0, simulations=[0, 2])
    wanted = sim.run(10.0, seed=3, values={"k": k})
    same(first["output"], wanted["output"])
    same(first.coords["k"], k)
    sim.run(10.0, seed=3, values={"k": k})
    same(second["output"], sim.run(10.0, init_states=False, values={"k": 0.1})["output"])
    same(third.coords["k"], k[[0, 2]])
    same(third["output"], sim.run(10.0, init_states=False, simulations=[0, 2], values={"k": k[[0, 2]]})["output"])


def test_copies_have_noise_of_their_own_under_new_numbers(sim):
    _, place = sim.advance(sim.start(seed=3, batch_size=2), 10.0)
    copies = place.take([1, 1], numbers=[5, 1])
    result, _ = sim.advance(copies, 10.0)
    wanted, _ = sim.advance(place, 10.0)
    same(copies.states["node"]["x"][0], copies.states["node"]["x"][1])
    same(result["output"][:, 1], wanted["output"][:, 1])
    assert not np.array_equal(result["output"][-1, 0], result["output"][-1, 1])


def test_a_simulation_that_diverges_is_in_the_place_and_the_others_go_on():
    sim = bm.Simulator(bm.HopfStep(3, a=-0.1, init_x=0.1, init_y=0.1), dt=DT)
    place = sim.start(values={"a": np.array([-0.1, 5e4]) / u.ms}, seed=0)
    with pytest.raises(FloatingPointError) as caught:
        sim.advance(place, 20.0)
    assert np.isfinite(caught.value.result["output"][:, 0]).all()
    after = caught.value.place
    assert np.isfinite(after.states[""]["x"][0]).all()
    assert np.isnan(after.states[""]["x"][1]).all()
    with pytest.warns(RuntimeWarning, match="diverged"):
        result, after = sim.advance(place, 20.0, on_divergence="stop")
    assert [one.simulation for one in result.diverged] == [1]


def test_ctrl_c_leaves_the_place_that_was_reached(sim, monkeypatch):
    place = sim.start(seed=1)
    kept = sim._runs.cache.chunk_program
    count = []

    def interrupt(*args, **kwargs):
        count.append(1)
        if len(count) > 2:
            raise KeyboardInterrupt
        return kept(*args, **kwargs)

    monkeypatch.setattr(sim._runs.cache, "chunk_program", interrupt)
    with pytest.raises(KeyboardInterrupt, match="stopped at t = ") as caught:
        sim.advance(place, 20.0, chunk=5.0)
    monkeypatch.undo()
    reached = float(caught.value.place.t.to_decimal(u.ms))
    assert 0 < reached < 20
    rest, _ = sim.advance(caught.value.place, 20.0 - reached)
    same(joined(caught.value.result, rest, name="output"), sim.run(20.0, seed=1)["output"])


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda sim, place: sim.advance({"x": 1}, 5.0), TypeError, "must be a Place, as Simulator.start gives it"),
        (lambda sim, place: sim.advance(place, 5.0, simulations=[4]), ValueError, "4 is none of the present"),
        (lambda sim, place: sim.advance(place, 5.0, simulations=[1, 1]), TypeError, "different integers"),
        (lambda sim, place: place.take([1, 1]), TypeError, "different integers"),
        (lambda sim, place: place.take([1, 0], numbers=[3]), ValueError, "must be 2 numbers"),
        (lambda sim, place: sim.start(seed=1).take([0]), ValueError, "chooses among the members of a batch"),
        (lambda sim, place: sim.advance(place, 5.0, values={"k": [1.0, 2.0]}), ValueError, "batch sizes differ"),
        (lambda sim, place: bm.Simulator(sim.model, 0.2).advance(place, 5.0), ValueError, "come from dt=0.1 ms"),
        (lambda sim, place: sim.advance(place, 5.0, devices=["gpu"]), TypeError, "as jax.devices"),
        (lambda sim, place: sim.advance(sim.start(), 5.0, devices=jax.devices()), ValueError, "batch_size="),
    ],
)
def test_what_is_no_place_to_go_on_from_is_refused(sim, call, kind, says):
    with pytest.raises(kind, match=says) as caught:
        call(sim, sim.start(seed=1, batch_size=3))
    assert "\n" not in str(caught.value)


def test_a_model_that_has_changed_its_shape_is_refused():
    sim = bm.Simulator(bm.HopfStep(3, a=-0.1), dt=DT)
    place = sim.start(values={"a": [-0.1, -0.2, -0.3, -0.4]}, seed=0)
    sim.model.a = np.full(3, -0.2)
    with pytest.raises(ValueError, match="of the model is"):
        sim.advance(place, 5.0)


def test_what_jax_traces_goes_through():
    sim = bm.Simulator(bm.HopfStep(2, a=-0.1, init_x=0.3, init_y=0.0), dt=DT)
    place = sim.start(seed=0)

    def last(k):
        _, after = sim.advance(place, 2.0, values={"a": k})
        result, _ = sim.advance(after, 2.0, values={"a": k})
        return jnp.sum(result["output"][-1] ** 2)

    slope = jax.grad(last)(-0.1)
    np.testing.assert_allclose(slope, (last(-0.09) - last(-0.11)) / 0.02, rtol=1e-2)
    with pytest.raises(ValueError, match="place is traced as a whole"):
        jax.jit(lambda place: sim.advance(place, 2.0)[0]["output"])(place)


def rates(*values):
    return {"a": np.array(values)[:, None] / u.ms}


def banks(**options):
    return bm.Simulator(bm.HopfStep(3, a=-0.1, init_x=0.1, init_y=0.1, **options), dt=DT)


def test_those_that_stand_keep_their_monitors(sim):
    statistic = {"fc": bm.StreamingFC("x")}
    _, place = sim.advance(sim.start(seed=3, batch_size=2), 20.0, monitors=statistic)
    wanted, _ = sim.advance(place, 20.0, monitors=statistic, simulations=[1])
    _, other = sim.advance(place, 20.0, monitors={"x": "x"}, simulations=[0])
    same(sim.advance(other, 20.0, monitors=statistic, simulations=[1])[0]["fc"], wanted["fc"])


def test_those_that_outlive_others_keep_their_monitors():
    sim, statistic = banks(noise_x=bm.WhiteNoise(3, sigma=0.1)), {"fc": bm.StreamingFC("x")}
    _, place = sim.advance(sim.start(values=rates(-0.1, -0.2, -0.1), seed=0), 5.0, simulations=[2])
    _, whole = sim.advance(place, 20.0, monitors=statistic)
    with pytest.warns(RuntimeWarning, match="diverged"):
        _, lost = sim.advance(place, 20.0, monitors=statistic, values=rates(-0.1, -0.2, 5e4), on_divergence="stop")
    assert np.round(lost.t.to_decimal(u.ms)).tolist() == [20, 20, 25]
    assert np.isnan(lost.states[""]["x"][2]).all()
    wanted, found = (sim.advance(p, 20.0, monitors=statistic, simulations=[0, 1])[0]["fc"] for p in (whole, lost))
    same(found, wanted)


@pytest.mark.parametrize("how", ["raise", "stop"])
def test_a_part_that_is_lost_early_is_nan_in_the_result_of_all(how):
    sim = banks()
    _, place = sim.advance(sim.start(values=rates(-0.1, -0.2, 5e4), seed=0), 5.0, simulations=[0, 1])
    if how == "raise":
        with pytest.raises(FloatingPointError) as caught:
            sim.advance(place, 20.0, chunk=7.0)
        result = caught.value.result
    else:
        with pytest.warns(RuntimeWarning, match="diverged"):
            result, _ = sim.advance(place, 20.0, chunk=7.0, on_divergence="stop")
    assert result["output"].shape == (200, 3, 3)
    assert np.isfinite(result["output"][:, :2]).all()
    assert np.isnan(result["output"][-1, 2]).all()
    assert [(one.simulation, one.time) for one in result.diverged] == [(2, 0.2 * u.ms)]


def test_times_count_from_each_start_also_where_one_is_zero(sim):
    _, place = sim.advance(sim.start(seed=3, batch_size=2), 10.0, simulations=[1])
    result, _ = sim.advance(place, 5.0)
    assert result.coords["start_time"].to_decimal(u.ms).tolist() == [0, 10]


def test_ctrl_c_in_one_part_leaves_its_simulations_where_they_stood(sim, monkeypatch):
    _, place = sim.advance(sim.start(seed=1, batch_size=2), 5.0)
    _, place = sim.advance(place, 5.0, simulations=[1])
    kept, count = sim._runs.cache.chunk_program, []

    def interrupt(*args, **kwargs):
        count.append(1)
        if len(count) > 4:
            raise KeyboardInterrupt
        return kept(*args, **kwargs)

    monkeypatch.setattr(sim._runs.cache, "chunk_program", interrupt)
    with pytest.raises(KeyboardInterrupt) as caught:
        sim.advance(place, 20.0, chunk=5.0)
    assert np.round(caught.value.place.t.to_decimal(u.ms)).tolist() == [25, 10]
    assert caught.value.result["output"].shape == (200, 1, N)


def test_places_of_another_precision_and_of_the_host_go_on(sim):
    with jax.enable_x64(True):
        exact = simulator()
        _, place = exact.advance(exact.start(seed=1, batch_size=2), 20.0, monitors=monitors())
    _, after = simulator().advance(jax.tree.map(np.asarray, place), 5.0)
    assert after.states["node"]["x"].dtype == jnp.float32
    with jax.numpy_rank_promotion("raise"):
        sim.advance(sim.start(seed=1, batch_size=2), 1.0)


def test_a_place_of_another_model_is_refused(sim):
    node, small, other = (
        bm.Simulator(bank, dt=DT) for bank in (bm.HopfStep(N), bm.HopfStep(1), bm.StuartLandauStep(N))
    )
    for one, place in ((small, node.start()), (node, small.start()), (node, other.start()), (sim, node.start())):
        with pytest.raises(ValueError, match="place is of another model"):
            one.advance(place, 2.0)


def test_gradients_of_simulations_at_different_times():
    sim = banks()
    _, place = sim.advance(sim.start(seed=0, batch_size=2), 1.0)
    _, apart = sim.advance(place, 1.0, simulations=[1])

    def power(a):
        return jnp.sum(sim.advance(apart, 2.0, values={"a": a})[0]["output"] ** 2)

    np.testing.assert_allclose(jax.grad(power)(-0.1), (power(-0.09) - power(-0.11)) / 0.02, rtol=1e-2)


ON_DEVICES = """
import jax, numpy as np
import brainmass as bm
from tests.simulation.test_places import monitors, simulator

sim, recorded = simulator(), monitors()
assert len(jax.devices()) == 8
values = {"k": np.linspace(0, 0.3, 13)} | ({"speed": np.linspace(4, 9, 13)} if SPEED else {})
place = sim.start(seed=3, values=values)
found = []
for number in (None, 1, 2, 4, 8):
    devices = None if number is None else jax.devices()[:number]
    one, after = sim.advance(place, 20.4, monitors=recorded, devices=devices)
    two, after = sim.advance(after, 20.0, monitors=recorded, devices=devices)
    if number == 4:
        elsewhere, _ = sim.advance(after, 2.0, devices=jax.devices()[2:4])
        np.testing.assert_allclose(elsewhere["output"], sim.advance(after, 2.0)[0]["output"], atol=1e-6)
    found.append(jax.tree.map(np.asarray, (dict(one), dict(two), after.states)))
    if number == 8:
        assert len(after.states["node"]["x"].sharding.device_set) > 1
for other in found[1:]:
    for a, b in zip(jax.tree.leaves(found[0]), jax.tree.leaves(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=2e-6 * np.abs(np.asarray(a, float)).max())
run = sim.run(20.4, seed=3, values=values, devices=jax.devices()[:4])
np.testing.assert_allclose(run["output"], found[0][0]["x"], rtol=0, atol=1e-6)
print("the same on all")
"""


def slope_and_difference(loss, at, nudge=1e-5):
    return jax.grad(loss)(at), (loss(at + nudge) - loss(at - nudge)) / (2 * nudge)


@pytest.mark.slow
def test_gradients_through_the_monitors_of_some_simulations(x64):
    sim, recorded = simulator(), {"bold": bm.Bold("x", tr=10.0), "fc": bm.StreamingFC("x")}

    def loss(k):
        _, place = sim.advance(sim.start(seed=3, batch_size=3), 10.0, monitors=recorded, values={"k": k})
        found, place = sim.advance(place, 20.0, monitors=recorded, values={"k": k}, simulations=[2, 0])
        found, _ = sim.advance(place, 20.0, monitors=recorded, values={"k": k}, simulations=[0])
        return jnp.sum(found["fc"]) + 1e6 * jnp.sum(u.get_mantissa(found["bold"]))

    slope, difference = slope_and_difference(loss, jnp.asarray(0.1))
    assert abs(difference) > 1e-2
    np.testing.assert_allclose(slope, difference, rtol=1e-5)


@pytest.mark.slow
def test_gradients_through_frames_of_two_stretches(x64):
    sim, recorded = simulator(), monitors()

    def loss(k):
        _, place = sim.advance(sim.start(seed=3), 23.4, monitors=recorded, values={"k": k})
        found, _ = sim.advance(place, 36.6, monitors=recorded, values={"k": k})
        return jnp.sum(found["fcd"])

    slope, difference = slope_and_difference(loss, jnp.asarray(0.1))
    assert abs(difference) > 1e-2
    np.testing.assert_allclose(slope, difference, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("speed", [False, True], ids=["one set of delays", "delays that differ"])
def test_a_batch_on_1_2_4_and_8_devices_gives_the_same_numbers(speed):
    environment = os.environ | {"XLA_FLAGS": "--xla_force_host_platform_device_count=8", "JAX_PLATFORMS": "cpu"}
    script = ON_DEVICES.replace("SPEED", str(speed))
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert "the same on all" in done.stdout, done.stderr
