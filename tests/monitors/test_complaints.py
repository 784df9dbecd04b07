"""What is said of results that are empty, and of BOLD from activity that the Balloon cannot take."""

import warnings

import brainunit as u
import jax
import numpy as np
import pytest

import brainmass as bm
from brainmass import Parameter, StateSpace, Variable

TR = 500.0
MINUS = "falls to -1, and below -0.41 there would be no blood flow left"


class Still(StateSpace):
    """A value that stays what it is."""

    primary, coupled_var, target = "x", "x", "x_inp"
    x = Variable(0.0, doc="activity")
    slope = Parameter(0.0, u.ms**-1, "change")
    x_inp = bm.Input(u.ms**-1, "drive", additive=True)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=p.slope + inp.x_inp)


def still(*values, **given):
    return bm.Simulator(Still(len(values), init_x=np.array(values), **given), dt=10.0)


def said(call):
    """The warnings of a call, as texts, and what it gives."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = call()
    assert all(w.category is UserWarning and w.filename == __file__ for w in caught)
    return [str(w.message) for w in caught], found


@pytest.fixture(scope="module")
def network():
    labels = ["V1", "M1", "PFC"]
    wiring = bm.datasets.Connectome(np.ones((3, 3)), np.ones((3, 3)), labels)
    return bm.Simulator(
        bm.Network(Still(3, init_x=np.array([0.2, -1.0, -0.3])), conn=wiring, speed=np.inf, k=0.0), dt=10.0
    )


def test_activity_that_empties_the_blood_flow_is_named_once_a_run(network):
    """However many chunks a run has; one that goes on says what happens in it, and no more."""

    def run(duration, **given):
        return said(lambda: network.run(duration, monitors={"signal": bm.Bold("x", tr=TR)}, chunk=2000.0, **given))

    texts, found = run(8000.0)
    assert len(texts) == 1
    assert texts[0].startswith(f"Bold (signal): the activity of region 1 (M1) {MINUS}")
    assert "scale or center" in texts[0]
    assert found["signal"].shape == (16, 3)
    assert len(run(4000.0, init_states=False)[0]) == 1
    network.model.node.x = 0.0
    assert len(run(4000.0, init_states=False)[0]) == 1  # the flow comes back
    assert run(4000.0, init_states=False)[0] == []


def test_the_simulation_of_a_batch_is_named():
    start = np.array([[0.0, 0.0], [0.0, 0.0], [-1.0, -0.5]])
    sim = still(0.0, 0.0)
    texts, _ = said(lambda: sim.run(8000.0, monitors=bm.Bold("x", tr=TR), values={"init_x": start}))
    (text,) = texts
    assert "region 0 of simulation 2, and of 1 other, falls to -1," in text


def test_parameters_decide_what_is_too_low():
    series = np.full((900, 2), -1.0)
    (text,) = said(lambda: bm.Bold("x", tr=TR, epsilon=np.array([0.3, 0.6])).of(series, 10.0))[0]
    assert "region 1 falls to -1, and below -0.683 " in text
    assert said(lambda: bm.Bold("x", tr=TR, model="gamma").of(series, 10.0))[0] == []


def test_only_where_the_flow_was_emptied():
    series = np.zeros((900, 4))  # a dip that is too short, and a change that is too small
    series[:10, 0], series[:, 1] = -2.0, -0.3
    assert said(lambda: bm.Bold("x", tr=TR).of(series, 10.0))[0] == []
    series[:, 2], series[:300, 3] = -1.0, 5.0
    (text,) = said(lambda: bm.Bold("x", tr=TR).of(series, 10.0))[0]
    assert "region 2, and of 1 other, falls to -1," in text
    series[:, 2] = 0.0
    (text,) = said(lambda: bm.Bold("x", tr=TR).of(series, 10.0))[0]
    assert "region 3 fell so far before" in text


def test_inside_jit_nothing_is_said():
    series = np.full((900, 1), -1.0)
    assert said(lambda: jax.jit(lambda x: bm.Bold("x", tr=TR).of(x, 10.0))(series))[0] == []


MONITORS = {
    "Bold": bm.Bold("x", tr=TR),
    "Sample": bm.Sample("x", TR),
    "TemporalAverage": bm.TemporalAverage("x", TR),
    "GlobalAverage": bm.GlobalAverage("x", TR),
    "EEG": bm.EEG("x", np.ones((2, 1)), period=TR),
}


@pytest.mark.parametrize("kind", MONITORS)
def test_a_run_shorter_than_a_period_is_said(kind):
    (text,) = said(lambda: still(0.1).function(400.0, monitors={"y": MONITORS[kind]}))[0]
    assert text == (
        f"{kind} (y): one sample comes every 500 ms, and none lies in the 400 ms that are recorded: its result is "
        "empty; run longer."
    )
    assert said(lambda: still(0.1).function(500.0, monitors={"y": MONITORS[kind]}))[0] == []


def test_each_of_the_runs_that_go_on_says_whether_it_has_a_sample():
    sim, monitor = still(0.1), bm.Sample("x", TR)
    (first,) = said(lambda: sim.run(400.0, monitors=monitor))[0]
    assert first.endswith("run longer, or go on from there: the next one stands at t = 500 ms.")
    texts, result = said(lambda: sim.run(400.0, monitors=monitor, init_states=False))
    assert (texts, len(result["output"])) == ([], 1)
    (text,), result = said(lambda: sim.run(150.0, monitors=monitor, init_states=False))
    assert "none lies in the 150 ms that are recorded" in text
    assert "the next one stands at t = 1000 ms" in text
    assert len(result["output"]) == 0
    assert said(lambda: sim.run(50.0, monitors=monitor, init_states=False))[0] == []


def test_a_stride_longer_than_the_run_is_said():
    (text,), result = said(lambda: still(0.1).run(100.0, sample_every=20))
    assert text.startswith("sample_every: one sample comes every 200 ms, and none lies in the 100 ms")
    assert len(result["output"]) == 0


def test_a_lost_simulation_of_a_batch_is_not_the_one_named():
    """Its haemodynamics are NaN; and a simulation has its number after others have been left out."""
    sim = still(-1.0)
    slopes, monitors = {"slope": np.array([0.0, 0.0, np.float32(3e38), -1e-3])}, bm.Bold("x", tr=TR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sim.run(50.0, values={"slope": slopes["slope"] * 0.0}, monitors=monitors)
    options = dict(values={"slope": slopes["slope"][1:]}, monitors=monitors, on_divergence="stop", init_states=False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = sim.run(8000.0, simulations=[1, 2, 3], chunk=2000.0, **options)
    texts = [str(w.message) for w in caught]
    assert [lost.simulation for lost in result.diverged] == [2]
    assert np.isfinite(result["output"][:, [0, 2]]).all()
    assert any("simulation 2, region 0" in text for text in texts)
    assert any("of simulation 3" in text and "nan" not in text for text in texts)
    assert {w.filename for w in caught} == {__file__}


def test_a_transient_may_leave_nothing():
    def texts(duration, monitor):
        return said(lambda: still(0.1).function(duration, transient=600.0, monitors=monitor))[0]

    assert len(texts(900.0, bm.Bold("x", tr=TR))) == 1
    assert texts(1000.0, bm.Bold("x", tr=TR)) == []
    assert len(texts(1000.0, bm.TemporalAverage("x", TR))) == 1


def test_of_says_it_too():
    (text,) = said(lambda: bm.Bold("x", tr=TR).of(np.zeros((40, 1)), 10.0))[0]
    assert text == "Bold: one sample comes every 500 ms, and the series has 400 ms: the result is empty."
