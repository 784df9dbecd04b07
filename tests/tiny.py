"""A run of two regions and three savings, and what it is compared with."""

import brainunit as u
import numpy as np
import pytest

import brainmass as bm
from brainmass.simulation.run.compile_cache import CompileCache
from brainmass.simulation.setup.model_state import read_values


class Relaxing(bm.StateSpace):
    """The fewest lines that make a model."""

    primary = "x"
    rate = bm.Parameter(0.01 / u.ms, u.ms**-1)
    x = bm.Variable(1.0)
    drive = bm.Input(additive=True)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=p.rate * (inp.drive - s.x))


def simulator(sigma=0.1):
    return bm.Simulator(Relaxing(2, noise_drive=bm.WhiteNoise(2, sigma=sigma)), dt=0.1)


def run(path=None, sim=None, **options):
    sim = sim or simulator()
    return sim.run(20.0, monitors=["x"], seed=1, chunk=5.0, checkpoint=path, checkpoint_every=5.0, **options)


@pytest.fixture(scope="module")
def shared():
    """One set of compiled programs for all simulators of the tiny run."""
    known, real = {}, CompileCache.chunk_program

    def chunk_program(self, program, shape, batch, history_length, recording_key, jit, wide=False):
        key = (
            type(self.model).__name__,
            tuple(read_values(self.model)),
            program.dt,
            shape,
            batch.size,
            history_length,
            recording_key,
            jit,
            wide,
        )
        if key not in known:
            known[key] = real(self, program, shape, batch, history_length, recording_key, jit, wide)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CompileCache, "chunk_program", chunk_program)
        yield


@pytest.fixture(scope="module")
def tiny(shared, tmp_path_factory):
    """A finished run: its folder and its result."""
    path = tmp_path_factory.mktemp("tiny") / "run"
    return path, run(path)


def same(result, wanted):
    assert result.keys() == wanted.keys()
    for name in wanted:
        np.testing.assert_array_equal(u.get_mantissa(result[name]), u.get_mantissa(wanted[name]))


def spoiled(content, rng):
    """Bytes after one accident."""
    at = rng.randrange(len(content))
    return {
        "flip": content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :],
        "other": content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :],
        "cut": content[:at],
        "hole": content[:at] + bytes(min(64, len(content) - at)) + content[at + 64 :],
        "more": content + content[at:],
        "lost": content[:at] + content[at + 1 + rng.randrange(64) :],
    }[rng.choice(["flip"] * 6 + ["other", "cut", "cut", "hole", "more", "lost"])]


def refused(call, *named):
    """The one sentence with which it is refused; None where it gives a result, which is returned beside it."""
    try:
        return call(), None
    except (ValueError, FileNotFoundError) as error:
        text = str(error)
    assert "\n" not in text, text
    assert all(str(name) in text for name in named), text
    return None, text
