"""Monitors that sample, and statistics: what they record is what the stored series gives, however a run is cut."""

import brainstate
import brainunit as u
import numpy as np
import pytest

import brainmass as bm
from brainmass.monitors.balloon import Balloon
from brainmass.monitors.base import PeriodMean
from brainmass.monitors.recording.recorder import Recorder
from tests.compiles import compilations

N, DT, SEED = 3, 0.1, 4
WEIGHTS = np.array([[0.0, 0.7, 0.2], [0.5, 0.0, 0.0], [0.1, 0.9, 0.0]])
DELAYS = np.array([[0.0, 0.3, 2.0], [1.6, 0.0, 0.0], [4.1, 0.0, 0.0]])


def network(**options):
    noise = {"noise_x": bm.OUProcess(N, sigma=0.3, tau=5.0), "noise_y": bm.OUProcess(N, sigma=0.3, tau=5.0)}
    node = bm.HopfStep(N, a=np.array([0.1, 0.2, 0.3]), **noise)
    return bm.Network(node, conn=WEIGHTS, delays=DELAYS, k=0.1, coupled_var="x", **options)


def simulator():
    return bm.Simulator(network(), dt=DT)


def everything():
    bold, mean = bm.Bold("x", tr=16.0), bm.TemporalAverage("x", 0.7)
    return {
        "x": "x",
        "sample": bm.Sample("x", 0.3),
        "slow": bm.Sample(lambda m: m.node.x.value + m.node.y.value, 5.0),
        "mean": mean,
        "global": bm.GlobalAverage("y", 1.0),
        "bold": bold,
        "fc": bm.StreamingFC("x"),
        "fc of means": bm.StreamingFC(mean),
        "fc of bold": bm.StreamingFC(bold),
        "fc of y": bm.StreamingFC(bm.TemporalAverage("y", 1.3)),
        "fcd": bm.StreamingFCD(mean, window=31, step=7),
        "fcd of x": bm.StreamingFCD("x", window=200, step=64),
    }


def bare(value):
    return np.asarray(u.get_mantissa(value))


def averages(series, steps, skip=0):
    """Means over whole periods of ``steps`` steps since t = 0, of a series that begins after ``skip`` steps."""
    first = -skip % steps
    count = (len(series) - first) // steps
    return series[first : first + count * steps].reshape(count, steps, *series.shape[1:]).mean(1)


@pytest.mark.parametrize("skip", [333, *(pytest.param(n, marks=pytest.mark.slow) for n in (0, 50))])
def test_every_monitor_is_what_the_stored_series_gives(x64, skip):
    result = simulator().run(200.0, monitors=everything() | {"y": "y"}, seed=SEED, transient=skip * DT * u.ms)
    x, y = result["x"], result["y"]
    assert len(x) == 2000 - skip

    def at(steps):
        return np.arange(1, 2001)[skip:] % steps == 0

    np.testing.assert_array_equal(result["sample"], x[at(3)])
    np.testing.assert_array_equal(result["slow"], (x + y)[at(50)])
    np.testing.assert_allclose(result["mean"], averages(x, 7, skip), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(result["global"], averages(y, 10, skip).mean(1), rtol=1e-12, atol=1e-14)
    for name, series in {
        "fc": x,
        "fc of means": result["mean"],
        "fc of bold": result["bold"],
        "fc of y": averages(y, 13, skip),
    }.items():
        np.testing.assert_allclose(result[name], bm.functional_connectivity(series), rtol=1e-9, atol=1e-12)
        assert np.ptp(result[name]) > 0.01
    for name, (series, window, step) in {"fcd": (result["mean"], 31, 7), "fcd of x": (x, 200, 64)}.items():
        wanted = bm.metrics.functional_connectivity_dynamics(series, window, step)
        np.testing.assert_allclose(result[name], wanted, rtol=1e-9, atol=1e-12, err_msg=name)
        assert len(wanted) > 20
        assert np.ptp(wanted) > 0.1
    times = {name: result.times_of(name).to(u.ms).mantissa for name in result if name not in (*result.whole, "ts")}
    for name, series in times.items():
        assert len(series) == len(result[name])
        assert series[0] > skip * DT
    np.testing.assert_allclose(times["sample"], result["ts"].mantissa[at(3)])
    np.testing.assert_allclose(times["mean"][-1], 2000 // 7 * 0.7)
    np.testing.assert_allclose(times["bold"], np.arange(16.0, 200.0, 16.0)[np.arange(16.0, 200.0, 16.0) > skip * DT])
    assert all(result.times_of(name) is None for name in result.whole)


def offline_bold(activity, tr, **parameters):
    """The Balloon model by itself on 1 ms means, in steps of a tenth and by another method."""
    node, inputs = Balloon(activity.shape[1], **parameters), {"z": np.repeat(activity, 10, 0)}
    run = bm.Simulator(node, dt=0.1).run(float(len(activity)), inputs=inputs, monitors="bold")
    return run["output"][10 * tr - 1 :: 10 * tr]


@pytest.mark.parametrize(
    ("model", "given"), [("balloon", {}), ("heinzle2016", {}), ("balloon", {"tau": [0.5, 1.0, 2.0]})]
)
def test_bold_is_the_balloon_model_on_averages_of_a_millisecond(x64, model, given):
    parameters = {name: np.array(value) * u.second for name, value in given.items()}
    monitors = {"bold": bm.Bold("x", tr=20.0, model=model, **parameters), "x": "x"}
    result = simulator().run(3000.0, monitors=monitors, seed=SEED)
    known = bm.monitors.balloon.PARAMETERS.get(model, {})
    wanted = offline_bold(averages(result["x"], 10), 20, **known, **parameters)
    np.testing.assert_allclose(result["bold"], wanted, rtol=0, atol=3e-6 * np.abs(wanted).max())
    assert np.abs(wanted).max() > 1e-5


def test_what_averages_alike_shares_its_means():
    rate, leadfield = bm.TemporalAverage("x", 1.0), np.ones((2, N))
    alike = [bm.Bold("x", tr=16.0), rate, bm.GlobalAverage("x", 1.0), bm.EEG("x", leadfield), bm.MEG("x", leadfield)]
    others = [bm.TemporalAverage("x", 2.0), bm.TemporalAverage("y", 1.0), bm.TemporalAverage(rate, 2.0)]
    recorder = Recorder(network(), dict(enumerate(alike + others)), DT, {})
    shared = [[n for n, s in enumerate(recorder.nodes) if s.source == m] for m in means_of(recorder)]
    assert [len(nodes) for nodes in shared] == [5, 1, 1, 1]


def test_callables_are_one_source_only_if_they_are_the_same():
    class Scaled:
        def __init__(self, w):
            self.w = w

        def __call__(self, m):
            return self.w * m.node.x.value

        def __eq__(self, other):
            return True

        __hash__ = None

    once = Scaled(1.0)
    monitors = {n: bm.TemporalAverage(what, 1.0) for n, what in dict(a=once, b=once, c=Scaled(2.0)).items()}
    found = simulator().run(20.0, monitors=monitors, seed=SEED)
    np.testing.assert_array_equal(found["a"], found["b"])
    np.testing.assert_allclose(found["c"], 2 * found["a"], rtol=1e-6)
    assert len(means_of(Recorder(network(), monitors, DT, {}))) == 2


@pytest.mark.parametrize("kind", [lambda up: up, lambda up: up.astype("int32"), lambda up: up.astype("float16")])
def test_monitors_take_numbers_of_any_kind(kind):
    def up(m):
        return kind(m.node.x.value > 0.1)

    mean = bm.TemporalAverage(up, DT)
    monitors = {"x": "x", "each": mean, "sample": bm.Sample(up, DT), "mean": bm.TemporalAverage(up, 1.0)}
    monitors |= {"fc": bm.StreamingFC(up), "fc of means": bm.StreamingFC(mean)}
    found = simulator().run(100.0, monitors=monitors, seed=SEED)
    wanted = found["x"] > 0.1
    np.testing.assert_array_equal(found["each"], wanted)
    np.testing.assert_array_equal(found["sample"], wanted)
    np.testing.assert_allclose(found["mean"], averages(wanted, 10), atol=1e-6)
    np.testing.assert_allclose(found["fc"], np.corrcoef(wanted.T), atol=1e-5)
    np.testing.assert_allclose(found["fc of means"], found["fc"], atol=1e-6)


def means_of(recorder):
    return [n for n, node in enumerate(recorder.nodes) if isinstance(node.monitor, PeriodMean)]


def test_bold_of_slow_samples_holds_them(x64):
    """In steps of 1 ms, however slowly the activity comes."""
    coarse = np.abs(np.random.default_rng(0).normal(0.3, 0.1, (60, 2)))
    for period in (50.0, 250.0, 720.0):
        found = bm.Bold("x", tr=4 * period).of(coarse, period)
        parts = int(np.ceil(period))
        held = bm.Simulator(Balloon(2), dt=period / parts)
        wanted = held.run(60 * period, inputs={"z": np.repeat(coarse, parts, 0)}, monitors="bold")["output"]
        wanted = wanted[4 * parts - 1 :: 4 * parts]
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())
        slow = bm.Bold("x", tr=4 * period, model="gamma")
        wanted = slow.of(np.repeat(coarse, parts, 0), period / parts)
        np.testing.assert_allclose(slow.of(coarse, period), wanted, rtol=0, atol=1e-9 * np.abs(wanted).max())


def test_ctrl_c_before_anything_was_computed(monkeypatch):
    def interrupting(self, chunk):
        raise KeyboardInterrupt

    sim = simulator()
    monkeypatch.setattr(bm.simulation.run.Run, "run_chunk", interrupting)
    with pytest.raises(KeyboardInterrupt, match=r"stopped at t = 0 ms; sim\.interrupted holds"):
        sim.run(50.0, monitors={"x": "x", "bold": bm.Bold("x", tr=10.0)}, seed=SEED)
    assert sim.interrupted.keys() == {"ts"}


def test_ctrl_c_before_a_statistic_has_a_value(monkeypatch):
    add, calls = bm.simulation.run.Recorded.add, []

    def interrupting(self, recorded, chunk):
        add(self, recorded, chunk)
        calls.append(chunk)
        if len(calls) == 4:
            raise KeyboardInterrupt

    sim = simulator()
    monkeypatch.setattr(bm.simulation.run.Recorded, "add", interrupting)
    with pytest.raises(KeyboardInterrupt, match="stopped at"):
        sim.run(300.0, monitors={"x": "x", "psd": bm.StreamingPSD("x", window=100.0)}, seed=SEED, chunk=10.0)
    assert len(sim.interrupted["x"]) > 100


def test_bold_runs_through_the_transient(x64):
    monitors = {"bold": bm.Bold("x", tr=20.0)}
    whole = simulator().run(400.0, monitors=monitors, seed=SEED)
    late = simulator().run(400.0, monitors=monitors, seed=SEED, transient=111.1)
    np.testing.assert_allclose(late["bold"], whole["bold"][5:], rtol=1e-12)


@pytest.mark.parametrize("chunk", [7.7, *(pytest.param(c, marks=pytest.mark.slow) for c in (1.6, 4.8, 100.0))])
def test_chunks_change_no_bit(chunk):
    whole = simulator().run(200.0, monitors=everything(), seed=SEED, transient=33.3)
    cut = simulator().run(200.0, monitors=everything(), seed=SEED, transient=33.3, chunk=chunk)
    for name in whole:
        np.testing.assert_array_equal(bare(cut[name]), bare(whole[name]), err_msg=name)


def test_a_run_that_goes_on_changes_no_bit():
    whole = simulator().run(200.0, monitors=everything(), seed=SEED)
    sim, monitors = simulator(), everything()
    parts = [sim.run(63.7, monitors=monitors, seed=SEED), sim.run(136.3, monitors=monitors, init_states=False)]
    for name in whole:
        if name in whole.whole:
            np.testing.assert_array_equal(parts[1][name], whole[name], err_msg=name)
        elif name != "ts":
            np.testing.assert_array_equal(np.concatenate([p[name] for p in parts]), whole[name], err_msg=name)


def test_a_batch_is_its_members(x64):
    ks = np.array([0.05, 0.1, 0.4])
    some = {name: everything()[name] for name in ("slow", "global", "bold", "fc of y", "fcd")}
    f = simulator().function(100.0, monitors=some, vary="k", transient=11.1)
    together = f({"k": ks[:, None]}, SEED)
    for b, k in enumerate(ks):
        alone = f({"k": k}, SEED, simulation=b)
        for name, value in alone.items():
            member = together[name][b] if name.startswith("fc") else together[name][:, b]
            np.testing.assert_allclose(member, value, rtol=1e-9, atol=1e-12, err_msg=name)
    assert np.ptp(together["fc of y"], 0).max() > 0.01


def test_other_parameters_of_the_balloon_compile_nothing():
    sim = simulator()
    first = sim.run(100.0, monitors=bm.Bold("x", tr=20.0, tau=1.0 * u.second), seed=SEED)
    with compilations() as names:
        second = sim.run(100.0, monitors=bm.Bold("x", tr=20.0, tau=2.0 * u.second), seed=SEED)
    assert names == []
    assert np.abs(first["output"] - second["output"]).max() > 0


def test_rest_is_zero_and_the_steady_state_in_closed_form(x64):
    z = np.array([0.0, 0.1, 0.3])
    run = bm.Simulator(Balloon(3), dt=1.0).run(60_000.0, inputs={"z": lambda i, t: z}, monitors=["f", "v", "q", "bold"])
    f = 1.0 + z / 0.41
    v, q = f**0.32, f**0.32 * (1.0 - 0.66 ** (1.0 / f)) / 0.34
    wanted = {"f": f - 1, "v": v - 1, "q": q - 1, "bold": 0.02 * (2.38 * (1 - q) + 2 * (1 - q / v) + 0.48 * (1 - v))}
    for name, value in wanted.items():
        np.testing.assert_allclose(run[name][-1], value, rtol=1e-6, atol=1e-9)
        assert (run[name][:, 0] == 0.0).all()


def test_what_does_not_fit_is_refused():
    sim = simulator()
    with pytest.raises(ValueError, match=r"period=0\.25"):
        sim.run(10.0, monitors=bm.TemporalAverage("x", 0.25))
    with pytest.raises(ValueError, match="whole number of samples, of which one comes every 1 ms"):
        sim.run(10.0, monitors=bm.Sample(bm.Sample("x", 1.0), 1.5))
    with pytest.raises(ValueError, match=r"model='ballon' is unknown \(did you mean 'balloon'\?\); use one of balloon"):
        bm.Bold("x", model="ballon")
    with pytest.raises(TypeError, match="'kapa'"):
        bm.Bold("x", kapa=1.0)
    with pytest.raises(ValueError, match="tau"):
        sim.run(10.0, monitors=bm.Bold("x", tr=1.0 * u.ms, tau=[1.0, 2.0]))
    with pytest.raises(ValueError, match="one value at the end"):
        sim.run(10.0, monitors=bm.Sample(bm.StreamingFC("x"), 1.0))
    with pytest.raises(ValueError, match="one number per region"):
        sim.run(10.0, monitors=bm.StreamingFC(bm.GlobalAverage("x", 1.0)))
    with pytest.raises(ValueError, match="'z' is unknown"):
        sim.run(10.0, monitors=bm.Sample("z", 1.0))
    with pytest.raises(ValueError, match="chunk="):
        sim.run(10.0, chunk="small")
    with pytest.raises(ValueError, match="on_divergence"):
        sim.run(10.0, on_divergence="ignore")


class Explosive(bm.StateSpace):
    """ẋ = speed · x², which diverges at 1/(speed · x)."""

    speed = bm.Parameter(0.01 / u.ms, u.ms**-1)
    x = bm.Variable(1.0)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=p.speed * s.x**2)


def test_divergence_ends_a_run_at_the_end_of_its_chunk():
    sim = bm.Simulator(Explosive(2, speed=np.array([0.001, 0.01]), method="euler"), dt=0.1)
    with pytest.raises(FloatingPointError, match=r"region 1.* at t = ") as caught:
        sim.run(1000.0, chunk=16.0)
    recorded = caught.value.result
    assert 100 < recorded["ts"][-1] / u.ms < 160
    assert np.isfinite(sim.model.x.value).all()  # those before the chunk
    with pytest.warns(RuntimeWarning, match="diverged"):
        kept = sim.run(1000.0, chunk=16.0, on_divergence="stop")
    assert np.isfinite(kept["output"]).all()
    assert len(kept["output"]) == len(kept["ts"]) > 1000
    assert "diverged" in kept.attrs["diverged"]
    assert kept.diverged[0][2:] == ("x", 1, False)


def test_ctrl_c_keeps_what_was_recorded(monkeypatch):
    sim, calls = simulator(), []
    whole = simulator().run(64.0, seed=SEED)

    def stopping(self, recorded, chunk, add=bm.simulation.run.Recorded.add):
        add(self, recorded, chunk)
        calls.append(chunk)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(bm.simulation.run.Recorded, "add", stopping)
    with pytest.raises(KeyboardInterrupt, match="init_states=False"):
        sim.run(64.0, seed=SEED, chunk=8.0)
    monkeypatch.undo()
    kept = sim.interrupted["output"]
    rest = sim.run(64.0 - len(kept) * DT, init_states=False)
    np.testing.assert_array_equal(np.concatenate([kept, rest["output"]]), whole["output"])


def test_a_result_with_several_clocks_as_xarray(tmp_path):
    brainstate.random.seed(1)
    bold = bm.Bold("x", tr=16.0)
    monitors = {"x": "x", "bold": bold, "fc": bm.StreamingFC(bold)}
    result = simulator().run(100.0, monitors=monitors, seed=SEED, batch_size=2)
    data = result.to_xarray()
    assert data["x"].dims == ("time", "batch", "region")
    assert data["bold"].dims == ("time_bold", "batch", "region")
    assert data["fc"].dims == ("batch", "region", "other_region")
    np.testing.assert_allclose(data["time_bold"], np.arange(16.0, 100.0, 16.0))
    result.save(tmp_path / "run.nc")
    assert (tmp_path / "run.nc").stat().st_size > 0


def test_a_stored_series_gives_what_the_run_gave(x64):
    monitors = {
        "x": "x",
        "mean": bm.TemporalAverage("x", 0.7),
        "global": bm.GlobalAverage("x", 3.1),
        "bold": bm.Bold("x", tr=16.0),
        "convolved": bm.Bold("x", tr=16.0, model=bm.GammaHRFKernel(tau=0.02, duration=0.1)),
        "eeg": bm.EEG("x", np.random.default_rng(0).normal(size=(4, N)), period=0.9),
    }
    result = simulator().run(100.3, monitors=monitors, seed=SEED)
    for name, monitor in monitors.items():
        if name != "x":
            of = monitor.of(result["x"], DT)
            assert u.get_unit(of) == u.get_unit(result[name])
            np.testing.assert_allclose(bare(of), bare(result[name]), rtol=1e-12, atol=1e-15, err_msg=name)


def test_going_on_with_a_transient_begins_the_statistics_anew(x64):
    sim = simulator()
    monitors = {
        "x": "x",
        "fc": bm.StreamingFC("x"),
        "fcd": bm.StreamingFCD("x", 200, 64),
        "psd": bm.StreamingPSD("x", 20.0),
    }
    sim.run(60.0, monitors=monitors, seed=SEED)
    on = sim.run(100.0, monitors=monitors, init_states=False, transient=33.3)
    np.testing.assert_allclose(on["fc"], bm.functional_connectivity(on["x"]), rtol=1e-9, atol=1e-12)
    wanted = bm.metrics.functional_connectivity_dynamics(on["x"], 200, 64)
    np.testing.assert_allclose(on["fcd"], wanted, rtol=1e-9, atol=1e-12)
    _, power = bm.metrics.power_spectrum(on["x"], DT, 20.0)
    np.testing.assert_allclose(on["psd"].mantissa, power, rtol=1e-9, atol=1e-20)


def test_going_on_after_ctrl_c_in_the_transient(x64, monkeypatch):
    monitors = {"x": "x", "sample": bm.Sample("x", 1.0), "fc": bm.StreamingFC("x"), "bold": bm.Bold("x", tr=16.0)}
    whole = simulator().run(100.0, monitors={"x": "x", "bold": bm.Bold("x", tr=16.0)}, seed=SEED)
    sim, add, calls = simulator(), bm.simulation.run.Recorded.add, []

    def interrupting(self, recorded, chunk):
        calls.append(chunk)
        if len(calls) == 4:
            raise KeyboardInterrupt
        add(self, recorded, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(bm.simulation.run.Recorded, "add", interrupting)
        with pytest.raises(KeyboardInterrupt):
            sim.run(100.0, monitors=monitors, seed=SEED, transient=50.0, chunk=6.4)
    start = sim.model.clock[1]
    assert 0 < start < 500
    on = sim.run(60.0, monitors=monitors, init_states=False)
    np.testing.assert_array_equal(on["x"], whole["x"][start : start + 600])
    np.testing.assert_array_equal(on["sample"], whole["x"][9::10][start // 10 :][: len(on["sample"])])
    np.testing.assert_allclose(on["fc"], bm.functional_connectivity(on["x"]), rtol=1e-9, atol=1e-12)
    first = round(float(on.times_of("bold")[0].mantissa / 16.0)) - 1
    np.testing.assert_array_equal(on["bold"], whole["bold"][first : first + len(on["bold"])])


def test_a_constant_region_correlates_0():
    still = {"fc": bm.StreamingFC(lambda m: m.node.x.value * np.array([0.0, 0.0, 1.0]) + np.array([0.1, 0.7, 0.0]))}
    fc = simulator().run(50.0, monitors=still, seed=SEED)["fc"]
    np.testing.assert_array_equal(fc, np.eye(3))


def test_two_response_functions_on_one_simulator():
    sim = simulator()
    for duration in (0.05, 0.1):
        kernel = bm.GammaHRFKernel(tau=0.02 * u.second, duration=duration)
        assert sim.run(100.0, monitors=bm.Bold("x", tr=10.0, model=kernel), seed=SEED)["output"].shape == (10, N)


def test_a_run_too_short_for_a_statistic_is_refused():
    for monitor, least in (
        (bm.StreamingPSD("x", 50.0), 500),
        (bm.StreamingFCD("x", 83, 5), 88),
        (bm.StreamingFC("x"), 2),
    ):
        with pytest.raises(ValueError, match=f"needs {least} samples"):
            simulator().run(0.1, monitors=monitor)


def test_a_run_of_one_chunk_that_diverges_leaves_the_states(x64):
    sim = bm.Simulator(bm.HopfStep(2, a=0.1, beta=np.array([1.0, -1.0]), method="euler"), dt=0.1)
    sim.run(1.0, seed=SEED)
    x, clock = np.asarray(sim.model.x.value), sim.model.clock
    with pytest.raises(FloatingPointError) as caught:
        sim.run(400.0, monitors=bm.Sample("x", 400.0), seed=SEED, values={"a": 5.0})
    assert caught.value.__notes__ == ["The States are as they were before the run."]
    np.testing.assert_array_equal(sim.model.x.value, x)
    assert sim.model.clock == clock


def turning(m):
    return m.node.x.value * 1j


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: bm.StreamingFC("x").of(np.ones((10, 3)), 0.1), TypeError, r"use the function of brainmass\.metrics"),
        (lambda: bm.TemporalAverage("x", 1.0).of(None, 0.1), TypeError, "series=None is not a number"),
        (lambda: bm.TemporalAverage("x", 1.0).of(np.ones((0, 3)), 0.1), ValueError, "with samples"),
        (lambda: simulator().run(1.0, monitors=bm.Bold), TypeError, r"monitors=Bold is a class; make one of it"),
        (lambda: bm.GammaHRFKernel(tau=-1.0), ValueError, "tau=-1 must be positive"),
        (lambda: bm.GammaHRFKernel(duration=0.0), ValueError, "duration=0 must be positive"),
        (lambda: bm.EEG("x", np.ones((2, 3)), reference=np.ones(3)), ValueError, "reference="),
        (lambda: bm.estimate(network(), 1.0), TypeError, "must be a Simulator"),
        (lambda: simulator().run(1.0, monitors={"z": bm.Sample(turning, 0.1)}), TypeError, "takes real numbers"),
    ],
)
def test_a_mistake_gets_one_sentence(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong()


def test_a_checkpoint_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "run").write_text("")
    with pytest.raises(FileExistsError, match="is a file; give the path of a folder"):
        simulator().run(1.0, checkpoint=tmp_path / "run")


def test_a_result_does_not_keep_the_steps_between_its_samples():
    x = bm.Simulator(bm.HopfStep(N, a=0.1), dt=DT).run(400.0, sample_every=100, seed=SEED)["output"]
    assert x.shape == (40, N)
    assert x.base is None or x.base.nbytes == x.nbytes


def test_monitors_say_what_they_were_made_of():
    bold = bm.Bold(bm.Sample("x", 2.0), tr=500.0 * u.ms, model="heinzle2016", tau=[1.0, 2.0])
    assert repr(bold) == "Bold(Sample('x', every=2.0), tr=500.0 ms, model='heinzle2016', tau=[1.0, 2.0] s)"
    assert repr(bm.Bold("x")) == "Bold('x')"
    assert repr(bm.StreamingFC(bm.Afferent("x_inp"))) == "StreamingFC(Afferent(target='x_inp'))"
    eeg = bm.EEG("x", np.eye(2), names=["Cz", "Fz"], reference=None)
    assert repr(eeg) == "EEG('x', leadfield=an array of shape (2, 2), names=['Cz', 'Fz'], reference=None)"
