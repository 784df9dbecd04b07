"""Right-hand sides of neurolib's thalamus: ``python rhs_neurolib_thalamus.py`` writes the npz beside it.

Needs an environment with neurolib 0.6.2 and nothing of ours. neurolib has no function for them and takes one thalamus
at a time: at each of 100 random states one Euler step without noise is taken, and the slope is the increment over dt.
dt is long, so that rounding is small.
"""

from importlib import metadata
from pathlib import Path

import numpy as np
from mapping_biophysical import NEUROLIB
from neurolib.models.thalamus import ThalamicMassModel

STATES, DT = 100, 1.0
NAMES = list(NEUROLIB["ranges"])


def slopes(given, state):
    """The increments of one step over dt, by variable."""
    model = ThalamicMassModel()
    model.params.update(given | dict(dt=DT, duration=DT, d_phi=0.0))
    for name, value in zip(NAMES, state, strict=True):
        model.params[f"{name}_init"] = np.array([value]) if name.startswith("V") else np.array(value)
    model.params["Q_t_init"] = model.params["Q_r_init"] = np.zeros(1)  # overwritten, but random by default
    model.run()
    after = np.array([np.ravel(model.state[name])[-1] for name in NAMES])
    return (after - state) / DT


def main():
    rng = np.random.default_rng(4000)
    default = {n: v for n, v in ThalamicMassModel().params.items() if isinstance(v, float)}
    default = {n: v for n, v in default.items() if n not in ("dt", "duration", "d_phi")}
    stored = {"version/neurolib": metadata.version("neurolib"), "names": np.array(NAMES)}
    low, high = np.array(list(NEUROLIB["ranges"].values())).T
    for variant in ("default", "moved"):
        given = {n: v for n, v in default.items() if not n.startswith("ext_current")}
        if variant == "moved":
            given = {n: v * rng.uniform(0.9, 1.1) if v else 0.3 for n, v in given.items()}
        given |= NEUROLIB["set"]
        states = rng.uniform(low, high, (STATES, len(NAMES)))
        drive = rng.uniform(-1.0, 1.0, (STATES, 2))
        for n, value in given.items():
            stored[f"{variant}/parameter/{n}"] = value
        stored[f"{variant}/states"], stored[f"{variant}/drive"] = states.T, drive.T
        for name, amount in (("alone", 0.0), ("driven", 1.0)):
            currents = [dict(zip(("ext_current_t", "ext_current_r"), amount * d, strict=True)) for d in drive]
            found = [slopes(given | extra, state) for extra, state in zip(currents, states, strict=True)]
            stored[f"{variant}/{name}"] = np.array(found).T
    np.savez_compressed(Path(__file__).with_name("rhs_neurolib_thalamus.npz"), **stored)


if __name__ == "__main__":
    main()
