"""Records of a benchmark run as JSON lines, and the page made from them."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.contests import Bound, Contest
from benchmarks.process import ROOT
from brainmass.models import catalogue
from brainmass.state_space.declarations import Variable

CLOCKS = dict(wall="wall time", cpu="processor time")

TITLES = {
    "hopf_delayed_80": "One delayed run, N = 80, dt = 0.1 ms",
    "hopf_delayed_400": "One delayed run, N = 400, dt = 0.1 ms",
    "hopf_delayed_80_dt1": "One delayed run, N = 80, dt = 1 ms",
    "hopf_delayed_400_dt1": "One delayed run, N = 400, dt = 1 ms",
    "wong_wang_undelayed_100": "One noisy run without delays, Wong–Wang E–I, N = 100, dt = 0.1 ms",
    "tutorial": "A later `run` of the tutorial's network (8 regions, 3000 steps)",
    "batch": "64 simulations with couplings of their own, N = 80",
    "gradient": "Gradient of a run, N = 84, 10 000 steps, beside the run alone",
    "import": "Import, beside the libraries that it stands on",
}

INTRODUCTION = """\
# Benchmarks

Made by `make bench`, or `python -m benchmarks.run --table docs/benchmarks.md`, on the machine named below.

Every contender simulates the same network from the same arrays: Hopf nodes (or what the title names), dense random
weights, delays from random points in an ellipsoid of the size of a brain at 10 mm/ms, diffusive coupling. Each runs in
a process and an environment of its own, all on the same single core, and they take turns with ours between every two
others; a ratio compares a run with the mean of our two runs around it, and the median over the rounds is shown. Before
timing, results are compared. A machine that others use too makes times unsteady: read the ratios, not the times.
Processor time counts less of what others do than wall time does.

- `neurolib:run` is `model.run()`, `neurolib:loop` its compiled loop alone; both keep the whole trajectory, in float64.
- `tvboptim:*` are its three history buffers, with Euler and one coupling evaluation per step.
- `cubnm` is its simulation on one thread, with the haemodynamics that it always integrates, too.
- `brainmass_pypi:<method>` is the package of the same name on PyPI in one compiled program, `.../run` its documented
  `run`, which compiles every time.
- `scan:tiled` and `scan:ring` are programs written by hand for this very network: in windows like ours, and with a
  ring buffer.
- `ours` is `Simulator.run`, recording every step (batch and gradient: `Simulator.function`).
"""


def record(contest, facts, times, ratios, differences) -> dict:
    contenders = {name: _timing(facts[name], times[name]) for name in times}
    for clock, by_name in ratios.items():
        for name, values in by_name.items():
            contenders[name][f"ratio_{clock}"] = statistics.median(values)
            contenders[name][f"ratios_{clock}"] = values
    for name, difference in differences.items():
        contenders[name]["difference"] = difference
    bounds = [
        vars(bound) | {clock: _reached(bound, contest, contenders, clock) for clock in ratios}
        for bound in contest.bounds
    ]
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


def _reached(bound: Bound, contest: Contest, contenders: dict, clock: str) -> float | None:
    """The worst ratio that the bound speaks of, or the seconds of our own run; None where nobody was measured."""
    if bound.other == contest.ours:
        return contenders[contest.ours][f"{clock}_s"]
    rivals = [c for name, c in contenders.items() if name.startswith(bound.other) and name != contest.ours]
    return (max if bound.cost else min)((c[f"ratio_{clock}"] for c in rivals), default=None)


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
    for word in ("goal", "floor"):
        if value <= bound[word] if bound["cost"] else value >= bound[word]:
            return word
    return "**below the floor**"


def _speed(c: dict) -> str:
    if "steps_per_s" not in c:
        return f"{c['wall_s']:.3g} s"
    return f"{c['wall_s'] * 1e3:.3g} ms, {c['steps_per_s'] / 1e3:.3g} k steps/s"


def _bound(bound: dict, clock: str) -> tuple[str, ...]:
    value = "-" if bound[clock] is None else f"{bound[clock]:.3g}"
    sign = "≤" if bound["cost"] else "≥"
    return bound["other"], value, f"{sign} {bound['floor']:.3g}", f"{sign} {bound['goal']:.3g}", verdict(bound, clock)


def lines(done: dict, clock: str) -> str:
    """One contest, for the terminal."""
    out = []
    for name, c in done["contenders"].items():
        ratio = f"  x{c['ratio_wall']:.2f} wall, x{c['ratio_cpu']:.2f} processor" if "ratio_wall" in c else ""
        equal = f"  differs by {c['difference']:.0e}" if "difference" in c else ""
        out.append(f"{name:30s}{_speed(c):34s}{ratio}{equal}")
    out += ["  {}: {} (floor {}, goal {}): {}".format(*_bound(bound, clock)) for bound in done["bounds"]]
    return "\n".join(out)


def machine(options) -> dict:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return dict(
        processor=_processor(),
        cores=os.cpu_count(),
        load=load,
        core=options.core,
        rounds=options.rounds,
        clock=options.clock,
        shorten=options.shorten,
        platform=platform.platform(terse=True),
    )


def described(machine: dict) -> str:
    return (
        f"{machine['processor']}, {machine['cores']} cores (load average {machine['load']} at the start), "
        f"{machine['platform']}; every contender pinned to core {machine['core']} alone, taking turns; "
        f"{machine['rounds']} rounds; ratios of {CLOCKS[machine['clock']]}"
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _commit() -> str:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


class Log:
    """The JSON lines of one run of the benchmarks, written as they come."""

    def __init__(self, folder: Path, machine: dict):
        folder.mkdir(exist_ok=True)
        self.path = folder / time.strftime("%Y%m%d-%H%M%S.jsonl")
        self.common = dict(commit=_commit(), date=time.strftime("%Y-%m-%d"), machine=machine)
        self.records: list[dict] = []

    def add(self, done: dict) -> None:
        self.records.append(self.common | done)
        with self.path.open("a") as file:
            file.write(json.dumps(self.records[-1]) + "\n")
        print(lines(done, self.common["machine"]["clock"]), flush=True)

    def write_page(self, path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(page(self.records))
        print(f"wrote {path}")


def page(records: list[dict]) -> str:
    """The Markdown page of records, of which a later one replaces an earlier one of the same contest."""
    records = list({(done["case"], done["ours"]): done for done in records}.values())
    common, clock = records[0], records[0]["machine"]["clock"]
    versions: dict[str, dict] = {}
    for done in records:
        for name, c in done["contenders"].items():
            if "versions" in c:
                versions[name.partition(":")[0]] = c["versions"] | dict(python=c["python"])
    used = [f"- {peer}: {', '.join(f'{k} {v}' for k, v in v.items())}" for peer, v in versions.items()]
    out = [
        INTRODUCTION,
        f"Measured on {common['date']}, commit `{common['commit']}`:",
        described(common["machine"]) + ".",
        "",
    ]
    out += [*used, "", "## What the ratios are meant to reach", "", *_targets(records, clock)]
    models = [done for done in records if done["case"] in catalogue()]
    for done in records:
        if done not in models:
            out += ["", f"## {TITLES.get(done['case'], done['case'])}: {done['ours']}", "", *_table(done)]
    if models:
        out += [
            "",
            "## Every model: a delayed network, N = 80, at its default time step and method",
            "",
            *_speeds(models),
        ]
    return "\n".join(out) + "\n"


def _targets(records: list[dict], clock: str) -> list[str]:
    out = ["| case | ours | beside | reached | floor | goal | |", "|---|---|---|---|---|---|---|"]
    for done in records:
        out += [f"| {done['case']} | {done['ours']} | {' | '.join(_bound(b, clock))} |" for b in done["bounds"]]
    return out


def _table(done: dict) -> list[str]:
    heads = ("contender", "run", "its time / ours: wall", "processor", "compile, s", "peak, MB", "type", "differs by")
    out = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, c in done["contenders"].items():
        cells = (
            name,
            _speed(c),
            _number(c.get("ratio_wall"), ".2f"),
            _number(c.get("ratio_cpu"), ".2f"),
            _number(c.get("compile_s"), ".2g"),
            _number(c.get("peak_mb"), ".0f"),
            c.get("dtype", ""),
            _number(c.get("difference"), ".0e"),
        )
        out.append(f"| {' | '.join(cells)} |")
    if "agreement" in done:
        agreement = done["agreement"]
        samples = f"{agreement['samples']} samples; {agreement['reason']}."
        out += ["", f"Agreement: to {agreement['tolerance']:.0e} in the first {samples}"]
    return out


def _speeds(records: list[dict]) -> list[str]:
    """Our speed with each model of the catalogue."""
    heads = ("model", "variables", "dt, ms", "k steps/s", "ns per node and step", "compile, s")
    out = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for done in records:
        (c,), variables = done["contenders"].values(), catalogue()[done["case"]].declarations(Variable)
        each = 1e9 / (c["steps_per_s"] * c["n_regions"])
        numbers = (len(variables), c["dt"], *(f"{x:.3g}" for x in (c["steps_per_s"] / 1e3, each, c["compile_s"])))
        out.append(f"| {done['case']} | {' | '.join(map(str, numbers))} |")
    return out


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


if (
    __name__ == "__main__"
):  # the page again from records: python -m benchmarks.report FILE.jsonl ... > docs/benchmarks.md
    text = "".join(Path(name).read_text() for name in sys.argv[1:])
    print(page([json.loads(line) for line in text.splitlines()]), end="")
