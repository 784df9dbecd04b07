"""What a run is called with comes back from its folder: as a spec wherever there is one, and to the last bit."""

import logging
from collections import namedtuple

import brainunit as u
import numpy as np
import pytest

import brainmass as bm
from brainmass.simulation.checkpoints import sealed_files
from brainmass.simulation.checkpoints.folder import numbered
from brainmass.stimulus import Step
from tests.tiny import Relaxing, same, simulator

Pair = namedtuple("Pair", "double half")


def slope(i, t):
    return 0.01 * t.to_decimal(u.ms)


def pair(model):
    return {"b": Pair(2 * model.x.value, [model.x.value / 2]), "a": model.x.value * u.mV}


def run(path, sim=None, **options):
    sim = sim or simulator()
    return sim.run(20.0, chunk=5.0, checkpoint=path, checkpoint_every=5.0, **options)


def resumed(path, **options):
    """The run of a folder, from the saving before the last."""
    list(numbered(path, "state").values())[-1].unlink()
    return bm.resume(path, **options)


def call_in(path):
    return sealed_files.read_checked(path / "setup.bm").data()["call"]


@pytest.mark.parametrize(
    "options",
    [
        dict(seed=2**63 + 1),
        dict(batch_size=3, seed=1),
        dict(values={"rate": np.linspace(0.01, 0.02, 3) / u.ms, "noise_drive.sigma": 0.3}, seed=1),
        dict(values={"rate": np.linspace(0.01, 0.02, 70)}, seed=1),
        dict(inputs=np.sin(np.arange(200.0)), seed=1),
        dict(inputs={"drive": np.sin(np.arange(400.0)).reshape(200, 2)}, transient=3 * u.ms, seed=1),
        dict(inputs=Step(0.3, 1.0), sample_every=3, seed=1),
        dict(inputs=slope, monitors={"fc": bm.StreamingFC(bm.Sample("x", 0.7)), "x": "x"}, seed=1),
        dict(monitors={"pair": pair, "class": "x", "mean": bm.TemporalAverage("x", 0.3)}, seed=1, jit=False),
        dict(monitors={"pair": pair}, batch_size=2, seed=1),
    ],
    ids=["seed", "batch", "values", "many values", "series", "table", "stimulus", "function", "tree", "trees"],
)
def test_every_option_is_written_down(tmp_path, options):
    wanted = run(tmp_path / "run", **options)
    assert call_in(tmp_path / "run")["pickle"] is None
    found = resumed(tmp_path / "run")
    for name in wanted.keys() - {"pair"}:
        np.testing.assert_array_equal(u.get_mantissa(found[name]), u.get_mantissa(wanted[name]))
    if "pair" in wanted:
        pairs = found["pair"], wanted["pair"]
        assert all(type(one["b"]) is Pair and type(one["b"].half) is list for one in pairs)
        np.testing.assert_array_equal(*(one["b"].half[0] for one in pairs))
        np.testing.assert_array_equal(*(one["a"].to_decimal(u.mV) for one in pairs))


@pytest.mark.parametrize("simulations", [None, [2, 0]])
@pytest.mark.parametrize("more", [{}, {"noted": lambda m: m.x.value}], ids=["spec", "pickle"])
def test_a_run_goes_on_from_where_the_model_stands(tmp_path, simulations, more):
    monitors, sims = {"x": "x", "psd": bm.StreamingPSD("x", window=3.0)} | more, [simulator(), simulator()]
    for sim in sims:
        sim.run(7.3, monitors=monitors, batch_size=3, seed=5)
    options = dict(monitors=monitors, init_states=False, simulations=simulations)
    wanted = sims[0].run(20.0, **options)
    same(run(tmp_path / "run", sims[1], **options), wanted)
    assert (call_in(tmp_path / "run")["pickle"] is None) == (not more)
    trust = ("pickle",) if more else ()
    found = resumed(tmp_path / "run", trust=trust)
    same(found, wanted)
    assert found.attrs["first_step"] == wanted.attrs["first_step"] == 73


def test_states_that_were_set_by_hand_are_where_a_run_begins(tmp_path):
    sims = [simulator(), simulator()]
    for sim in sims:
        sim.model.init_all_states()
        sim.model.x.value = np.array([0.3, 0.4], np.float32)
    wanted = sims[0].run(20.0, monitors=["x"], init_states=False, seed=1)
    run(tmp_path / "run", sims[1], monitors=["x"], init_states=False, seed=1)
    same(resumed(tmp_path / "run"), wanted)


def test_a_value_that_almost_is_its_default_keeps_its_last_bit(tmp_path, x64):
    rate = np.nextafter(0.01, 1)
    sim = bm.Simulator(Relaxing(2, rate=rate / u.ms, init_x=0.5), dt=0.1)
    wanted = run(tmp_path / "run", sim, monitors=["x"], seed=1)
    assert call_in(tmp_path / "run")["values"] == {"rate": rate}
    same(resumed(tmp_path / "run"), wanted)


def test_a_pickle_is_said_when_the_run_begins_and_asked_for_when_it_goes_on(tmp_path, caplog):
    monitors = {"x": "x", "twice": bm.Sample(lambda m: 2 * m.x.value, 0.5)}
    with caplog.at_level(logging.WARNING, "brainmass"):
        wanted = run(tmp_path / "run", monitors=monitors, seed=1)
    (said,) = caplog.messages
    assert "holds a pickle, which can run code (options.monitors.twice.what: a lambda has no name" in said
    assert said.endswith('brainmass.resume asks for trust=("pickle",).')
    with pytest.raises(ValueError, match=r'run\': setup\.bm is not read: it holds a pickle.* trust=\("pickle",\)\.'):
        bm.resume(tmp_path / "run")
    same(resumed(tmp_path / "run", trust=("pickle",)), wanted)
    with pytest.raises(TypeError, match=r"trust='pickle' must be a tuple of module names"):
        bm.resume(tmp_path / "run", trust="pickle")


def test_what_is_data_alone_is_silent(tmp_path, caplog):
    run(tmp_path / "run", monitors=["x"], seed=1)
    assert not caplog.messages
