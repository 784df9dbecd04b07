"""Right-hand sides of tvb-library and tvb-contrib: ``python rhs_tvb_biophysical.py`` writes the npz beside it.

Needs an environment with tvb-library 2.10.0 and tvb-contrib 2.11.0 and nothing of ours. For each model of the mapping:
100 random states with the default parameters and 100 with parameters moved by up to a tenth, each without and with
coupling.
"""

from importlib import import_module, metadata
from pathlib import Path

import mapping_biophysical
import numpy as np
from rhs_tvb_fields import STATES, numbers


def main():
    stored = {f"version/{name}": metadata.version(name) for name in ("tvb-library", "tvb-contrib")}
    for index, (label, entry) in enumerate(mapping_biophysical.TVB.items()):
        rng = np.random.default_rng(3000 + index)
        kind = getattr(import_module(entry["module"]), label)
        default = {n: float(v) for n, v in numbers(kind()).items()}
        for variant in ("default", "moved"):
            given = dict(default)
            if variant == "moved":
                given = {n: v * rng.uniform(0.9, 1.1) if v else rng.uniform(0.0, 0.5) for n, v in given.items()}
            model = kind(**{n: np.array([v]) for n, v in given.items()})
            model.configure()
            names = list(model.state_variables)
            ranges = np.array([entry.get("ranges", {}).get(n, model.state_variable_range[n]) for n in names], float)
            states = rng.uniform(ranges[:, :1], ranges[:, 1:], (len(names), STATES))
            coupling = rng.uniform(-1.0, 1.0, (len(model.cvar), STATES))
            key = f"{label}/{variant}"
            for n, value in given.items():
                stored[f"{key}/parameter/{n}"] = value
            stored[f"{key}/states"], stored[f"{key}/drive"] = states, coupling
            for name, amount in (("alone", 0.0), ("driven", 1.0)):
                found = model.dfun(states[..., None].copy(), amount * coupling[..., None])
                stored[f"{key}/{name}"] = np.array(found)[..., 0]
        stored[f"{label}/names"] = np.array(names)
    np.savez_compressed(Path(__file__).with_name("rhs_tvb_biophysical.npz"), **stored)


if __name__ == "__main__":
    main()
