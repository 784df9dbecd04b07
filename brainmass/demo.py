"""What ``brainmass demo`` runs: two networks, three figures and a result on disk."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brainunit as u
import numpy as np

import brainmass

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DT: Any = 0.1 * u.ms
SPEED: Any = 10.0 * u.mm / u.ms
SHOWN: Any = 1_000.0 * u.ms  # of the activity, at most


@dataclass(frozen=True)
class Case:
    """One network of the demo, and how to run it."""

    title: str
    connectome: brainmass.datasets.Connectome
    network: brainmass.Network
    duration: Any
    transient: Any
    sample_every: int = 1

    @property
    def steps(self) -> int:
        return round(float(self.duration / DT))

    @property
    def longest_delay(self) -> Any:
        weights, distances, _ = self.connectome
        return u.math.max(distances[weights > 0]) / SPEED


@dataclass(frozen=True)
class Run:
    """The result of a case, and the seconds that its first and its second run took."""

    case: Case
    result: brainmass.Result
    first: float
    second: float

    def __str__(self) -> str:
        case = self.case
        samples, regions = self.result["output"].shape
        return (
            f"{case.title}\n"
            f"  simulated  {_ms(case.duration)} in steps of {_ms(DT)}, delays up to {_ms(case.longest_delay)}\n"
            f"  recorded   {samples} samples of x in {regions} regions, after {_ms(case.transient)} of transient\n"
            f"  compiled   in {max(self.first - self.second, 0.0):.2f} s\n"
            f"  ran        in {self.second:.3f} s, which is {case.steps / self.second:,.0f} steps per second"
        )


def demo(out: Path) -> list[Path]:
    """Simulate, tell how fast, draw, save; return the paths of what was written."""
    out.mkdir(parents=True, exist_ok=True)
    runs = [simulate(tutorial()), simulate(resting_state())]
    for run in runs:
        print(run, end="\n\n")

    figures = {
        "connectome.png": draw_connectomes(runs),
        "activity.png": draw_activity(runs),
        "functional_connectivity.png": draw_functional_connectivity(runs),
    }
    for name, figure in figures.items():
        figure.savefig(out / name, dpi=150)
    runs[-1].result.save(out / "network.nc")

    written = [out / name for name in (*figures, "network.nc")]
    print("written", *written, sep="\n  ")
    return written


def tutorial() -> Case:
    """The network of the tutorial: eight oscillators that fall into step."""
    connectome = brainmass.datasets.load_dataset("example_connectome")
    network = brainmass.Network(
        brainmass.HopfStep(in_size=8, a=0.2, w=0.3),
        conn=connectome,
        speed=SPEED,
        coupling="diffusive",
        coupled_var="x",
        k=0.5,
    )
    return Case("Eight regions: Hopf oscillators", connectome, network, 300.0 * u.ms, 50.0 * u.ms)


def resting_state() -> Case:
    """A network of realistic size: waxing and waning 10 Hz rhythms, just above the bifurcation and full of noise."""
    connectome = brainmass.datasets.load_dataset("synthetic_80")
    nodes = brainmass.HopfStep(
        in_size=80,
        a=0.02,
        w=2 * np.pi * 10.0 * u.Hz,
        noise_x=brainmass.OUProcess(in_size=80, sigma=0.01, tau=20.0 * u.ms),
    )
    network = brainmass.Network(
        nodes,
        conn=connectome,
        speed=SPEED,
        coupling="diffusive",
        coupled_var="x",
        k=0.2,
    )
    title = "Eighty regions: noisy Hopf oscillators at the edge of oscillation"
    return Case(title, connectome, network, 10_000.0 * u.ms, 1_000.0 * u.ms, sample_every=10)


def simulate(case: Case) -> Run:
    """Run twice with one seed: the first run compiles, the second shows the speed."""
    simulator = brainmass.Simulator(case.network, dt=DT)

    def timed() -> tuple[brainmass.Result, float]:
        start = time.perf_counter()
        result = simulator.run(
            case.duration, monitors="x", transient=case.transient, sample_every=case.sample_every, seed=0
        )
        return result, time.perf_counter() - start

    _, first = timed()
    result, second = timed()
    return Run(case, result, first, second)


def draw_connectomes(runs: Sequence[Run]) -> Figure:
    figure, axes = _figure(len(runs), 2, width=10.0, height=4.3 * len(runs))
    for (left, right), run in zip(axes, runs, strict=True):
        weights, distances, labels = run.case.connectome
        brainmass.viz.plot_connectivity(weights, labels=labels, ax=left, norm="log")
        left.set_title(f"{len(labels)} regions: structural weights (white: none)")
        brainmass.viz.plot_connectivity(distances, labels=labels, ax=right)
        right.set_title(f"{len(labels)} regions: lengths of the tracts")
    return figure


def draw_activity(runs: Sequence[Run]) -> Figure:
    from matplotlib.figure import Figure

    few, many = runs
    figure = Figure(figsize=(10.0, 9.0), layout="constrained")
    above, below = (part.subplots() for part in figure.subfigures(2, 1, squeeze=False)[:, 0])
    labels = few.case.connectome.labels
    brainmass.viz.plot_timeseries(few.result["output"], ts=few.result["ts"], labels=labels, ax=above)
    above.set(title=few.case.title, ylabel="activity x")
    _draw_raster(below, many)
    return figure


def _draw_raster(ax: Axes, run: Run) -> None:
    """Activity as an image: every region a row, scaled by its own standard deviation."""
    from matplotlib.ticker import FuncFormatter

    samples = round(float(SHOWN / DT)) // run.case.sample_every
    activity, labels = np.asarray(run.result["output"])[-samples:], run.case.connectome.labels
    times = np.asarray(run.result["ts"][-samples:].to_decimal(u.ms))
    image = ax.imshow(
        (activity - activity.mean(0)).T / activity.std(0)[:, None],
        extent=(times[0], times[-1], len(labels) - 0.5, -0.5),
        aspect="auto",
        cmap="RdBu_r",
        vmin=-2.5,
        vmax=2.5,
        interpolation="nearest",
    )
    rows = range(0, len(labels), 8)
    ax.set_yticks(rows, [labels[row] for row in rows])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda time, _: f"{time:,.0f}"))
    ax.set(title=run.case.title, xlabel="time (ms)", ylabel="region")
    ax.figure.colorbar(image, ax=ax, pad=0.02, label="activity x (s.d. of the region)")


def draw_functional_connectivity(runs: Sequence[Run]) -> Figure:
    figure, axes = _figure(1, len(runs) + 1, width=5.4 * (len(runs) + 1), height=4.6)
    for ax, run in zip(axes[0], runs, strict=False):
        labels = run.case.connectome.labels
        brainmass.viz.plot_functional_connectivity(run.result["output"], labels=labels, ax=ax)
        ax.set_title(f"{len(labels)} regions: functional connectivity")
    _draw_function_over_structure(axes[0, -1], runs[-1])
    return figure


def _draw_function_over_structure(ax: Axes, run: Run) -> None:
    weights = run.case.connectome.weights
    wired = np.triu(weights > 0, 1)
    strength = weights[wired]
    correlation = np.asarray(brainmass.functional_connectivity(run.result["output"]))[wired]
    agreement = np.corrcoef(np.log(strength), correlation)[0, 1]
    ax.plot(strength, correlation, ".", markersize=3, alpha=0.5, color="#264a6e")
    ax.set(
        xscale="log",
        xlabel="structural weight",
        ylabel="correlation of activity",
        title=f"{len(weights)} regions: function and structure (r = {agreement:.2f})",
    )


def _ms(time: Any) -> str:
    return f"{float(time.to_decimal(u.ms)):,.6g} ms"


def _figure(rows: int, columns: int, *, width: float, height: float) -> tuple[Figure, np.ndarray]:
    """A grid of Axes without pyplot, so that neither a display nor the caller's backend matters."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)
