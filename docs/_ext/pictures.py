"""A picture of every model from its definition, drawn once and kept until the package changes."""

import hashlib
from pathlib import Path

import brainstate
import jax
import matplotlib.pyplot as plt
import numpy as np

import brainmass

STARTS = 3
STEPS = 10_000
FAR = 0.25  # of the way from the default initial values to random ones in the span
RANGES = 20.0  # how many times a trace may cross its range before there is nothing new to see


def picture(kind, folder):
    """The file of the picture of a model; drawn where it is not there yet."""
    path = folder / fingerprint() / f"{kind.__name__}.png"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        figure, ax = plt.subplots(figsize=(6.4, 3.8), layout="tight")
        with jax.enable_x64(True):
            (phase_plane if is_plane(kind) else time_series)(kind, ax)
        unfinished = path.with_suffix(".part")
        figure.savefig(unfinished, format="png", dpi=110)
        plt.close(figure)
        unfinished.replace(path)
    return path


def fingerprint():
    """Of everything that a picture may depend on."""
    files = sorted([Path(__file__), *Path(brainmass.__file__).parent.rglob("*.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def is_plane(kind):
    return len(kind.declarations(brainmass.Variable)) == 2


def caption(kind):
    if is_plane(kind):
        return "The phase plane, with the default parameters and without input."
    return f"Up to {STARTS} runs with the default parameters and without input, from states around the default one."


def phase_plane(kind, ax):
    brainmass.viz.plot_phase_plane(kind(1), ax=ax)


def time_series(kind, ax):
    rng, own, states = np.random.default_rng(0), kind(STARTS), {}
    brainstate.random.seed(0)
    brainstate.nn.init_all_states(own)
    for name, d in kind.declarations(brainmass.Variable).items():
        begin, anywhere = np.asarray(own.bare_states()[name]), rng.uniform(*(d.span or d.bounds), STARTS)
        states[d.argument] = begin + FAR * (anywhere - begin)
    try:
        run = brainmass.Simulator(kind(STARTS, **states), dt=kind.dt).run(STEPS * kind.dt, seed=0)
    except FloatingPointError as error:
        run = error.result
    series = run["output"][:, np.isfinite(bare(run["output"])).all(0)]
    shown = telling(bare(series))
    brainmass.viz.plot_timeseries(series[:shown], ts=run["ts"][:shown], ax=ax)
    ax.set_ylabel(ax.get_ylabel().replace("signal", kind.primary))


def bare(values):
    return np.asarray(getattr(values, "mantissa", values))


def telling(series):
    """How many samples tell what happens: until nothing moves any more, or a cycle has repeated itself."""
    moved = np.abs(np.diff(series, axis=0)).cumsum(0) / np.maximum(np.ptp(series, axis=0), 1e-12)
    enough = np.minimum(0.99 * moved[-1], RANGES)
    return min(len(series), 50 + int(1.5 * (moved < enough).sum(0).max()))
