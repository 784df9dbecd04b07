"""A simulation with everything that a run of it needs, as a file holds it: network, monitors, stimuli, run."""

from collections.abc import Iterable
from typing import Any

from brainmass.monitors.recording import resolve_monitors
from brainmass.names import with_named_arguments
from brainmass.numerics import checked_seed
from brainmass.results import Result
from brainmass.simulation import Simulator
from brainmass.simulation.engine import ArgumentValues, named_inputs, resolve_inputs
from brainmass.simulation.run import RunOptions, check_batch_size, checked_values, read_values
from brainmass.spec import Problem, Spec, SpecError, by_constructor, from_spec, of_class, schema
from brainmass.time_steps import resolve_dt
from brainmass.units import describe


class Run:
    """The options of a run that a file may hold, with the meaning that they have in `Simulator.run`.

    Parameters
    ----------
    duration, dt
        Bare in ms.
    transient, sample_every, batch_size, seed, values, chunk, on_divergence : optional
        As in `Simulator.run`.
    """

    @with_named_arguments
    def __init__(
        self,
        duration: Any,
        dt: Any,
        transient: Any = None,
        sample_every: int | None = None,
        batch_size: int | None = None,
        seed: int | None = None,
        values: dict[str, Any] | None = None,
        chunk: Any = "auto",
        on_divergence: str = "raise",
    ):
        check_batch_size(batch_size)
        if seed is not None:
            checked_seed(seed)
        self.duration, self.dt, self.transient, self.sample_every = duration, dt, transient, sample_every
        self.batch_size, self.seed, self.values = batch_size, seed, values
        self.chunk, self.on_divergence = chunk, on_divergence
        self.options().steps(resolve_dt(dt))

    def options(self, **more: Any) -> RunOptions:
        """What is asked of a run, with ``more`` than a table of options can hold."""
        return RunOptions(**{name: value for name, value in by_constructor(self).items() if name != "dt"}, **more)

    def as_arguments(self) -> dict[str, Any]:
        return by_constructor(self)


class Study:
    """A model, what is recorded of it, what drives it, and how long: all that a file says of a simulation.

    Parameters
    ----------
    network
        A Network or a node bank.
    run : Run
        How it is run.
    monitors, stimuli : optional
        As ``monitors`` and ``inputs`` of `Simulator.run`.
    """

    @with_named_arguments
    def __init__(self, network: Any, run: Run, monitors: Any = None, stimuli: Any = None):
        if not isinstance(run, Run):
            raise TypeError(f"Study: run={describe(run)} must be a table with duration and dt.")
        self.network, self.run, self.monitors, self.stimuli = network, run, monitors, stimuli
        self.simulator = Simulator(network, run.dt)
        dt = resolve_dt(run.dt)
        resolve_monitors(network, monitors)
        resolve_inputs(network, named_inputs(network, stimuli), ArgumentValues(), run.options().steps(dt).steps, dt)
        checked_values(network, {} if run.values is None else run.values, read_values(network))

    def as_arguments(self) -> dict[str, Any]:
        return dict(network=self.network, run=self.run, monitors=self.monitors, stimuli=self.stimuli)

    def result(self, *, progress: bool = True) -> Result:
        """Run it."""
        options = self.run.options(monitors=self.monitors, inputs=self.stimuli, progress=progress)
        return self.simulator.run(**dict(options.items()))


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
    for name, kind in (("network", "Network"), ("run", _name(Run))):
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
    study, run = (of_class(kind, _name(kind)) for kind in (Study, Run))
    network = found["$defs"]["Network"]
    needs_class = {"if": {"required": ["class"]}, "then": {"$ref": "#/$defs/object"}}
    parts = found["$defs"] | {"Run": run, "part of a study": network | {"required": ["node"]}}
    study["properties"] |= {
        "dataset": {"type": "string", "description": "weights, lengths and labels of the network, by name"},
        "network": needs_class | {"else": {"$ref": "#/$defs/part of a study"}},
        "run": {"$ref": "#/$defs/Run"},
    }
    named = {"if": {"required": ["network"]}, "then": study, "else": {"$ref": "#/$defs/object"}}
    return {name: part for name, part in found.items() if name != "$ref"} | {"$defs": parts} | named


def _name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"
