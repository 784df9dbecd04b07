"""A simulation of a batch that diverges: NaN from there on, named, and no other is changed by it."""

import warnings

import brainunit as u
import numpy as np
import pytest

import brainmass as bm

DT, N, TIME = 0.1, 2, 40.0
GROWTH = np.array([0.1, 0.2, -0.2])  # β is negative in the third, which then grows without bound
BETA = np.array([1.0, 1.0, -1.0])
MONITORS = {
    "x": "x",
    "mean": bm.TemporalAverage("x", 2.0),
    "bold": bm.Bold("x", tr=5.0 * u.ms),
    "fc": bm.StreamingFC("x"),
    "square": lambda m: m.node.x.value**2,
}


def simulator():
    node = bm.HopfStep(N, w=np.full(N, 0.2), noise_x=bm.GaussianNoise(N, sigma=0.01), init_x=0.5)
    conn = np.array([[0.0, 1.0], [0.5, 0.0]])
    return bm.Simulator(bm.Network(node, conn=conn, delays=np.ones((N, N)), k=0.1, coupled_var="x"), dt=DT)


@pytest.fixture(scope="module")
def sim():
    return simulator()


def run(sim, beta, **options):
    values = {"node.a": GROWTH, "node.beta": beta}
    return sim.run(TIME, values=values, seed=1, monitors=MONITORS, progress=False, **options)


@pytest.fixture(scope="module")
def healthy(sim):
    return run(sim, np.ones(3))


@pytest.fixture(scope="module")
def error(sim):
    with pytest.raises(FloatingPointError, match=r"x, simulation 2, region [01], is not finite at t = ") as caught:
        run(sim, BETA)
    return caught.value


def same(one, other, members):
    for name in one:
        if name != "ts":
            own = members if name in one.whole else (slice(None), members)
            np.testing.assert_array_equal(np.asarray(one[name])[own], np.asarray(other[name])[own], err_msg=name)


def test_the_others_have_the_bits_that_they_have_without_it(error, healthy):
    assert error.result["ts"].shape == healthy["ts"].shape
    same(error.result, healthy, [0, 1])
    assert healthy.diverged == []


def test_it_is_nan_from_its_first_bad_sample_on_in_everything(error):
    result = error.result
    (lost,) = result.diverged
    assert error.diverged == result.diverged
    assert (lost.simulation, lost.variable) == (2, "x")
    assert lost.region in (0, 1)
    before = np.asarray(result["ts"] < lost.time)
    assert 20 < before.sum() < 200
    assert np.isfinite(result["x"][before, 2]).all()
    assert np.isnan(result["fc"][2]).all()
    for name in set(MONITORS) - {"fc"}:
        later = np.asarray(result.times_of(name) >= lost.time)
        assert later.any()
        assert np.isnan(np.asarray(result[name])[later, 2]).all(), name


def test_chunks_do_not_matter_and_states_are_kept(error):
    sim = simulator()
    with pytest.warns(RuntimeWarning, match="simulation 2, region"):
        cut = run(sim, BETA, chunk=8.0, on_divergence="stop")
    for name in MONITORS:
        np.testing.assert_array_equal(np.asarray(cut[name]), np.asarray(error.result[name]), err_msg=name)
    assert cut.diverged == error.diverged
    x = np.asarray(sim.model.node.x.value)
    assert np.isnan(x[2]).all()
    assert np.isfinite(x[:2]).all()


def test_what_is_made_of_a_state_does_not_come_back_from_it(sim):
    """Nothing but samples of a clamped haemodynamic model: the time is that at which the state was found."""
    given = {"node.a": GROWTH, "node.beta": BETA}
    with pytest.raises(FloatingPointError) as caught:
        sim.run(TIME, values=given, seed=1, monitors=bm.Bold("x", tr=1.0 * u.ms), chunk=8.0)
    assert [d.simulation for d in caught.value.diverged] == [2]
    bold = caught.value.result["output"]
    assert np.isnan(bold[np.asarray(caught.value.result["ts"] >= caught.value.diverged[0].time), 2]).all()
    assert np.isfinite(bold[:, :2]).all()


def test_a_run_ends_early_only_when_all_have_diverged(sim):
    with pytest.raises(FloatingPointError, match="2 more simulations") as caught:
        sim.run(TIME, values={"node.a": 3.0 * np.ones(3), "node.beta": -np.ones(3)}, seed=1, chunk=8.0)
    assert caught.value.result["ts"][-1] < TIME * u.ms
    assert [d.simulation for d in caught.value.diverged] == [0, 1, 2]


def test_a_single_run_names_it_too(sim):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kept = sim.run(TIME, values={"node.a": 3.0, "node.beta": -1.0}, seed=1, on_divergence="stop")
    (lost,) = kept.diverged
    assert lost.simulation == 0
    assert kept["ts"][-1] < lost.time
    assert np.isfinite(kept["output"]).all()
    assert sim.run(1.0, seed=1).diverged == []


def test_it_comes_back_from_a_file_and_from_a_checkpoint(error, tmp_path):
    error.result.save(tmp_path / "run.nc")
    loaded = bm.load_result(tmp_path / "run.nc")
    assert loaded.diverged == error.diverged
    np.testing.assert_array_equal(loaded["x"], error.result["x"])
    with pytest.raises(FloatingPointError):
        run(simulator(), BETA, chunk=8.0, checkpoint=tmp_path / "run")
    with pytest.raises(FloatingPointError) as caught:
        bm.resume(tmp_path / "run", trust=("pickle",))
    assert caught.value.diverged == error.diverged
    same(caught.value.result, error.result, [0, 1, 2])


# -- when it happened -------------------------------------------------------------------------------------------------


class Cubic(bm.StateSpace):
    """ẋ = a·x³, with y beside it."""

    a = bm.Parameter(0.0 / u.ms, u.ms**-1)
    x = bm.Variable(1.0)
    y = bm.Variable(1.0)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=p.a * s.x**3, y=0.0 * s.y / u.ms)


@pytest.fixture(scope="module")
def cubic():
    """Region 1 alone diverges, in step 7."""
    return bm.Simulator(Cubic(3, a=np.array([-1.0, 5.0, -0.5]), method="euler"), dt=DT)


def lost_in(sim, monitors, **options):
    with pytest.raises(FloatingPointError) as caught:
        sim.run(100.0, monitors=monitors, **options)
    (lost,) = caught.value.diverged
    return lost, str(caught.value)


SAMPLE = bm.Sample("x", 20.0 * u.ms)


@pytest.mark.parametrize(
    "monitors", ["x", ["y", "x"], {"late": SAMPLE, "x": "x"}, {"fc": bm.StreamingFC("x"), "x": "x"}]
)
def test_the_time_is_exact_where_every_step_is_recorded(cubic, monitors):
    lost, message = lost_in(cubic, monitors)
    assert float(lost.time / u.ms) == pytest.approx(0.7)
    assert lost[2:] == ("x", 1, False)
    assert "region 1, is inf at t = 0.7 ms;" in message


def test_the_first_step_of_a_run_is_exact(cubic):
    lost, _ = lost_in(cubic, "x", values={"a": np.array([0.0, 1e30, 0.0])})
    assert (float(lost.time / u.ms), lost.no_later) == (pytest.approx(0.2), False)
    late, _ = lost_in(cubic, "x", values={"a": np.array([0.0, 1e30, 0.0])}, transient=2 * DT)
    assert (float(late.time / u.ms), late.no_later) == (pytest.approx(0.3), True)
    sim = bm.Simulator(Cubic(3, a=np.array([0.0, 1.0, 0.0]), method="euler"), dt=DT)
    sim.run(0.4)
    sim.model.x = np.array([0.0, 1e30, 0.0])
    lost, _ = lost_in(sim, "x", init_states=False)
    assert (float(lost.time / u.ms), lost.no_later) == (pytest.approx(0.5), False)


@pytest.mark.parametrize(
    ("monitors", "options", "time"),
    [
        (SAMPLE, {}, 20.0),
        (SAMPLE, {"chunk": 8.0}, 4.8),
        (bm.GlobalAverage("x", 20.0 * u.ms), {}, 20.0),
        (bm.TemporalAverage(lambda m: m.x.value[..., ::-1] * 2.0, 20.0), {}, 20.0),
        (bm.StreamingFC("x"), {}, 100.0),
        (bm.StreamingFC("x"), {"chunk": 8.0}, 4.8),
        ("x", {"transient": 5.0}, 5.1),
        ("x", {"sample_every": 20}, 2.0),
        ("y", {}, 100.0),
        ({"late": SAMPLE, "x": "x"}, {"transient": 6.0}, 6.1),
    ],
    ids=str,
)
def test_a_time_of_looking_is_called_no_later(cubic, monitors, options, time):
    lost, message = lost_in(cubic, monitors, **options)
    assert float(lost.time / u.ms) == pytest.approx(time)
    assert lost[2:] == ("x", 1, True)
    when = f"no later than t = {float(lost.time / u.ms):.10g} ms"
    assert message.startswith(f"the run diverged {when}: x, region 1, is not finite;")
    with pytest.warns(RuntimeWarning, match=f"diverged {when}: x, region 1,"):
        kept = cubic.run(100.0, monitors=monitors, on_divergence="stop", **options)
    assert kept.diverged == [lost]
    assert f"diverged {when}" in repr(kept)


def test_simulations_of_a_batch_say_so_too(cubic, tmp_path):
    a = np.array([[-1.0, -1.0, -1.0], [-1.0, 5.0, -1.0], [4.0, -1.0, -1.0]])
    with pytest.raises(
        FloatingPointError, match=r"no later than t = 20 ms: x, simulation 1, region 1, is not"
    ) as caught:
        cubic.run(100.0, monitors=SAMPLE, values={"a": a})
    result = caught.value.result
    assert [(d.simulation, *d[2:]) for d in result.diverged] == [(1, "x", 1, True), (2, "x", 0, True)]
    result.save(tmp_path / "run.nc")
    assert bm.load_result(tmp_path / "run.nc").diverged == result.diverged


def test_a_file_of_before_is_read(cubic, tmp_path, monkeypatch):
    with pytest.warns(RuntimeWarning, match="diverged"):
        kept = cubic.run(100.0, on_divergence="stop")
    data = kept.to_xarray()
    data.attrs["diverged_simulations"] = '[[0, 0.7, "x", 1]]'
    monkeypatch.setattr(type(kept), "to_xarray", lambda self: data)
    kept.save(tmp_path / "run.nc")
    (lost,) = bm.load_result(tmp_path / "run.nc").diverged
    assert lost[2:] == ("x", 1, False)


# -- what a sweep was run with ----------------------------------------------------------------------------------------


def test_batched_values_are_coordinates(sim, tmp_path):
    w, k = np.array([[0.1, 0.2], [0.3, 0.4], [0.1, 0.1]]), np.array([0.1, 0.2, 0.3])
    delays = np.array([1.0, 2.0, 0.5])[:, None, None] * np.ones((3, N, N))
    values = {"node.w": w / u.ms, "k": k, "node.beta": 1.0, "delays": delays}
    result = sim.run(2.0, values=values, seed=7, monitors=["x", "y"])
    assert result.coords.keys() == {"k", "node.w", "delays"}
    np.testing.assert_array_equal(u.get_mantissa(result.coords["node.w"].to(u.ms**-1)), w)
    data = result.to_xarray()
    assert data["k"].dims == ("batch",)
    np.testing.assert_array_equal(data["k"], k)
    assert data["node.w"].dims == ("batch", "region")
    assert data["node.w"].attrs["units"] == "1/ms"
    assert data["delays"].dims == ("batch", "region", "other_region")
    assert int(data["seed"]) == 7
    assert data["x"].swap_dims(batch="k").sel(k=0.2).shape == (20, N)
    result.save(tmp_path / "sweep.nc")
    loaded = bm.load_result(tmp_path / "sweep.nc")
    assert loaded.coords.keys() == result.coords.keys()
    for path, value in result.coords.items():
        assert u.get_unit(loaded.coords[path]) == u.get_unit(value)
        np.testing.assert_array_equal(u.get_mantissa(loaded.coords[path]), u.get_mantissa(value))
    assert sim.run(2.0, seed=7).coords == {}
