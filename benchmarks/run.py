"""Times this package beside other simulators: `python -m benchmarks.run [--quick] [--cases ...] [--peers ...]`.

Every contender runs the same arrays in a process of its own. All are pinned to the same core and take turns, ours
between every two others: A B A C A D, A B A C A D, ... A ratio compares a run with the mean of our runs just before and
just after it, and its median over the rounds is reported. Results are checked for agreement before anything is timed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks import report
from benchmarks.contests import CONTESTS, Contest
from benchmarks.process import PINS, ROOT, Contender, PeerError, run_python
from brainmass.models import catalogue

LIBRARIES = "import jax, brainstate, brainunit, braintools"


def disagreement(contest: Contest, entrants: dict[str, Contender], folder: Path) -> dict[str, float]:
    """The largest difference of each contender that must agree from our result."""
    found = {}
    for name in (contest.ours, *contest.equal):
        if name in entrants:
            path = folder / f"{len(found)}.npy"
            entrants[name].ask("result", path=str(path), samples=contest.samples)
            found[name] = np.load(path).astype(float)
    ours = found.pop(contest.ours)
    return {name: float(np.abs(array - ours).max()) for name, array in found.items()}


def take_turns(contest: Contest, entrants: dict[str, Contender], rounds: int) -> dict[str, list[dict]]:
    """Times by contender, of one run per round; ours has one before each other run, and one at the very end."""
    ours = entrants[contest.ours]
    times: dict[str, list[dict]] = {name: [] for name in entrants}
    others = [name for name in entrants if name != contest.ours]
    for _ in range(rounds):
        for name in others or [contest.ours]:
            times[contest.ours].append(ours.ask("run"))
            if name in others:
                times[name].append(entrants[name].ask("run"))
    times[contest.ours].append(ours.ask("run"))
    return times


def ratios(contest: Contest, times: dict[str, list[dict]], clock: str) -> dict[str, list[float]]:
    """By contender and round, its time over the mean of our runs before and after it."""
    ours = [t[clock] for t in times[contest.ours]]
    others = [name for name in times if name != contest.ours]
    beside = {
        name: zip(ours[i :: len(others)], ours[i + 1 :: len(others)], strict=False) for i, name in enumerate(others)
    }
    return {
        name: [t[clock] / ((before + after) / 2) for t, (before, after) in zip(times[name], beside[name], strict=False)]
        for name in others
    }


def hold(contest: Contest, options: argparse.Namespace) -> dict:
    """Run one contest; its record."""
    print(f"\n== {contest.case}, {contest.ours}", flush=True)
    entrants, facts = {}, {}
    with tempfile.TemporaryDirectory() as scratch:
        try:
            for name in contest.contenders:
                peer = name.partition(":")[0]
                if peer != "ours" and options.peers and peer not in options.peers:
                    continue
                try:
                    entrant = entrants[name] = Contender(name, options.core, Path(scratch) / f"{len(facts)}.txt")
                    facts[name] = entrant.ask(
                        "prepare", case=contest.case, variant=entrant.variant, shorten=options.shorten
                    )
                except PeerError as problem:
                    if name == contest.ours:
                        raise
                    print(f"left out: {problem}", flush=True)
                    lost = entrants.pop(name, None)
                    if lost:
                        lost.close()
            differences = disagreement(contest, entrants, Path(scratch))
            for name, difference in differences.items():
                if not difference <= contest.tolerance:
                    raise PeerError(
                        f"{name} differs from {contest.ours} by {difference:.1e}, more than {contest.tolerance:.0e}"
                    )
            times = take_turns(contest, entrants, options.rounds)
            for name, entrant in entrants.items():
                facts[name] |= entrant.ask("info")
        finally:
            for entrant in entrants.values():
                entrant.close()
    return report.record(contest, facts, times, {c: ratios(contest, times, c) for c in ("wall", "cpu")}, differences)


def import_cost(options: argparse.Namespace) -> dict:
    """Seconds to import us, and the libraries that we stand on, in fresh processes that take turns."""
    print("\n== import", flush=True)
    code = "from time import perf_counter as w, process_time as c; a, b = w(), c(); {}; print(w() - a, c() - b)"
    seconds: dict[str, list[list[float]]] = {"brainmass": [], "libraries": []}
    for _ in range(options.rounds + 1):
        for name, line in (("brainmass", "import brainmass"), ("libraries", LIBRARIES)):
            seconds[name].append([float(s) for s in run_python(code.format(line), options.core).split()])
    warm = {name: np.array(values[1:]) for name, values in seconds.items()}  # the first round reads the disk
    quotients = warm["brainmass"] / warm["libraries"]
    return report.import_record(warm, quotients)


def wanted(contest: Contest, options: argparse.Namespace) -> bool:
    is_model = contest.case in catalogue()
    if options.cases:
        return contest.case in options.cases or (is_model and "models" in options.cases)
    return not options.quick or not (is_model or contest.case.startswith("hopf_delayed_400"))


def main() -> None:
    options = parsed()
    machine = report.machine(options)
    print(report.described(machine), flush=True)
    log, failed = report.Log(ROOT / "benchmarks" / "results", machine), []
    for contest in filter(lambda contest: wanted(contest, options), CONTESTS):
        try:
            done = hold(contest, options)
        except PeerError as problem:
            failed.append(f"{contest.case}, {contest.ours}: {problem}")
            print(failed[-1], flush=True)
            continue
        log.add(done)
    if not options.cases or "import" in options.cases:
        log.add(import_cost(options))
    print(f"\nwrote {log.path.relative_to(ROOT)}")
    if options.table:
        log.write_page(options.table)
    if failed:
        sys.exit("\n\n".join(["not compared:", *failed]))


def parsed() -> argparse.Namespace:
    names = sorted({contest.case for contest in CONTESTS} | {"import", "models"})
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="5 rounds, a quarter of the steps; no N = 400, no models")
    parser.add_argument(
        "--cases", nargs="+", choices=names, metavar="CASE", help="all by default; models is each of the catalogue"
    )
    parser.add_argument("--peers", nargs="+", choices=[*PINS, "scan"], help="all by default; ours always runs")
    parser.add_argument("--rounds", type=int, help="11, or 5 with --quick")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)), help="the one core that all share")
    clock = "wall time, or processor time, which counts less of what others run on the machine"
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall", help=clock)
    parser.add_argument("--table", type=Path, help="the Markdown page; docs/benchmarks.md after a run of everything")
    options = parser.parse_args()
    if not (options.quick or options.cases or options.peers or options.table):
        options.table = ROOT / "docs" / "benchmarks.md"
    options.rounds = options.rounds or (5 if options.quick else 11)
    options.shorten = 4 if options.quick else 1
    return options


if __name__ == "__main__":
    main()
