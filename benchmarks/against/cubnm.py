"""cuBNM (C++, float64) on one thread. It always integrates the haemodynamics, too, and cannot leave them out.

Its connectome has sources as rows. A noise array is drawn when the first run is prepared and used again by each run.
"""

from importlib.metadata import version

import numpy as np

from benchmarks.cases import EVERY, GLOBAL_COUPLING, SIGMA, averages


def build(case, variant):
    from cubnm.sim import rWWSimGroup

    seconds, n = case.n_steps * case.dt / 1000, case.n_regions
    group = rWWSimGroup(
        duration=seconds,
        TR=0.72,
        sc=case.problem.weights.T.astype(float),
        dt=str(case.dt),
        do_fc=False,
        do_fcd=False,
        gof_terms=[],
        do_fic=False,
        states_ts=True,
        states_sampling=EVERY * case.dt / 1000,
        noise_segment_length=None,
        bold_remove_s=0,
        force_cpu=True,
        sim_seed=0,
    )
    group.N = 1
    group.param_lists["G"] = np.array([GLOBAL_COUPLING])
    for name, value in dict(w_p=1.4, J_N=0.15, wIE=1.0, sigma=SIGMA).items():
        group.param_lists[name] = np.full((1, n), value)

    def run():
        group.run()
        return group.sim_states["S_E"][0]

    return run


def view(case, variant, output):
    return averages(output)


def versions():
    return {name: version(name) for name in ("cubnm", "numpy")}
