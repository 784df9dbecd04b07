"""A process that runs one contender and obeys the runner: one JSON object per line, in and out.

    {"do": "prepare", "case": NAME, "variant": NAME, "shorten": INT}  ->  {"build_s", "first_s", "device", "dtype", ...}
    {"do": "run"}                                                    ->  {"seconds"}
    {"do": "result", "path": FILE, "samples": INT}                   ->  {"path", "shape"}

The output of a run is `(time, region)`. A contender is a module with `build(case, variant) -> run` and `versions()`.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import sys
import time
import traceback


def _finished(value):
    """Wait for an array that is still being computed."""
    ready = getattr(value, "block_until_ready", None)
    return ready() if ready else value


class Worker:
    def __init__(self, contender):
        self.contender = contender
        self.output = None

    def prepare(self, case, variant, shorten=1):
        from benchmarks.cases import CASES

        self.case = CASES[case].shortened(shorten)
        start = time.perf_counter()
        self.run_once = self.contender.build(self.case, variant)
        built = time.perf_counter()
        self.output = _finished(self.run_once())
        first = time.perf_counter()
        case = self.case
        edges = int((case.problem.weights != 0).sum())
        sizes = dict(n_steps=case.n_steps, n_regions=case.n_regions, n_sims=case.n_sims, n_edges=edges, dt=case.dt)
        device = getattr(self.output, "device", None) or "cpu"
        return dict(
            build_s=built - start, first_s=first - built, dtype=str(self.output.dtype), device=str(device), **sizes
        )

    def run(self):
        gc.collect()
        self.output = None
        start = time.perf_counter()
        self.output = _finished(self.run_once())
        return dict(seconds=time.perf_counter() - start)

    def result(self, path, samples):
        import numpy as np

        array = np.asarray(self.output)[:samples]
        np.save(path, array)
        return dict(path=path, shape=array.shape)

    def info(self):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return dict(versions=self.contender.versions(), python=sys.version.split()[0], peak_mb=peak)


def main(module: str, core: str) -> None:
    os.sched_setaffinity(0, {int(core)})  # before anything starts threads
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints must not reach the runner
    worker = Worker(importlib.import_module(module))
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(worker, request.pop("do"))(**request)
        except Exception:
            answer = dict(error=traceback.format_exc())
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
