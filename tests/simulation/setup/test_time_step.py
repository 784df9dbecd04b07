"""A time step that is too long for a model, at the pace of its parameters, is named with the one to take."""

import warnings

import jax
import numpy as np
import pytest

import brainmass as bm
from brainmass.models import catalogue
from brainmass.simulation.setup.time_step import warn_of_long_steps

models = pytest.mark.parametrize("model", catalogue().values(), ids=catalogue().keys())


def warned(model, dt, **values):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        own = {name: np.asarray(model.bare(name)) for name in model.declarations(bm.Parameter)}
        warn_of_long_steps(model, own | values, dt)
    return [str(one.message) for one in found]


@models
def test_no_model_warns_at_its_own_step(model):
    assert warned(model(1), model.dt) == []
    assert warned(model(1), 2.9 * model.dt) == []


@pytest.mark.parametrize(
    "name",
    [
        "CoombesByrneStep",
        "CoombesByrne4DStep",
        "GastSchmidtKnoscheSDStep",
        "GastSchmidtKnoscheSFStep",
        "KIonExStep",
        "LorenzStep",
        "MontbrioPazoRoxinStep",
    ],
)
def test_the_usual_tenth_of_a_millisecond_is_too_long_for_fast_models(name):
    model = catalogue()[name]
    (text,) = warned(model(2), 0.1)
    assert f"use dt={model.dt:g} * u.ms" in text
    assert name in text


def test_slow_parameters_bear_a_long_step():
    """A rhythm of 0.05 Hz has 200 steps of 100 ms in a period."""
    slow = dict(w=2 * np.pi * 0.05e-3, a=-0.0002)
    assert warned(bm.HopfStep(3, **slow), 100.0) == []
    assert warned(bm.HopfStep(3), 100.0, **{name: np.full(3, value) for name, value in slow.items()}) == []
    (text,) = warned(bm.HopfStep(3, **slow), 1e4)
    assert "use dt=" in text


def test_one_fast_region_or_simulation_is_enough():
    assert warned(bm.HopfStep(3, w=[2e-4, 2e-4, 0.5], a=0.0), 20.0)
    assert warned(bm.HopfStep(3, w=2e-4, a=0.0), 20.0, w=np.linspace(2e-4, 0.5, 100)[:, None])
    assert warned(bm.HopfStep(3, w=2e-4, a=0.0), 20.0) == []


def test_a_run_a_network_and_a_function_warn():
    node = bm.MontbrioPazoRoxinStep(2)
    net = bm.Network(node, conn=np.ones((2, 2)), k=0.1)
    for model, path in ((node, "eta"), (net, "node.eta")):
        sim = bm.Simulator(model, dt=0.1)
        with pytest.warns(UserWarning, match=r"10 times the step .* use dt=0.01 \* u.ms") as found:
            sim.run(0.3)
        assert found[0].filename == __file__
        with pytest.warns(UserWarning, match="MontbrioPazoRoxinStep"):
            sim.function(0.3, vary=[path])({path: -5.0}, 0)
        with pytest.warns(UserWarning, match="MontbrioPazoRoxinStep"):
            jax.jit(sim.function(0.3, vary=[path]))({path: -5.0}, 0)


class Decay(bm.StateSpace):
    """A model whose time step nobody has chosen."""

    rate = bm.Parameter(1.0, bm.units.per_ms, "rate")
    x = bm.Variable(1.0, doc="level")

    @staticmethod
    def drift(s, p, inp):
        return dict(x=-p.rate * s.x)


class CheckedDecay(Decay):
    dt = 0.2


def test_a_model_of_ones_own_warns_where_it_declares_a_step():
    assert warned(Decay(1), 0.9) == []
    assert warned(CheckedDecay(1), 0.59) == []
    assert len(warned(CheckedDecay(1), 0.6)) == 1
    assert warned(CheckedDecay(1), 0.9, rate=np.array([0.1, 0.2])) == []


def test_a_phase_that_turns_by_radians_a_step():
    assert warned(bm.KuramotoStep(2), 0.29) == []
    assert warned(bm.KuramotoStep(2, omega=2e-3 * np.pi * 40), 1.0) == []
    (text,) = warned(bm.KuramotoStep(2), 5.0)
    assert "use dt=0.1 * u.ms" in text
