"""Right-hand sides of neurolib at random states: ``python rhs_neurolib_rate.py`` writes the npz beside it.

Needs an environment with neurolib 0.6.2 and nothing of ours. neurolib has no function for them: one Euler step of a
network of 100 nodes without delays and noise is taken, and the slope is the increment over dt. dt is long, so that
rounding is small, except where neurolib clips the new state.
"""

from importlib import import_module, metadata
from pathlib import Path

import mapping_rate
import numpy as np

STATES = 100
MODELS = {"fhn": "FHNModel", "hopf": "HopfModel", "wc": "WCModel", "ww": "WWModel"}
RANGES = {"fhn": (-1.0, 1.5), "hopf": (-1.5, 1.5), "wc": (0.05, 0.95), "ww": (0.05, 0.95)}
DT = {"fhn": 1.0, "hopf": 1.0, "wc": 0.01, "ww": 0.01}


def names_of(entry):
    """Their parameters that the mapping speaks of."""
    sources = [*entry["parameters"].values(), *entry["inputs"].values()]
    return sorted({n for source in sources for n in source if n != "coupling"})


def slopes(kind, label, given, variables, states, weights, strength):
    """The increments of one step over dt, (variable, node)."""
    dt = DT[label]
    model = kind(Cmat=weights, Dmat=np.zeros_like(weights))
    spread = {n: np.full(STATES, v) if n.endswith("_ext") else v for n, v in given.items()}
    model.params.update(spread | dict(dt=dt, duration=3 * dt, K_gl=strength, sigma_ou=0.0))
    for prefix, value in zip(variables, states, strict=True):
        model.params[f"{prefix}s_init" if label != "wc" else f"{prefix}_init"] = value[:, None]
    model.run()
    after = np.array([np.asarray(model.outputs[v])[:, 0] for v in variables])
    return (after - states) / dt


def main():
    stored = {"version": metadata.version("neurolib")}
    for index, (label, entry) in enumerate(mapping_rate.NEUROLIB.items()):
        rng = np.random.default_rng(2000 + index)
        kind = getattr(import_module(f"neurolib.models.{label}"), MODELS[label])
        variables = [next(iter(source)) for source in entry["states"].values()]
        default = kind().params
        for variant in ("default", "moved"):
            given = {n: float(np.ravel(default[n])[0]) for n in names_of(entry)} | entry.get("given", {})
            if variant == "moved":
                given = {n: v * rng.uniform(0.9, 1.1) if v else rng.uniform(-0.1, 0.1) for n, v in given.items()}
            also = {theirs: given[source] for theirs, source in entry.get("equal", {}).items()}
            states = rng.uniform(*RANGES[label], (len(variables), STATES))
            weights, strength = rng.uniform(size=(STATES, STATES)) / STATES, 0.7
            np.fill_diagonal(weights, 0.0)
            sent = states[0][None, :] - (states[0][:, None] if entry["coupling"] == "diffusive" else 0.0)
            key = f"{label}/{variant}"
            for n, value in given.items():
                stored[f"{key}/parameter/{n}"] = value
            stored[f"{key}/states"] = states[..., None]
            stored[f"{key}/coupling"] = strength * (weights * sent).sum(-1)[None]
            for name, k in (("alone", 0.0), ("coupled", strength)):
                stored[f"{key}/{name}"] = slopes(kind, label, given | also, variables, states, weights, k)[..., None]
        stored[f"{label}/names"] = np.array(variables)
    np.savez_compressed(Path(__file__).with_name("rhs_neurolib_rate.npz"), **stored)


if __name__ == "__main__":
    main()
