"""Records of a benchmark run as JSON lines, and the page made from them."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import time

from benchmarks.contests import Bound
from benchmarks.process import ROOT


def record(contest, facts, times, ratios, differences) -> dict:
    contenders = {name: _timing(facts[name], times[name]) for name in times}
    for clock, by_name in ratios.items():
        for name, values in by_name.items():
            contenders[name][f"ratio_{clock}"] = statistics.median(values)
            contenders[name][f"ratios_{clock}"] = values
    for name, difference in differences.items():
        contenders[name]["difference"] = difference
    bounds = [vars(bound) | {clock: _worst(bound, contenders, clock) for clock in ratios} for bound in contest.bounds]
    agreement = dict(tolerance=contest.tolerance, reason=contest.reason, samples=contest.samples)
    return dict(case=contest.case, ours=contest.ours, contenders=contenders, bounds=bounds, agreement=agreement)


def _timing(facts: dict, times: list[dict]) -> dict:
    """Facts and times of one contender. Compile time is what the first run took longer than a later one."""
    wall, cpu = (statistics.median(t[clock] for t in times) for clock in ("wall", "cpu"))
    steps = facts["n_steps"] * facts["n_sims"]
    return facts | dict(
        compile_s=max(facts["first_s"] - wall, 0.0),
        wall_s=wall,
        cpu_s=cpu,
        runs=len(times),
        steps_per_s=steps / wall,
        steps_per_cpu_s=steps / cpu,
        edge_steps_per_s=steps * facts["n_edges"] / wall,
    )


def _worst(bound: Bound, contenders: dict, clock: str) -> float | None:
    found = [
        c[f"ratio_{clock}"] for name, c in contenders.items() if name.startswith(bound.other) and f"ratio_{clock}" in c
    ]
    return (max if bound.cost else min)(found) if found else None


def import_record(seconds, quotients) -> dict:
    wall, cpu = (statistics.median(quotients[:, i]) for i in (0, 1))
    bound = vars(Bound("libraries", 1.3, 1.3, cost=True)) | dict(wall=wall, cpu=cpu)
    times = {
        name: dict(zip(("wall_s", "cpu_s"), map(statistics.median, values.T), strict=True))
        for name, values in seconds.items()
    }
    return dict(case="import", ours="brainmass", contenders=times, bounds=[bound])


def verdict(bound: dict, clock: str) -> str:
    value = bound[clock]
    if value is None:
        return "not measured"
    met = (lambda limit: value <= limit) if bound["cost"] else (lambda limit: value >= limit)
    if met(bound["goal"]):
        return "goal"
    return "floor" if met(bound["floor"]) else "**below the floor**"


def lines(done: dict, clock: str) -> str:
    """One contest, for the terminal."""
    out = []
    for name, c in done["contenders"].items():
        speed = f"{c['steps_per_s'] / 1e3:10.1f} k steps/s" if "steps_per_s" in c else f"{c['wall_s']:10.3f} s"
        ratio = f"  other/ours {c['ratio_wall']:6.2f} wall {c['ratio_cpu']:6.2f} cpu" if "ratio_wall" in c else ""
        equal = f"  differs by {c['difference']:.0e}" if "difference" in c else ""
        out.append(f"{name:30s}{speed}{ratio}{equal}")
    for bound in done["bounds"]:
        value = "-" if bound[clock] is None else f"{bound[clock]:.2f}"
        out.append(
            f"  {bound['other']}: {value} (floor {bound['floor']:.2f}, goal {bound['goal']:.2f}): {verdict(bound, clock)}"
        )
    return "\n".join(out)


def machine(options) -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{_processor()}, {os.cpu_count()} cores, load {load}; every contender pinned to core {options.core}, taking turns; "
        f"{options.rounds} rounds; ratios by {'wall' if options.clock == 'wall' else 'processor'} time"
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def write(records: list[dict], options) -> None:
    options.results.mkdir(exist_ok=True)
    common = dict(commit=_commit(), machine=machine(options), date=time.strftime("%Y-%m-%d"))
    path = options.results / time.strftime("%Y%m%d-%H%M%S.jsonl")
    path.write_text("".join(json.dumps(common | done) + "\n" for done in records))
    print(f"\nwrote {path.relative_to(ROOT)}")
    if options.table:
        options.table.write_text(page(records, common, options.clock))
        print(f"wrote {options.table}")


def page(records: list[dict], common: dict, clock: str) -> str:
    """The Markdown page."""
    return ""
