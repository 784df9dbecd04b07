"""Right-hand sides of tvb-library at random states and parameters: ``python rhs_tvb_rate.py`` writes the npz beside it.

Needs an environment with tvb-library 2.10.0 and nothing of ours. For each model of the mapping: 100 random states with
the default parameters and 100 with parameters moved by up to a tenth, each without and with coupling.
"""

from importlib import import_module, metadata
from pathlib import Path

import mapping_rate
import numpy as np

STATES = 100
MODULES = "oscillator linear stefanescu_jirsa hopfield wong_wang wong_wang_exc_inh larter_breakspear wilson_cowan"


def model_class(name):
    for module in (*MODULES.split(), "jansen_rit"):
        found = getattr(import_module(f"tvb.simulator.models.{module}"), name, None)
        if found is not None:
            return found
    raise KeyError(name)


def names_of(entry):
    """Their parameters that the mapping speaks of."""
    sources = [*entry["parameters"].values(), *entry["inputs"].values()]
    return sorted(
        {n for source in sources for n in source if n not in ("c0", "c1")} | {*entry.get("gain", {}).values()}
    )


def main():
    stored = {"version": metadata.version("tvb-library")}
    for index, (label, entry) in enumerate(mapping_rate.TVB.items()):
        rng = np.random.default_rng(1000 + index)
        kind = model_class(label.split()[0])
        options = {name: np.array([value]) for name, value in entry.get("options", {}).items()}
        default = kind(**options)
        for variant in ("default", "moved"):
            given = {n: float(np.asarray(getattr(default, n)).ravel()[0]) for n in names_of(entry)}
            if variant == "moved":
                given = {n: v * rng.uniform(0.9, 1.1) if v else rng.uniform(-0.1, 0.1) for n, v in given.items()}
            also = {theirs: given[source] for theirs, source in entry.get("equal", {}).items()}
            model = kind(**{n: np.array([v]) for n, v in (given | also).items()}, **options)
            model.configure()
            modes = model.number_of_modes
            ranges = np.array([np.asarray(model.state_variable_range[n], float) for n in model.state_variables])
            states = rng.uniform(ranges[:, :1, None], ranges[:, 1:, None], (len(ranges), STATES, modes))
            coupling = rng.normal(size=(len(model.cvar), STATES, modes))
            key = f"{label}/{variant}"
            for n, value in given.items():
                stored[f"{key}/parameter/{n}"] = value
            stored[f"{key}/states"], stored[f"{key}/coupling"] = states, coupling.sum(-1)
            stored[f"{key}/alone"] = np.array(model.dfun(states.copy(), 0.0 * coupling))
            stored[f"{key}/coupled"] = np.array(model.dfun(states.copy(), coupling))
        stored[f"{label}/names"] = np.array(list(model.state_variables))
    np.savez_compressed(Path(__file__).with_name("rhs_tvb_rate.npz"), **stored)


if __name__ == "__main__":
    main()
