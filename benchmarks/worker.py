"""A process that runs one contender on one core and obeys the runner: one JSON object per line, in and out.

    {"do": "prepare", "case": NAME, "variant": NAME, "shorten": INT}  ->  sizes, build_s, first_s, device, dtype
    {"do": "run"}                                                    ->  {"wall": seconds, "cpu": seconds}
    {"do": "result", "path": FILE, "samples": INT}                   ->  {"shape"}
    {"do": "info"}                                                   ->  {"versions", "python", "peak_mb"}

A contender is a module with `versions()` and `build(case, variant) -> run`, where `run()` does the whole run and gives
`(time, region)`; its `view(case, variant, output)`, if there is one, turns another output into that shape.
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


def finished(output):
    """Wait for arrays that are still being computed."""
    if "jax" in sys.modules:
        sys.modules["jax"].block_until_ready(output)
    return output


class Worker:
    def __init__(self, contender):
        self.contender = contender
        self.output = None

    def prepare(self, case, variant, shorten):
        from benchmarks.cases import find

        self.case, self.variant = find(case).shortened(shorten), variant
        start = time.perf_counter()
        self.run_once = self.contender.build(self.case, variant)
        built = time.perf_counter()
        self.output = finished(self.run_once())
        first = time.perf_counter()
        sizes = {name: getattr(self.case, name) for name in ("n_steps", "n_regions", "n_sims", "n_edges", "dt")}
        array = self._view()
        device = str(getattr(array, "device", "cpu"))
        return sizes | dict(build_s=built - start, first_s=first - built, device=device, dtype=str(array.dtype))

    def run(self):
        self.output = None
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        self.output = finished(self.run_once())
        return dict(wall=time.perf_counter() - wall, cpu=time.process_time() - cpu)

    def result(self, path, samples):
        import numpy as np

        array = np.asarray(self._view())[:samples]
        np.save(path, array)
        return dict(shape=array.shape)

    def info(self):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return dict(versions=self.contender.versions(), python=sys.version.split()[0], peak_mb=peak)

    def _view(self):
        view = getattr(self.contender, "view", None)
        return view(self.case, self.variant, self.output) if view else self.output


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
