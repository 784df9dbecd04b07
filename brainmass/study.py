"""A simulation with everything that a run of it needs, as a file holds it: network, monitors, stimuli, run."""

import inspect
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from brainmass.monitors.recording import resolve_monitors
from brainmass.names import bind_arguments, with_named_arguments
from brainmass.numerics import checked_seed
from brainmass.results import Result
from brainmass.simulation import Simulator
from brainmass.simulation.engine import ArgumentValues, named_inputs, resolve_inputs
from brainmass.simulation.setup import (
    KnownValues,
    RunOptions,
    check_batch_size,
)
from brainmass.spec import Problem, Spec, SpecError, from_spec, of_class, schema
from brainmass.time_steps import resolve_dt
from brainmass.units import describe

IN_FILES = "duration", "transient", "sample_every", "batch_size", "seed", "values", "chunk", "on_divergence"
"""The options of a run that are data, and so may stand in a file."""


def _signature() -> inspect.Signature:
    """What a table of options takes: those of `RunOptions`, with their defaults, and ``dt``."""
    duration, *others = (inspect.signature(RunOptions).parameters[name] for name in IN_FILES)
    return inspect.Signature([duration, duration.replace(name="dt"), *others])


class RunTable:
    """How a study is run: ``dt``, bare in ms, and the `RunOptions` that a file may hold."""

    __signature__ = _signature()

    def __init__(self, **given: Any):
        given = bind_arguments("run", self.__signature__, (), given)
        check_batch_size(given["batch_size"])
        if given["seed"] is not None:
            checked_seed(given["seed"])
        self.dt = given.pop("dt")
        self.options = RunOptions(**given)
        self.options.steps(resolve_dt(self.dt))

    def as_arguments(self) -> dict[str, Any]:
        return {"dt": self.dt} | {name: getattr(self.options, name) for name in IN_FILES}


class Study:
    """A model, what is recorded of it, what drives it, and how long: all that a file says of a simulation.

    Parameters
    ----------
    network
        A Network or a node bank.
    run : RunTable
        How it is run.
    monitors, stimuli : optional
        As ``monitors`` and ``inputs`` of `Simulator.run`.
    """

    @with_named_arguments
    def __init__(self, network: Any, run: RunTable, monitors: Any = None, stimuli: Any = None):
        if not isinstance(run, RunTable):
            raise TypeError(f"Study: run={describe(run)} must be a table with duration and dt.")
        self.network, self.run, self.monitors, self.stimuli = network, run, monitors, stimuli
        self.options = replace(run.options, monitors=monitors, inputs=stimuli)
        self.simulator = Simulator(network, run.dt)
        dt = resolve_dt(run.dt)
        recorded, driven = resolve_monitors(network, monitors), named_inputs(network, stimuli)
        resolve_inputs(network, driven, ArgumentValues(), self.options.steps(dt).steps, dt)
        KnownValues.of(network, driven, recorded).checked(self.options.values)

    def as_arguments(self) -> dict[str, Any]:
        return dict(network=self.network, run=self.run, monitors=self.monitors, stimuli=self.stimuli)

    def result(self, *, progress: bool = True) -> Result:
        """Run it."""
        return self.simulator.run(**dict(replace(self.options, progress=progress).items()))


def completed(spec: Spec) -> Spec:
    """The spec of a study with what its file may leave out; of anything else as it is.

    A file names its parts: ``network``, ``run``, ``monitors``, ``stimuli``, and ``dataset``, whose weights, lengths and
    labels are those of the network where that has no ``conn``.

    Raises
    ------
    SpecError
        A dataset beside a network with a ``conn``.
    """
    if "class" in spec or not spec.keys() & {"network", "run"}:
        return spec
    found: dict[str, Any] = {"class": _name(Study)} | {name: part for name, part in spec.items() if name != "dataset"}
    for name, kind in (("network", "Network"), ("run", _name(RunTable))):
        if isinstance(found.get(name), dict) and "class" not in found[name]:
            found[name] = {"class": kind} | found[name]
    network, dataset = found.get("network"), spec.get("dataset")
    if dataset is not None:
        if not isinstance(network, dict) or "conn" in network:
            raise SpecError([Problem("dataset", "it is for a network without conn; leave out one of the two.")])
        found["network"] = network | {"conn": {"dataset": dataset}}
    return Spec(found, spec.arrays)


def read_study(spec: Spec, trust: Iterable[str] = ()) -> Study:
    """The study of a spec.

    Raises
    ------
    SpecError
        Everything that is wrong with it, each with its path.
    """
    found = from_spec(spec, trust)
    if not isinstance(found, Study):
        kind = type(found).__name__
        raise SpecError([Problem("", f"this is a {kind} and no study; give a table network and a table run.")])
    return found


def study_schema() -> dict[str, Any]:
    """The JSON Schema of a file: of a study, with what it may leave out, or of any other object."""
    found = schema()
    study, run = (of_class(kind, _name(kind)) for kind in (Study, RunTable))
    network = found["$defs"]["Network"]
    needs_class = {"if": {"required": ["class"]}, "then": {"$ref": "#/$defs/object"}}
    parts = found["$defs"] | {"run": run, "part of a study": network | {"required": ["node"]}}
    study["properties"] |= {
        "dataset": {"type": "string", "description": "weights, lengths and labels of the network, by name"},
        "network": needs_class | {"else": {"$ref": "#/$defs/part of a study"}},
        "run": {"$ref": "#/$defs/run"},
    }
    named = {"if": {"required": ["network"]}, "then": study, "else": {"$ref": "#/$defs/object"}}
    return {name: part for name, part in found.items() if name != "$ref"} | {"$defs": parts} | named


def _name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"
