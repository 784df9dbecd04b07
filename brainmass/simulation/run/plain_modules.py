"""Any brainstate module with ``init_state`` and ``update``, run by a plain scan over its States."""

from contextlib import nullcontext
from typing import Any

import brainstate
import brainunit as u
import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from brainmass.monitors import Afferent, Monitor
from brainmass.monitors.recording import check_sampled, named_monitors
from brainmass.numerics import checked_seed
from brainmass.results import Result, environment, raise_if_not_finite
from brainmass.simulation.engine import values_beforehand
from brainmass.simulation.run.memory import BoundedCache
from brainmass.simulation.setup import RunOptions, check_batch_size
from brainmass.state_space import check_dt
from brainmass.stimulus import Stimulus
from brainmass.units import describe, with_unit


class ModuleRun:
    """The compiled runs of one module, and where it stands: the States they were compiled with stay its States."""

    def __init__(self, model: Any):
        self.model, self.programs = model, BoundedCache()
        self.dt: float | None = None
        self.step_count, self.states, self.batched = 0, {}, False

    def initialise(self, batch_size: int | None) -> None:
        """Draw new initial values, into the States that are known already."""
        brainstate.nn.init_all_states(self.model, *(() if batch_size is None else (batch_size,)))
        for path, fresh in self.model.states().items():
            known = self.states.get(path)
            if known is None or known is fresh:
                self.states[path] = fresh
                continue
            known.value = fresh.value
            owner = self.model
            for name in path[:-1]:
                owner = owner[name] if isinstance(owner, dict | list | tuple) else getattr(owner, name)
            vars(owner)[path[-1]] = known
        self.step_count, self.batched = 0, batch_size is not None

    def run(self, steps: int, dt: float, inputs: Any, monitors: Any, jit: bool, seed: int | None) -> dict[str, Any]:
        """Record ``steps`` calls of ``update``."""
        recorded_what, named = monitors if callable(monitors) else repr(monitors), named_monitors(monitors)
        if inputs is not None and not callable(inputs) and len(inputs) != steps:
            raise ValueError(f"inputs has length {len(inputs)} but the run has {steps} steps.")
        if callable(inputs):
            series = values_beforehand(inputs, self.step_count, steps, dt)
        else:
            series = None if inputs is None else jnp.asarray(inputs)
        stepwise = inputs if callable(inputs) and series is None else None
        key = (steps, dt, recorded_what, jit, stepwise or series is None, _plain_values(self.model))

        def loop(first: Any, series: Any) -> Any:
            def step(i: Any) -> Any:
                now = first + i
                with brainstate.environ.context(i=now, t=now * dt * u.ms, dt=dt * u.ms):
                    arguments = () if series is None else jax.tree.map(lambda x: x[i], series)
                    arguments = stepwise(now, now * dt * u.ms) if stepwise else arguments
                    out = self.model.update(*(arguments if isinstance(arguments, tuple) else (arguments,)))
                    return self._measure(out, named)

            return brainstate.transform.for_loop(step, jnp.arange(steps))

        run = self.programs.get(key, lambda: brainstate.transform.jit(loop) if jit else loop)
        for state in self.model.states().values():  # a weakly typed value would compile again
            state.value = jax.tree.map(_strong, state.value)
        with brainstate.random.seed_context(seed) if seed is not None else nullcontext():
            recorded = run(jnp.asarray(self.step_count), series)
        self.step_count, self.dt = self.step_count + steps, dt
        return jax.tree.map(np.asarray, recorded)

    def _measure(self, out: Any, monitors: dict[str, Any] | None) -> dict[str, Any]:
        if monitors is None:
            return {"output": out}
        return {name: what(self.model) if callable(what) else self._state(what) for name, what in monitors.items()}

    def _state(self, path: Any) -> Any:
        found = self.model
        for name in str(path).split("."):
            if not hasattr(found, name):
                known = ", ".join(".".join(map(str, p)) for p in self.model.states())
                raise ValueError(f"monitors={describe(path)} is unknown; use one of {known}, or a callable.")
            found = getattr(found, name)
        return found.value if isinstance(found, brainstate.State) else found


def run_module(cache: Any, options: RunOptions, dt: float) -> Result:
    """The run of any module with the ``options`` of `Simulator.run`."""
    if options.values:
        raise TypeError("values needs a node bank or a Network; set the attributes of any other module.")
    if options.simulations is not None:
        raise TypeError("simulations needs a node bank or a Network; a module goes on as a whole.")
    if options.on_divergence == "stop":
        raise TypeError('on_divergence="stop" needs a node bank or a Network; a module that diverges raises.')
    monitors, inputs = options.monitors, options.inputs
    for what in monitors.values() if isinstance(monitors, dict) else [monitors]:
        if isinstance(what, Monitor | Afferent):
            kind = type(what).__name__
            raise TypeError(f"monitors: {kind} needs a node bank or a Network; a module records names, callables.")
    if isinstance(inputs, dict):
        raise TypeError("inputs of a module are an array, a stimulus, or a callable (i, t), and no dict.")
    module = cache.module
    start = 0 if options.init_states else module.step_count
    if start:
        check_dt(dt, module.dt)
    _, steps, transient_steps, sample_every = options.steps(dt, start)
    check_batch_size(options.batch_size)
    if options.init_states:
        module.initialise(options.batch_size)
    first = module.step_count
    if isinstance(inputs, Stimulus):
        inputs = with_unit(inputs.sample(np.arange(first, first + steps), dt), inputs.unit)
    recorded = module.run(
        steps, dt, inputs, monitors, options.jit, None if options.seed is None else checked_seed(options.seed)
    )
    ends = np.arange((first + transient_steps) // sample_every + 1, (first + steps) // sample_every + 1) * sample_every
    check_sampled(
        "sample_every", sample_every, first + transient_steps, first + transient_steps, first + steps, dt, later=True
    )
    kept = jax.tree.map(lambda x: x[ends - 1 - first], recorded)
    result = Result(
        {**kept, "ts": u.Quantity(ends * dt, u.ms)}, batched=module.batched, attrs=environment() | {"dt_ms": dt}
    )
    raise_if_not_finite(result)
    return result


def _strong(x: Any) -> Any:
    weak = isinstance(x, jax.Array) and not isinstance(x, jax.core.Tracer) and x.weak_type
    return jax.device_put(np.asarray(x)) if weak else x


def _plain_values(model: Any) -> tuple:
    """What the module holds beside States and modules: a compiled run has it as constants."""
    found = []
    for path, node in model.nodes().items():
        for name, value in sorted(vars(node).items()):
            if isinstance(value, int | float | str | bool | None):
                found.append((path, name, value))
            elif isinstance(value, np.ndarray | jax.Array | u.Quantity):
                found.append((path, name, str(u.get_unit(value)), np.asarray(u.get_mantissa(value)).tobytes()))
    return tuple(found)
