"""Every public callable with a call that works, and what it takes to see that a call has worked."""

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import brainunit as u
import jax
import matplotlib.pyplot as plt
import numpy as np

import brainmass as bm
from brainmass import datasets, metrics, objectives, stimulus, viz
from brainmass.simulation.setup import (
    RunOptions,
)
from brainmass.time_steps import resolve_dt
from tests.odd import N

ROOMS = {"": bm, "metrics.": metrics, "objectives.": objectives, "viz.": viz, "stimulus.": stimulus} | {
    "datasets.": datasets
}
BASES = {"StateSpace", "Noise", "Monitor", "HRFKernel", "stimulus.Stimulus"}  # for subclasses; not called by themselves
DT = 0.1


@dataclass(frozen=True)
class Subject:
    """A callable, the arguments of a call that works, the names of those to replace, and a look at what came back."""

    call: Callable
    base: Callable[[], dict] = dict
    works: Callable[[Any], Any] = lambda outcome: finite(outcome)
    names: tuple[str, ...] = ()
    nan_stays: bool = False  # what holds NaN, or an infinite number, may give it
    compiles: bool = False
    also: dict[str, str] = field(default_factory=dict)  # what else an argument is called, once it has come far


def finite(outcome: Any) -> None:
    """Every number that came back is one."""
    for leaf in jax.tree.leaves(outcome):
        array = np.asarray(u.get_mantissa(leaf)) if not callable(leaf) else np.zeros(0)
        if array.dtype.kind in "fc":
            assert np.isfinite(array).all(), f"gave {array[~np.isfinite(array)].ravel()[0]}"


def _arguments(call: Callable) -> tuple[str, ...]:
    signature = inspect.signature(call.__init__ if isinstance(call, type) and _hidden(call) else call)
    kinds = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
    return tuple(n for n, p in signature.parameters.items() if p.kind not in kinds and n != "self")


def _hidden(call: type) -> bool:
    """Whether brainstate's metaclass hides the arguments."""
    return {p.kind for p in inspect.signature(call).parameters.values()} == {
        inspect.Parameter.VAR_POSITIONAL,
        inspect.Parameter.VAR_KEYWORD,
    }


# -- valid values ------------------------------------------------------------------------------------------------------


def signal(samples: int = 120) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(samples, N)).cumsum(0)


def weights() -> np.ndarray:
    return np.random.default_rng(2).uniform(0.1, 1, (N, N)) * (1 - np.eye(N))


def connectivity() -> np.ndarray:
    return np.corrcoef(signal(), rowvar=False)


def probabilities() -> np.ndarray:
    return np.full(5, 0.2)


def bank(**given: Any) -> Any:
    return bm.LinearStep(N, **given)


def result() -> bm.Result:
    arrays = {"x": signal(8), "fc": connectivity(), "ts": np.arange(1.0, 9.0) * u.ms}
    return bm.Result(arrays, whole=["fc"], labels=list("abcd"))


METRICS = {
    "frequencies": lambda: np.linspace(0.0, 50.0, 5),
    "power": lambda: np.array([[0.1, 2.0, 1.0, 0.5, 0.2]]),
    "dt": lambda: 1.0,
    "window": lambda: 10,
    "edges": lambda: np.random.default_rng(3).normal(size=(7, 6)),
    "k": lambda: 1,
    "phase": lambda: np.linspace(-3, 3, 60 * N).reshape(60, N),
    "signal": signal,
    "prediction": signal,
    "target": lambda: signal()[::-1] ** 2,
    "weights": weights,
    **dict.fromkeys(("fc", "fc_a", "fc_b", "fcd", "fcd_matrix", "matrix"), connectivity),
    **dict.fromkeys(("p", "q"), probabilities),
    "x": lambda: np.linspace(0.0, 1.0, 5),
    **dict.fromkeys(("a", "b"), lambda: np.linspace(0.0, 1.0, 9)),
}


def _valid(call: Callable, table: dict[str, Callable]) -> Callable[[], dict]:
    """The arguments without a default, from the table."""
    needed = [n for n, p in inspect.signature(call).parameters.items() if p.default is p.empty and n in table]
    return lambda: {name: table[name]() for name in needed}


# -- what it takes to see that something works -------------------------------------------------------------------------


def planned(sim: Any, duration: Any = 1.0, **given: Any) -> Any:
    """Everything that a run checks and prepares, without compiling it."""
    dt = resolve_dt(sim.dt)
    run = sim._runs.prepare(RunOptions(duration=duration, **{"seed": 0, **given}), dt)
    run.check(dt)
    return run


def moves(node: Any) -> None:
    """The initial values and their slopes are finite, and a run of it can be planned."""
    bm.Simulator(node, node.dt)
    node.init_all_states()
    s = node.bare_states()
    slopes = node.bare_drift(s, node.bare_parameters(), {})
    finite((s, slopes))
    planned(bm.Simulator(node, node.dt))


def drives(noise: Any) -> None:
    """It can be attached, and draws."""
    if noise.declarations(bm.Variable):
        noise.init_all_states()
        finite(noise.bare_states())
    finite(noise.bare_parameters())
    owner = bm.LinearStep(noise.in_size, noise_x=noise)
    planned(bm.Simulator(owner, owner.dt))


def wires(network: Any) -> None:
    planned(bm.Simulator(network, DT))


def couples(coupling: Any) -> None:
    if vars(coupling).get("x") is not None and vars(coupling).get("conn") is not None:
        finite(coupling.update())
    else:
        wires(bm.Network(bank(), conn=weights(), coupling=coupling))


def watches(monitor: Any) -> None:
    planned(bm.Simulator(bm.Network(bank(), conn=weights()), DT), duration=20000.0, monitors=monitor)


def drawn(ax: Any) -> None:
    ax.figure.draw_without_rendering()
    plt.close(ax.figure)


def sounds(found: Any) -> None:
    """A stimulus has values at early and late times, and drives a run."""
    finite(found(np.array([0.0, 1.0, 50.0])))
    if found.regions in (None, N) and found.unit.is_unitless:
        planned(bm.Simulator(bank(), DT), inputs=found)


def declares(**found: Any) -> None:
    """A model can be made of the declarations and moves."""
    members = {"x": bm.Variable(0.5), "rate": bm.Parameter(1.0, u.ms**-1), "x_inp": bm.Input(u.ms**-1), **found}
    members["drift"] = staticmethod(lambda s, p, inp: {"x": -p.rate * s.x})
    moves(type("Own", (bm.StateSpace,), members)(N))


# -- the table ---------------------------------------------------------------------------------------------------------


def _models() -> dict[str, Subject]:
    kinds = bm.models.catalogue() | {"Balloon": bm.Balloon}
    found = {name: Subject(kind, lambda: {"in_size": N}, moves) for name, kind in kinds.items()}
    for name in bm.__all__:
        kind = getattr(bm, name)
        if isinstance(kind, type) and issubclass(kind, bm.Noise) and name not in BASES:
            base = {"in_size": N, "values": np.ones((20, N)), "sigma": 0.1}
            mine = {n: v for n, v in base.items() if n in inspect.signature(kind).parameters}
            found[name] = Subject(kind, lambda mine=mine: dict(mine), drives)
    return found


def _couplings() -> dict[str, Subject]:
    found = {}
    for name in bm.__all__:
        kind = getattr(bm, name)
        if isinstance(kind, type) and issubclass(kind, bm.Coupling):
            found[name] = Subject(kind, dict, couples)
    arrays = {"delayed_x": weights, "x": weights, "conn": weights, "y": lambda: np.ones(N)}
    for name in bm.__all__:
        if name.endswith("_coupling"):
            call = getattr(bm, name)
            found[name] = Subject(call, _valid(call, arrays))
    found["laplacian_connectivity"] = Subject(bm.laplacian_connectivity, lambda: {"W": weights()})
    found["LaplacianConnParam"] = Subject(
        bm.LaplacianConnParam, lambda: {"W": weights()}, lambda made: finite(made.value())
    )
    return found


def _declarations() -> dict[str, Subject]:
    axes = [(0.0, 1.0, u.UNITLESS)]
    return {
        "Parameter": Subject(bm.Parameter, lambda: {"default": 1.0}, lambda found: declares(own=found)),
        "Variable": Subject(
            bm.Variable, lambda: {"value": 1.0}, lambda found: declares(x=found), also={"value": "init_x"}
        ),
        "Input": Subject(bm.Input, lambda: {"unit": u.ms**-1}, lambda found: declares(x_inp=found)),
        "Delayed": Subject(
            bm.Delayed, lambda: {"of": "x", "by": "lag"}, lambda d: declares(lag=bm.Parameter(1.0, u.ms), late=d)
        ),
        "Table": Subject(
            bm.Table,
            lambda: {"values": [0.0, 1.0], "axes": axes},
            lambda table: (finite(table(0.5)), declares(t=table)),
        ),
        "Output": Subject(bm.Output, lambda: {"read": lambda s, p: 2 * s.x}, lambda found: declares(twice=found)),
        "Uniform": Subject(bm.Uniform, lambda: {"low": 0.0, "high": 1.0}, lambda found: declares(x=bm.Variable(found))),
        "Law": Subject(bm.Law, lambda: {"draw": lambda p, xi: xi}, lambda law: declares(x=bm.Variable(law))),
    }


def _monitors() -> dict[str, Subject]:
    lead = np.ones((2, N))
    base = {"what": "x", "every": 1.0, "period": 1.0, "leadfield": lead, "tr": 720.0, "window": 83}
    found = {}
    for name in bm.__all__:
        kind = getattr(bm, name)
        if name in BASES or not isinstance(kind, type):
            continue
        if issubclass(kind, bm.Monitor):
            found[name] = Subject(kind, _valid(kind, {n: (lambda v=v: v) for n, v in base.items()}), watches)
        elif name == "Afferent":
            found[name] = Subject(kind, dict, watches)
        elif issubclass(kind, bm.HRFKernel):
            found[name] = Subject(kind, dict, lambda kernel: watches(bm.Bold("x", model=kernel)))
    return found


def _running() -> dict[str, Subject]:
    sim = bm.Simulator(bm.Network(bank(), conn=weights(), k=0.1), DT)
    run = tuple(n for n in _arguments(sim.run) if n not in ("checkpoint", "checkpoint_every", "progress", "jit"))
    wiring = {"conn": weights(), "distance": 10 * weights(), "speed": 5.0, "coupled_var": "x"}
    return {
        "Network": Subject(bm.Network, lambda: {"node": bank(), **wiring}, wires),
        "Simulator": Subject(bm.Simulator, lambda: {"model": bank(), "dt": DT}, planned),
        "Simulator.run (planned)": Subject(lambda **given: planned(sim, **given), dict, lambda run: None, run),
        "Simulator.run": Subject(
            lambda **given: sim.run(**{"duration": 1.0, "seed": 0, **given}),
            works=finite,
            names=_arguments(sim.run),
            compiles=True,
        ),
        "Simulator.function": Subject(
            sim.function, lambda: {"duration": 1.0}, lambda f: finite(f({}, 0)), compiles=True
        ),
        "function of values": Subject(
            lambda **given: sim.function(1.0, vary=["k"])(**given),
            lambda: {"values": {"k": 0.1}, "seed": 0},
            names=("values", "seed", "simulation"),
            compiles=True,
        ),
        "estimate": Subject(
            bm.estimate, lambda: {"sim": sim, "duration": 1.0}, lambda found: str(found), compiles=True
        ),
        "resume": Subject(bm.resume, lambda: {"folder": "nowhere"}, names=("folder",)),
        "load_result": Subject(bm.load_result, lambda: {"path": "nowhere"}),
        "to_spec": Subject(bm.to_spec, lambda: {"obj": sim}, lambda spec: json.dumps(spec)),
        "from_spec": Subject(bm.from_spec, lambda: {"spec": bm.to_spec(sim)}, lambda found: found.spec_hash),
        "write_spec": Subject(bm.write_spec, lambda: {"obj": sim, "path": "one.json"}, lambda _: None),
        "read_spec": Subject(bm.read_spec, lambda: {"path": "nowhere.json"}),
        "diff": Subject(bm.diff, lambda: {"before": sim, "after": sim}, lambda found: str(found)),
        "HORNSeqLayer": Subject(bm.HORNSeqLayer, lambda: {"n_input": 2, "n_hidden": N}, lambda layer: None),
        "HORNSeqNetwork": Subject(
            bm.HORNSeqNetwork, lambda: {"n_input": 2, "n_hidden": N, "n_output": 1}, lambda layers: None
        ),
    }


def _of_connectome(conn: Any) -> dict[str, Subject]:
    def saved() -> dict[str, Any]:
        bm.save_connectome(conn.symmetrized(), "own.nc")
        return {"path": "own.nc"}

    def made(found: Any) -> None:
        wires(bm.Network(bm.HopfStep, conn=found, speed=1.0))

    return {
        "load_connectome": Subject(bm.load_connectome, saved, made),
        "save_connectome": Subject(bm.save_connectome, lambda: {"connectome": conn, "path": "one.nc"}, lambda _: None),
        "Connectome.normalized": Subject(conn.normalized, lambda: {"how": "max"}, made),
        "Connectome.thresholded": Subject(conn.thresholded, lambda: {"density": 0.5}, made),
        "Connectome.select": Subject(conn.select, lambda: {"which": ["a", "c"]}, made),
        "Connectome.index_of": Subject(conn.index_of, lambda: {"names": ["a", "c"]}),
        "Connectome.reordered": Subject(conn.reordered, lambda: {"labels": list("dcba")}, made),
        "Connectome.rewired": Subject(conn.rewired, lambda: {"method": "weights", "seed": 0}, made),
        "Connectome.average": Subject(bm.Connectome.average, lambda: {"connectomes": [conn, conn]}, made),
    }


def _results() -> dict[str, Subject]:
    arrays = {"x": signal(8), "ts": np.arange(1.0, 9.0) * u.ms}
    return {
        "Result": Subject(bm.Result, lambda: {"arrays": dict(arrays)}, lambda made: (repr(made), made.to_xarray())),
        "Result.times_of": Subject(result().times_of, lambda: {"name": "x"}),
        "Result.save": Subject(result().save, lambda: {"path": "saved.nc"}, lambda _: None),
        "Result.to_bids": Subject(result().to_bids, lambda: {"folder": "bids", "name": "x"}, lambda _: None),
    }


def _metrics() -> dict[str, Subject]:
    found = {}
    for name in metrics.__all__:
        call = getattr(metrics, name)
        found["metrics." + name] = Subject(call, _valid(call, METRICS), nan_stays=True)
    for name in objectives.__all__:
        call, both = getattr(objectives, name), _valid(lambda prediction, target: None, METRICS)
        if hasattr(metrics, name) and getattr(metrics, name) is call:
            found["objectives." + name] = Subject(call, _valid(call, METRICS), nan_stays=True)
            continue
        small = {"window_size": 10} if "window_size" in inspect.signature(call).parameters else {}
        if name == "combine":
            made = objectives.combine((1.0, objectives.fc_corr()))
        else:
            base, look = (lambda small=small: dict(small)), (lambda made, both=both: finite(made(**both())))
            found["objectives." + name] = Subject(call, base, look)
            made = call(**small)
        asked = ("prediction", "target")
        found[f"objectives.{name} (called)"] = Subject(made, both, names=asked, nan_stays=True)
    pair = Subject(
        lambda weight, objective: objectives.combine((weight, objective)),
        lambda: {"weight": 1.0, "objective": objectives.fc_corr()},
        lambda made: finite(made(signal(), signal()[::-1] ** 2)),
    )
    found["objectives.combine"] = pair
    return found


def _pictures() -> dict[str, Subject]:
    node = bm.HopfStep(1)
    given = {
        "plot_connectivity": lambda: {"matrix": weights()},
        "plot_functional_connectivity": lambda: {"data": signal()},
        "plot_phase_portrait": lambda: {"x": signal(), "y": signal()},
        "plot_power_spectrum": lambda: {"signal": signal(), "dt": 1.0},
        "plot_timeseries": lambda: {"signal": signal()},
        "plot_phase_plane": lambda: {"model": node, "x": "x", "y": "y", "starts": [(0.5, 0.5)], "duration": 1.0},
        "plot_bifurcation": lambda: (
            {"model": node, "parameter": "a", "values": [0.1, 0.2], "starts": 1, "duration": 2.0} | {"transient": 1.0}
        ),
    }
    heavy = "plot_phase_plane", "plot_bifurcation"
    return {
        "viz." + name: Subject(getattr(viz, name), base, drawn, compiles=name in heavy) for name, base in given.items()
    }


def _stimuli() -> dict[str, Subject]:
    table = {
        **dict.fromkeys(("amplitude", "start", "stop", "sd"), lambda: 1.0),
        **dict.fromkeys(("f0", "f1", "frequency"), lambda: 10.0),
        **dict.fromkeys(("tau", "timescale", "width", "dt", "onset"), lambda: 2.0),
        **dict.fromkeys(("period", "centre", "at"), lambda: 10.0),
        "offset": lambda: 40.0,
        "seed": lambda: 1,
        "values": lambda: np.ones((5, N)),
        "terms": lambda: (stimulus.Step(1.0), stimulus.Step(2.0)),
        **dict.fromkeys(("before", "after"), lambda: stimulus.Step(1.0)),
    }
    found = {}
    for name in stimulus.__all__:
        kind = getattr(stimulus, name)
        if "stimulus." + name not in BASES:
            found["stimulus." + name] = Subject(kind, _valid(kind, table), sounds)
    step = stimulus.Sine(1.0, 10.0)
    found |= {
        "stimulus.Series.read": Subject(
            stimulus.Series.read, lambda: {"path": "values.csv", "dt": 1.0}, sounds, ("path", "dt", "unit", "variable")
        ),
        "Stimulus.then": Subject(step.then, lambda: {"other": step, "at": 10.0}, sounds),
        "Stimulus.delayed": Subject(step.delayed, lambda: {"by": 1.0}, sounds),
        "Stimulus.to": Subject(step.to, lambda: {"unit": u.mV}, sounds),
        "Stimulus.sample": Subject(step.sample, lambda: {"steps": np.arange(3), "dt": DT}),
        "Stimulus.sampler": Subject(step.sampler, lambda: {"dt": DT}, lambda f: finite(f(np.arange(3)))),
        "Stimulus call": Subject(step, lambda: {"t": 1.0}, names=("t",)),
        "Stimulus times": Subject(lambda factor: step * factor, lambda: {"factor": 2.0}, sounds),
    }
    return found


def _datasets() -> dict[str, Subject]:
    conn = {"weights": weights(), "distances": 10 * weights(), "labels": list("abcd")}

    def register(**given: Any) -> Any:
        known = dict(datasets.registry._REGISTRY)
        try:
            datasets.register_dataset(**given)
            return datasets.load_dataset(given["name"])
        finally:
            datasets.registry._REGISTRY.clear()
            datasets.registry._REGISTRY.update(known)

    return {
        **_of_connectome(bm.Connectome(**conn)),
        "Connectome": Subject(
            bm.Connectome, lambda: dict(conn), lambda made: wires(bm.Network(bank(), conn=made, speed=1.0))
        ),
        "datasets.Signal": Subject(
            datasets.Signal,
            lambda: {"signal": signal(), "dt": 1.0, "labels": list("abcd"), "fc": connectivity()},
            lambda made: (repr(made), finite(made.signal)),
            nan_stays=True,
        ),
        "datasets.load_dataset": Subject(datasets.load_dataset, lambda: {"name": "example_signal"}),
        "datasets.register_dataset": Subject(
            register, lambda: {"name": "mine", "loader": lambda: 1.0}, names=("name", "loader", "description")
        ),
        "datasets.list_datasets": Subject(datasets.list_datasets),
        "list_models": Subject(bm.list_models, works=repr),
    }


def subjects() -> dict[str, Subject]:
    return {
        **_datasets(),
        **_metrics(),
        **_pictures(),
        **_stimuli(),
        **_results(),
        **_declarations(),
        **_couplings(),
        **_monitors(),
        **_running(),
        **_models(),
    }


def arguments(subject: Subject) -> tuple[str, ...]:
    return subject.names or _arguments(subject.call)


__all__ = ["BASES", "ROOMS", "Subject", "arguments", "subjects"]
