"""The benchmark cases: the same arrays for every contender, made from a seed and NumPy alone.

Nothing here imports JAX or brainmass at the top: the file is also read inside the peers' own environments.
As a contender (see `worker.py`) this module runs our package.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np

SPEED = 10.0  # mm/ms
A, W, K = 0.2, 0.3, 0.05  # Hopf growth and frequency (1/ms), coupling (1/ms)


@dataclasses.dataclass(frozen=True)
class Problem:
    """One delayed Hopf network. `weights[target, source]`, lengths in mm, times in ms, rates in 1/ms."""

    weights: np.ndarray
    lengths: np.ndarray
    steps: np.ndarray
    dt: float
    x0: np.ndarray
    y0: np.ndarray
    speed: float = SPEED
    a: float = A
    w: float = W
    k: float = K


def hopf_problem(n_regions: int, dt: float, seed: int = 0) -> Problem:
    """Dense random weights on points spread evenly in an ellipsoid of the size of a brain.

    Simulators differ in how they round a delay (to nearest even, or up). The lengths are therefore moved
    to a quarter of a step below a whole number of steps, where all of them round alike.
    """
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=(n_regions, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    radius = rng.uniform(size=(n_regions, 1)) ** (1 / 3)
    points = direction * radius * np.array([80.0, 62.0, 55.0])
    distance = np.linalg.norm(points[:, None] - points[None], axis=-1)
    weights = rng.lognormal(sigma=1.0, size=(n_regions, n_regions))
    np.fill_diagonal(weights, 0.0)
    weights /= weights.sum(1).mean()
    steps = np.rint(distance / (SPEED * dt)).astype(np.int32)
    lengths = np.maximum(steps - 0.25, 0.0) * (SPEED * dt)
    x0, y0 = rng.uniform(-0.5, 0.5, size=(2, n_regions))
    as_single = lambda array: array.astype(np.float32)  # noqa: E731  every contender starts from the same numbers
    return Problem(as_single(weights), lengths, steps, dt, as_single(x0), as_single(y0))


@dataclasses.dataclass(frozen=True)
class Case:
    """What is run; `build(variant)` gives a callable that does the whole run in this package and returns its output."""

    name: str
    builder: Callable[[Case, str], Callable[[], Any]]
    n_steps: int
    n_regions: int
    dt: float = 0.1
    n_sims: int = 1

    @property
    def problem(self) -> Problem:
        return hopf_problem(self.n_regions, self.dt)

    @property
    def n_edges(self) -> int:
        return int(np.count_nonzero(self.problem.weights))

    def build(self, variant: str) -> Callable[[], Any]:
        return self.builder(self, variant)

    def shortened(self, factor: int) -> Case:
        return dataclasses.replace(self, n_steps=max(self.n_steps // factor, 1))


def network(problem: Problem, method: str):
    import brainunit as u

    import brainmass

    p = problem
    node = brainmass.HopfStep(in_size=p.x0.size, a=p.a, w=p.w, method=method, init_x=p.x0, init_y=p.y0)
    lengths, speed = p.lengths * u.mm, p.speed * u.mm / u.ms
    return brainmass.Network(node, conn=p.weights, distance=lengths, speed=speed, coupled_var="x", k=p.k)


def simulator(case: Case, method: str):
    import brainunit as u

    import brainmass

    return brainmass.Simulator(network(case.problem, method), dt=case.dt * u.ms)


def delayed(case: Case, variant: str):
    """`Simulator.run` as a user types it, recording every step through a callable monitor."""
    import brainunit as u

    simulation = simulator(case, variant)
    duration = case.n_steps * case.dt * u.ms
    return lambda: simulation.run(duration, monitors=lambda m: m.node.x.value, seed=0)["output"]


def tutorial(case: Case, variant: str):
    """The network of the tutorial; the existing package of this name runs the same lines."""
    import brainstate
    import brainunit as u

    import brainmass

    brainstate.environ.set(dt=case.dt * u.ms)
    data = brainmass.datasets.load_dataset("example_connectome")
    node = brainmass.HopfStep(in_size=case.n_regions, a=A, w=W)
    lengths, speed = data.distances, SPEED * u.mm / u.ms
    net = brainmass.Network(node, conn=data.weights, distance=lengths, speed=speed, coupled_var="x", k=0.5)
    simulation = brainmass.Simulator(net, dt=case.dt * u.ms)
    duration, transient = case.n_steps * case.dt * u.ms, 50.0 * u.ms
    return lambda: simulation.run(duration, monitors=lambda m: m.node.x.value, transient=transient)["output"]


def batch(case: Case, variant: str):
    """Simulations that differ in k: "together" `(time, sim, region)`, or "one_by_one" in one compiled loop."""
    import jax
    import jax.numpy as jnp

    run = simulator(case, "euler").function(case.n_steps * case.dt, monitors="x", vary=("k",))
    couplings = jnp.linspace(0.5, 1.5, case.n_sims) * K
    if variant == "together":
        program = jax.jit(lambda k: run({"k": k}, 0)["output"])
    else:
        program = jax.jit(lambda k: jax.lax.map(lambda one: run({"k": one}, 0)["output"], k))
    return lambda: program(couplings)


def gradient(case: Case, variant: str):
    """The mean square of x over the run: "forward", or with its gradient ("k_a", or "weights" too)."""
    import jax
    import jax.numpy as jnp

    p = case.problem
    run = simulator(case, "euler").function(case.n_steps * case.dt, monitors="x", vary=("k", "node.a", "conn"))
    few = {"k": jnp.asarray(p.k, jnp.float32), "node.a": jnp.asarray(p.a, jnp.float32)}
    weights = {"conn": jnp.asarray(p.weights)}

    def loss(differentiated, fixed):
        return jnp.mean(run(differentiated | fixed, 0)["output"] ** 2)

    if variant == "forward":
        return _compiled(loss, few, weights)
    if variant == "k_a":
        return _compiled(jax.value_and_grad(loss), few, weights)
    return _compiled(jax.value_and_grad(loss), few | weights, {})


def _compiled(function, *arguments):
    import jax

    compiled = jax.jit(function)
    return lambda: compiled(*arguments)


SIGMA, GLOBAL_COUPLING = 0.01, 0.5  # 1/√ms on both gating variables; G of Deco et al. 2014
EVERY = 100  # steps from one sample of the gating to the next


def wong_wang(case: Case, variant: str):
    """Excitatory and inhibitory gating of Deco et al. 2014 without delays, white noise on both; samples of S_e."""
    import brainunit as u

    import brainmass

    weights, n = case.problem.weights, case.n_regions
    noise = {name: brainmass.WhiteNoise(n, sigma=SIGMA) for name in ("noise_e", "noise_i")}
    node = brainmass.WongWangExcInhStep(n, G=GLOBAL_COUPLING, method=variant, **noise)
    net = brainmass.Network(node, conn=weights, coupled_var="S_e")
    simulation = brainmass.Simulator(net, dt=case.dt * u.ms)
    duration = case.n_steps * case.dt * u.ms
    return lambda: simulation.run(duration, monitors="S_e", sample_every=EVERY, seed=0)["output"]


TR = 720.0  # ms


def recording(case: Case, variant: str):
    """A delayed, noisy Wilson–Cowan network that records "everything" (BOLD, FC, FCD, means) or "nothing"."""
    import brainunit as u

    import brainmass

    p, n, duration = case.problem, case.n_regions, case.n_steps * case.dt * u.ms
    noise = {name: brainmass.OUProcess(n, sigma=0.3, tau=5.0 * u.ms) for name in ("noise_E", "noise_I")}
    node = brainmass.WilsonCowanStep(n, method="euler", **noise)
    net = brainmass.Network(
        node, conn=p.weights, distance=p.lengths * u.mm, speed=p.speed * u.mm / u.ms, coupled_var="rE"
    )
    simulation = brainmass.Simulator(net, dt=case.dt * u.ms)
    bold, rate = brainmass.Bold("rE", tr=TR * u.ms), brainmass.TemporalAverage("rE", 1.0 * u.ms)
    everything = {
        "bold": bold,
        "fc of bold": brainmass.StreamingFC(bold),
        "fcd": brainmass.StreamingFCD(bold, window=6, step=1),
        "fc": brainmass.StreamingFC(rate),
        "mean": brainmass.GlobalAverage("rE", 1.0 * u.ms),
    }
    monitors = everything if variant == "everything" else {"bold": brainmass.Sample("rE", duration)}
    return lambda: simulation.run(duration, monitors=monitors, seed=0, progress=False)["bold"]


def model(case: Case, variant: str):
    """A delayed network of the model of the catalogue that the case is named after, as it is by default."""
    import brainunit as u

    import brainmass
    from brainmass.models import catalogue

    p = case.problem
    node = catalogue()[case.name](case.n_regions)
    net = brainmass.Network(node, conn=p.weights, distance=p.lengths * u.mm, speed=p.speed * u.mm / u.ms, k=0.01)
    simulation = brainmass.Simulator(net, dt=case.dt * u.ms)
    return lambda: simulation.run(case.n_steps * case.dt * u.ms, seed=0)["output"]


def build(case: Case, variant: str):
    return case.build(variant)


def view(case: Case, variant: str, output: Any) -> Any:
    """The output of a run with time first, as the runner compares it."""
    if case.builder is gradient:
        return np.atleast_1d(output if variant == "forward" else output[0])
    if case.builder is wong_wang:  # the noise differs, so only statistics can agree
        return averages(output)
    if case.builder is batch and variant == "one_by_one":
        return np.swapaxes(output, 0, 1)
    return getattr(output, "mantissa", output)


def averages(samples: Any) -> Any:
    """Mean and s.d. after a quarter of the run, over time and regions, (1, 2)."""
    settled = np.asarray(samples, np.float64)[len(samples) // 4 :]
    return np.array([[settled.mean(), settled.std()]])


def versions():
    import brainmass

    return {"brainmass": brainmass.__version__} | {name: version(name) for name in ("brainstate", "jax", "numpy")}


CASES = {
    case.name: case
    for case in (
        Case("hopf_delayed_80", delayed, 40_000, 80),
        Case("hopf_delayed_400", delayed, 3_000, 400),
        Case("hopf_delayed_80_dt1", delayed, 40_000, 80, dt=1.0),
        Case("hopf_delayed_400_dt1", delayed, 3_000, 400, dt=1.0),
        Case("wong_wang_undelayed_100", wong_wang, 300_000, 100),
        Case("recording_80", recording, 12 * 7_200, 80),
        Case("tutorial", tutorial, 3_000, 8),
        Case("batch", batch, 2_000, 80, n_sims=64),
        Case("gradient", gradient, 10_000, 84),
    )
}


def find(name: str) -> Case:
    """A case by its name, or that of a model of the catalogue by the name of its class."""
    if name in CASES:
        return CASES[name]
    from brainmass.models import catalogue

    return Case(name, model, 4_000, 80, dt=catalogue()[name].dt)
