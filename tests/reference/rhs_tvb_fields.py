"""Right-hand sides of tvb-library at random states: ``python rhs_tvb_fields.py`` writes the npz beside it.

Needs an environment with tvb-library 2.10.0 and nothing of ours. For each model of the mapping: 100 random states with
the default parameters and 100 with parameters moved by up to a tenth, each without and with coupling.
"""

from importlib import import_module, metadata
from pathlib import Path

import mapping_fields
import numpy as np

STATES = 100


def numbers(model):
    """Its scalar parameters, by name."""
    found = {n: getattr(model, n, None) for n in sorted(type(model).declarative_attrs)}
    return {n: v[0] for n, v in found.items() if isinstance(v, np.ndarray) and v.dtype.kind in "fi" and v.size == 1}


def main():
    stored = {"version": metadata.version("tvb-library")}
    for index, (label, entry) in enumerate(mapping_fields.TVB.items()):
        rng = np.random.default_rng(2000 + index)
        kind = getattr(import_module(f"tvb.simulator.models.{entry['module']}"), label.split()[0])
        options = {name: np.array([value]) for name, value in entry.get("set", {}).items()}
        default = kind(**options)
        kept = numbers(default)
        for variant in ("default", "moved"):
            fixed = entry.get("kept", "").split()
            given = {n: float(v) for n, v in kept.items() if v.dtype.kind == "f" and n not in fixed}
            if variant == "moved":
                given = {n: v * rng.uniform(0.9, 1.1) if v else rng.uniform(0.0, 0.5) for n, v in given.items()}
            model = kind(**{n: np.array([v]) for n, v in given.items()}, **options)
            model.configure()
            names = list(model.state_variables)
            ranges = np.array([entry.get("ranges", {}).get(n, model.state_variable_range[n]) for n in names], float)
            states = rng.uniform(ranges[:, :1], ranges[:, 1:], (len(names), STATES))
            states[[names.index(n) for n in entry.get("still", ())]] = 0.0
            low, high = entry.get("coupling", (-1.0, 1.0))
            coupling = rng.uniform(low, high, (len(model.cvar), STATES))
            key = f"{label}/{variant}"
            for n, value in (kept | given).items():
                stored[f"{key}/parameter/{n}"] = value
            stored[f"{key}/states"], stored[f"{key}/coupling"] = states, coupling
            for name, amount in (("alone", 0.0), ("coupled", 1.0)):
                found = model.dfun(states[..., None].copy(), amount * coupling[..., None])
                stored[f"{key}/{name}"] = np.array(found)[..., 0]
        stored[f"{label}/names"] = np.array(names)
    np.savez_compressed(Path(__file__).with_name("rhs_tvb_fields.npz"), **stored)


if __name__ == "__main__":
    main()
