"""What ``brainmass demo`` runs: two connectomes, two models, three figures and a result on disk."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import brainunit as u
import numpy as np

import brainmass

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DT = 0.1 * u.ms
SPEED = 10.0 * u.mm / u.ms
SHOWN = 1_000.0 * u.ms  # of the activity, at most


@dataclass(frozen=True)
class Case:
    """One network of the demo: what to build, how long to run it and how to draw it."""

    title: str
    connectome: brainmass.datasets.Connectome
    network: brainmass.Network
    variable: str
    duration: u.Quantity
    transient: u.Quantity
    sample_every: int = 1


@dataclass(frozen=True)
class Run:
    """The result of a case and the seconds that its first and second run took."""

    case: Case
    result: brainmass.Result
    first: float
    second: float

    @property
    def steps_per_second(self) -> float:
        return float(self.case.duration / DT) / self.second

    def __str__(self) -> str:
        case = self.case
        return (
            f"{case.title}\n"
            f"  simulated  {case.duration} of {len(case.connectome.labels)} regions in steps of {DT}, delays up to "
            f"{(case.connectome.distances / SPEED).max():.3g}\n"
            f"  recorded   {self.result['output'].shape[0]} samples of {case.variable} per region\n"
            f"  compiled   in {max(self.first - self.second, 0.0):.2f} s\n"
            f"  ran        in {self.second:.3f} s, {self.steps_per_second:,.0f} steps per second"
        )


def demo(out: Path) -> list[Path]:
    """Simulate, tell how fast, draw, save; return the paths of what was written."""
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    runs = [simulate(case) for case in (oscillators(), cortex())]
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

    written = [*(out / name for name in figures), out / "network.nc"]
    print("written", *written, sep="\n  ")
    return written


def oscillators() -> Case:
    """The network of the tutorial: eight Hopf oscillators."""
    connectome = brainmass.datasets.load_dataset("example_connectome")
    network = brainmass.Network(
        brainmass.HopfStep(in_size=len(connectome.labels), a=0.2, w=0.3),
        conn=connectome.weights,
        distance=connectome.distances,
        speed=SPEED,
        coupling="diffusive",
        coupled_var="x",
        k=0.5,
    )
    return Case("Hopf oscillators, 8 regions", connectome, network, "x", 300.0 * u.ms, 50.0 * u.ms)


def cortex() -> Case:
    """A network of realistic size: noisy Wilson–Cowan populations at rest."""
    connectome = brainmass.datasets.load_dataset("synthetic_80")
    size = len(connectome.labels)
    network = brainmass.Network(
        brainmass.WilsonCowanStep(in_size=size, noise_E=brainmass.OUProcess(in_size=size, sigma=0.1, tau=50.0 * u.ms)),
        conn=connectome.weights,
        distance=connectome.distances,
        speed=SPEED,
        coupling="diffusive",
        coupled_var="rE",
        k=0.1,
    )
    return Case(
        "Wilson–Cowan populations with noise, 80 regions",
        connectome,
        network,
        "rE",
        duration=10_000.0 * u.ms,
        transient=1_000.0 * u.ms,
        sample_every=10,
    )


def simulate(case: Case) -> Run:
    """Run twice with the same seed: the first run compiles, the second shows the speed."""
    simulator = brainmass.Simulator(case.network, dt=DT)

    def run() -> tuple[brainmass.Result, float]:
        start = time.perf_counter()
        result = simulator.run(
            case.duration,
            monitors=case.variable,
            transient=case.transient,
            sample_every=case.sample_every,
            seed=0,
        )
        return result, time.perf_counter() - start

    _, first = run()
    result, second = run()
    return Run(case, result, first, second)


def draw_connectomes(runs: list[Run]) -> Figure:
    figure, axes = _grid(len(runs), 2, size=(10.0, 4.3 * len(runs)))
    for (left, right), run in zip(axes, runs, strict=True):
        connectome, labels = run.case.connectome, run.case.connectome.labels
        brainmass.viz.plot_connectivity(connectome.weights, labels=labels, ax=left)
        left.set_title(f"{len(connectome.labels)} regions: structural weights")
        brainmass.viz.plot_connectivity(connectome.distances, labels=labels, ax=right)
        right.set_title(f"{len(connectome.labels)} regions: fibre lengths (mm)")
    return figure


def draw_activity(runs: list[Run]) -> Figure:
    figure, axes = _grid(len(runs), 1, size=(10.0, 4.2 * len(runs)))
    for (ax,), run in zip(axes, runs, strict=True):
        signal, ts = run.result["output"], run.result["ts"]
        shown = ts > ts[-1] - SHOWN
        brainmass.viz.plot_timeseries(signal[shown], ts=ts[shown], labels=run.case.connectome.labels, ax=ax)
        ax.set_title(f"{run.case.title}: activity {run.case.variable}")
    return figure


def draw_functional_connectivity(runs: list[Run]) -> Figure:
    figure, axes = _grid(1, len(runs), size=(5.2 * len(runs), 4.6))
    for ax, run in zip(axes[0], runs, strict=True):
        brainmass.viz.plot_functional_connectivity(run.result["output"], labels=run.case.connectome.labels, ax=ax)
        ax.set_title(f"{run.case.title}\nfunctional connectivity (Pearson correlation)")
    return figure


def _grid(rows: int, columns: int, *, size: tuple[float, float]) -> tuple[Figure, np.ndarray]:
    """Axes on a figure of their own: no pyplot, so neither a display nor the caller's backend matters."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)
