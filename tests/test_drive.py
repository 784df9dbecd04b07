"""Stimuli as inputs of a run: what the series of their values would do, whatever the way the run is cut."""

import brainunit as u
import numpy as np
import pytest

import brainmass as bm
from brainmass.stimulus import PulseTrain, Series, Sine, Step
from tests.compiles import compilations

N, DT = 3, 0.1
STIMULUS = Sine(0.3, frequency=80.0) + PulseTrain(
    0.5, period=3.7, width=1.1, onset=2.05, weights=np.array([1.0, 0.0, -2.0])
)


def simulator():
    net = bm.Network(bm.HopfStep(N, a=0.1), conn=np.ones((N, N)), delays=1.0, k=0.1, coupled_var="x")
    return bm.Simulator(net, dt=DT)


def test_a_stimulus_is_the_series_of_its_values():
    series = np.asarray(STIMULUS.sample(np.arange(400), DT))
    assert series.shape == (400, N)
    wanted = simulator().run(40.0, inputs={"y_inp": series}, seed=1)["output"]
    given = simulator().run(40.0, inputs={"y_inp": STIMULUS}, seed=1)["output"]
    np.testing.assert_array_equal(given, wanted)
    silent = simulator().run(40.0, seed=1)["output"]
    assert np.abs(given - silent).max() > 0.1


def test_neither_chunks_nor_a_second_run_change_it():
    wanted = simulator().run(40.0, inputs={"y_inp": STIMULUS}, seed=1)["output"]
    cut = simulator().run(40.0, inputs={"y_inp": STIMULUS}, seed=1, chunk=5.0)["output"]
    np.testing.assert_array_equal(cut, wanted)
    sim = simulator()
    parts = [
        sim.run(17.3, inputs={"y_inp": STIMULUS}, seed=1)["output"],
        sim.run(22.7, inputs={"y_inp": STIMULUS}, init_states=False)["output"],
    ]
    np.testing.assert_array_equal(np.concatenate(parts), wanted)


def test_other_settings_compile_nothing():
    sim = simulator()
    first = sim.run(10.0, inputs=Step(0.1, onset=3.0), seed=1)["output"]
    with compilations() as names:
        second = sim.run(10.0, inputs=Step(0.4, onset=5.0), seed=1)["output"]
    assert names == []
    np.testing.assert_array_equal(second[:30], sim.run(10.0, seed=1)["output"][:30])
    assert np.abs(first - second)[-1].max() > 0.01


def test_the_first_free_input_takes_it_and_units_are_converted():
    node = bm.JansenRitStep(2)
    sim = bm.Simulator(node, dt=DT)
    in_volt = sim.run(20.0, inputs={"M_inp": Step(2e-3 * u.volt)}, seed=1)["output"]
    bare = sim.run(20.0, inputs={"M_inp": Step(2.0)}, seed=1)["output"]
    np.testing.assert_allclose(in_volt.mantissa, bare.mantissa, rtol=1e-5)
    np.testing.assert_array_equal(sim.run(20.0, inputs=Step(2.0), seed=1)["output"].mantissa, bare.mantissa)
    assert np.abs(bare.mantissa - sim.run(20.0, seed=1)["output"].mantissa).max() > 1e-3


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"M_inp is in mV, and the stimulus in nA"):
        bm.Simulator(bm.JansenRitStep(2), dt=DT).run(1.0, inputs={"M_inp": Step(1.0 * u.nA)})
    with pytest.raises(ValueError, match="has 2 regions"):
        simulator().run(1.0, inputs={"x_inp": Series(np.ones((5, 2)), dt=1.0)})
    with pytest.raises(ValueError, match="inputs has the key 'z'"):
        simulator().run(1.0, inputs={"z": Step(1.0)})
