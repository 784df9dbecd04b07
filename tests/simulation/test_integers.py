"""The edges of every integer of a run: what lies inside is right, what lies beyond is refused before it computes."""

import re

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm
from brainmass.simulation.engine.batch import Batch, numbers_of
from brainmass.simulation.run.chunks import chunk_length
from brainmass.stimulus import Sine, Step
from brainmass.time_steps import LAST_STEP
from tests.compiles import compilations

DT, N = 0.1, 4
TOO_FAR = re.escape(f"{LAST_STEP} steps are counted, {LAST_STEP * DT:g} ms at dt=0.1 ms")
LAST = 2**30 - 1  # the last simulation with noise of its own, of four regions


@pytest.fixture(scope="module")
def noisy():
    node = bm.HopfStep(N, init_x=0.0, init_y=0.0, noise_x=bm.GaussianNoise(N, sigma=0.1))
    return bm.Simulator(node, dt=DT)


@pytest.fixture(scope="module")
def simulate(noisy):
    return jax.jit(noisy.function(1.0, vary=["a"]), static_argnames="simulation")


def module():
    class Count(brainstate.nn.Module):
        def init_state(self, batch_size=None):
            self.x = brainstate.HiddenState(jnp.zeros(1))

        def update(self):
            self.x.value += 1.0
            return self.x.value

    return bm.Simulator(Count(), dt=DT)


# -- steps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [LAST_STEP + 1, 2**31, 2**32, 2**40])
def test_steps_that_are_not_counted_are_refused(noisy, steps, tmp_path):
    duration = steps * DT
    asked = {
        "run": lambda: noisy.run(duration, seed=0),
        "function": lambda: noisy.function(duration),
        "estimate": lambda: bm.estimate(noisy, duration),
        "checkpoint": lambda: noisy.run(duration, seed=0, checkpoint=tmp_path / "run"),
        "module": lambda: module().run(duration),
        "sample": lambda: Step(1.0).sample(np.array([0, steps]), DT),
        "sampler": lambda: Step(1.0).sampler(DT)(steps),
        "period": lambda: noisy.run(1.0, monitors=bm.Sample("x", duration), seed=0),
    }
    with compilations() as names:
        for name, ask in asked.items():
            with pytest.raises(ValueError, match=TOO_FAR):
                pytest.fail(f"{name} gave {ask()}")
    assert names == []
    assert not (tmp_path / "run").exists()


def test_a_run_goes_on_to_the_last_step_and_no_further():
    def go_on(sim, first, duration, **options):
        vars(sim.model)["clock"] = (0, first, DT)
        return sim.run(duration, init_states=False, **options)

    sim = bm.Simulator(bm.HopfStep(N, a=-1.0, noise_x=bm.GaussianNoise(N, sigma=0.1)), dt=DT)
    sim.run(DT, seed=0)
    tone = Sine(0.5, frequency=40 * u.Hz)
    drives = {"stimulus": tone, "array": np.asarray(tone.sample(LAST_STEP - 40 + np.arange(40), DT))}
    drives["callable"] = lambda i, t: 0.5 * jnp.sin(2 * jnp.pi * 0.04 * (t / u.ms))
    found = {}
    for name, drive in drives.items():
        sim.model.x, sim.model.y = 0.0, 0.0
        found[name] = go_on(sim, LAST_STEP - 40, 4.0, inputs=drive)
        assert found[name]["ts"].mantissa[-1] == pytest.approx(LAST_STEP * DT, abs=1e-6)
    np.testing.assert_array_equal(found["array"]["output"], found["stimulus"]["output"])
    np.testing.assert_allclose(found["callable"]["output"], found["stimulus"]["output"], atol=1e-6)
    with compilations() as names, pytest.raises(ValueError, match=TOO_FAR):
        go_on(sim, LAST_STEP - 40, 4.1, inputs=drives["callable"])
    assert names == []
    counted = module()
    counted.run(DT)
    counted._runs.cache.module.step_count = LAST_STEP
    with pytest.raises(ValueError, match=TOO_FAR):
        counted.run(DT, init_states=False)


def test_looking_at_a_stimulus_ends_there_too():
    with pytest.raises(ValueError, match="steps are counted"):
        Step(1.0)(3e9)


# -- simulations ------------------------------------------------------------------------------------------------------


def test_noise_of_the_last_simulation_is_its_own(simulate):
    first, last, before = (np.asarray(simulate({}, 1, n)["output"]) for n in (0, LAST, LAST - 1))
    assert np.isfinite(last).all()
    for other in (first, before):
        assert np.abs(last - other).min() > 0


@pytest.mark.parametrize("simulation", [LAST + 1, 2**31, 2**32 - 1, np.uint32(2**31), jnp.uint32(2**31)])
def test_simulations_whose_noise_is_that_of_others_are_refused(noisy, simulation):
    with pytest.raises(ValueError, match=rf"simulation={int(simulation)}, .* beyond {LAST}"):
        noisy.function(1.0)({}, 1, simulation)
    with pytest.raises(ValueError, match=rf"simulation={LAST}, with a batch_size of 2 from there on"):
        noisy.function(1.0, vary=["a"])({"a": np.zeros(2)}, 1, LAST)


@pytest.mark.parametrize("simulation", [-1, 2**32, 2**64, True, 1.0])
def test_what_is_no_number_of_a_simulation_is_refused(noisy, simulation):
    with pytest.raises(TypeError, match="must be one integer"):
        noisy.function(1.0)({}, 1, simulation)


def test_a_traced_simulation_beyond_the_last_gives_nan(noisy):
    f = jax.jit(noisy.function(1.0))
    for n in (LAST + 1, 2**32 - 1):
        assert np.isnan(f({}, 1, jnp.uint32(n))["output"]).all()
    assert np.isnan(f({}, 1, jnp.int32(-1))["output"]).all()
    assert np.isfinite(f({}, 1, jnp.uint32(LAST))["output"]).all()


def test_one_region_has_two_to_the_32_simulations():
    f = bm.Simulator(bm.HopfStep(1), dt=DT).function(DT)
    assert np.isfinite(f({}, 1, 2**31)["output"]).all()
    np.testing.assert_array_equal(numbers_of(jnp.uint32(2**32 - 2), 3), [2**32 - 2, 2**32 - 1, 2**32 - 1])


@pytest.mark.parametrize("seed", [-(2**63), -1, 2**31, 2**32, 2**63, 2**64 - 1])
def test_seeds_of_64_bits_differ(noisy, seed):
    found = noisy.run(1.0, seed=seed)["output"]
    assert np.abs(found - noisy.run(1.0, seed=0)["output"]).max() > 0
    for beyond in (2**64, -(2**63) - 1):
        with pytest.raises(TypeError, match="64 bits"):
            noisy.run(1.0, seed=beyond)


# -- chunks -----------------------------------------------------------------------------------------------------------


def test_the_work_of_a_chunk_is_bounded_by_that_of_its_batch(monkeypatch):
    monkeypatch.setattr(jax, "default_backend", lambda: "cpu")
    assert Batch(None).work == Batch(1).work == 1
    assert Batch(1000).work == 1000
    single = chunk_length("auto", DT, 80, 1)
    for size in (8, 64):
        assert chunk_length("auto", DT, 80, size, size) * size <= single
    assert chunk_length("auto", DT, 80, 1, 1000) < single / 100


def test_savings_come_when_they_are_asked_for(noisy, monkeypatch, tmp_path):
    saved = []
    written = bm.simulation.checkpoints.Checkpoint._written

    def noted(self, name, *content):
        saved.extend([int(name[6:18])] if name.startswith("state-") else [])
        return written(self, name, *content)

    monkeypatch.setattr(bm.simulation.checkpoints.Checkpoint, "_written", noted)
    whole = noisy.run(40.0, seed=1)
    kept = noisy.run(40.0, seed=1, checkpoint=tmp_path / "run", checkpoint_every=10.0)
    assert len(saved) >= 5
    assert max(np.diff(saved)) * DT <= 10.0
    np.testing.assert_array_equal(kept["output"], whole["output"])
    with pytest.raises(ValueError, match="checkpoint_every"):
        noisy.run(40.0, seed=1, checkpoint_every=-5.0)
