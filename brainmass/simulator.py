"""The Simulator: checks what the user gives, compiles once, runs, and hands back the result."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import brainunit as u
import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from brainmass.arguments import checked_seed, checked_simulation, checked_span
from brainmass.batch import DELAY_VALUES, Batch, run_batch
from brainmass.declarations import Variable
from brainmass.draws import seed_key
from brainmass.drive import resolve_inputs
from brainmass.history import WINDOW
from brainmass.modules import ModuleRun
from brainmass.monitors.observe import resolve_monitors, strip
from brainmass.network import Network
from brainmass.program import Program, Span
from brainmass.provenance import environment
from brainmass.result import Result, check_finite
from brainmass.shell import batch_size_of, check_noises, keep, observation_key, read_noises, read_states, read_values
from brainmass.statespace import StateSpace, Values, check_dt
from brainmass.tree import processes
from brainmass.units import describe, float_dtype, is_concrete, resolve_dt
from brainmass.values import as_arrays, batch_of, check_batch_size, checked_values, history_columns, past_depths

# A run without delays computes, and wide vectors make it 1.1 to 1.35 times faster where the processor has them; one
# with delays gathers, which they make slower. JAX takes options for an outermost program only.
_WIDE = {"xla_cpu_prefer_vector_width": 512}


class Simulator:
    """Runs a model over time.

    Parameters
    ----------
    model
        A node bank, a `Network`, or any brainstate module with ``init_state`` and ``update``.
    dt : optional
        Time step, bare in ms; brainstate's global ``dt`` by default.
    """

    def __init__(self, model: Any, dt: Any = None):
        if isinstance(model, type) or not callable(getattr(model, "update", None)):
            raise TypeError(
                f"Simulator: model={describe(model)} must be a node bank, a Network, or a module with update."
            )
        if isinstance(model, StateSpace) and not model.declarations(Variable):
            raise TypeError(f"Simulator: {type(model).__name__} has no variables to run; attach it to a model.")
        self._model = model
        self.dt = None if dt is None else resolve_dt(dt) * u.ms
        self._compiled: dict[Any, Any] = {}
        self._plan: tuple | None = None
        self._depths: dict[str, int] = {}

    @property
    def model(self) -> Any:
        """The model; for another one, make another Simulator."""
        return self._model

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_compiled": {}, "_plan": None}

    def run(
        self,
        duration: Any,
        *,
        inputs: Any = None,
        monitors: Any = None,
        transient: Any = None,
        sample_every: int | None = None,
        batch_size: int | None = None,
        init_states: bool = True,
        jit: bool = True,
        seed: int | None = None,
        values: Values | None = None,
    ) -> Result:
        """Simulate, and leave the final values in the model's States.

        Parameters
        ----------
        duration
            Bare in ms, a whole number of steps.
        inputs : optional
            External drive: an array (time, [region]) or a callable ``(i, t)`` of the absolute step and time for the
            first free Input, or a dict of these by Input name.
        monitors : optional
            A name ("x", "node.noise_E.x"), a callable of the model, or a list or dict of these; the primary
            variable by default.
        transient : optional
            Time at the beginning that is run and not recorded, bare in ms.
        sample_every : int, optional
            Record every so many steps.
        batch_size : int, optional
            Number of simulations, with noise and initial values of their own; results are (time, batch, region).
        init_states : bool
            False continues from the present States, in time and in noise.
        jit : bool
            False runs the same program uncompiled, for debugging.
        seed : int, optional
            Decides initial values and noise; drawn from ``brainstate.random`` if not given.
        values : dict, optional
            Parameter values by path ("k", "node.a") for this run only; a leading batch axis runs as a batch.

        Returns
        -------
        Result
            Arrays by monitor name, "output" for a single one, and "ts", the ends of the recorded steps.

        Raises
        ------
        ValueError, TypeError, KeyError
            An argument that does not fit, before anything is compiled.
        FloatingPointError
            The run diverged; names variable, region and first bad sample.
        """
        began = time.perf_counter()
        dt = resolve_dt(self.dt)
        steps, skip, stride = checked_span(duration, transient, sample_every, dt)
        if not isinstance(self.model, StateSpace | Network):
            if values:
                raise TypeError("values needs a node bank or a Network; set the attributes of any other module.")
            return self._run_module(steps, skip, stride, monitors, inputs, batch_size, init_states, jit, seed)
        start, states, history = self._beginning(init_states, dt)
        own = read_values(self.model)
        given = checked_values(self.model, values or {}, own)
        batch = batch_of(self.model, given, own, batch_size, batch_size_of(self.model, states))
        merged = {**own, **given}
        columns = history_columns(self.model, merged, own, batch, dt, ())
        span = Span(steps, skip, -(-(start % WINDOW + steps) // WINDOW), stride)
        data, drive = resolve_inputs(self.model, inputs, steps)
        observables = resolve_monitors(self.model, monitors)
        seen = observation_key(self.model, observables, own)
        depths = self._at_least(past_depths(self.model, merged, own, dt, (), states))
        plan = self._plan_of(merged, dt, all_edges="conn" in batch.varying) if columns is None else None
        delayed = columns is not None or (plan is not None and bool(plan.levels))
        program = Program(self.model, dt, observables, drive, depths)
        check_noises(self.model, merged, dt)
        data |= read_noises(self.model, start, steps, dt)
        traced = not all(map(is_concrete, jax.tree.leaves((merged, states, history, data))))
        core = self._core(program, span, batch, columns, seen, jit, wide=not (delayed or traced))
        seed = self._seed(seed, init_states)
        history = self._fitting(history, plan.length if plan else columns, start)
        recorded, states, history = core(
            as_arrays(merged, float_dtype()),
            plan,
            seed_key(seed),
            np.uint32(0),
            np.uint32(start),
            states,
            history,
            data,
        )
        ends = u.Quantity((start + skip + 1 + np.arange(steps - skip)[::stride]) * dt, u.ms)
        outputs = {name: recorded[name] for name in observables}  # in the order asked for
        labels, batched = getattr(self.model, "labels", None), batch.size is not None
        if any(isinstance(x, jax.core.Tracer) for x in jax.tree.leaves((recorded, states))):
            return Result({**outputs, "ts": ends}, labels=labels, batched=batched)
        host = {name: jax.tree.map(np.asarray, value) for name, value in outputs.items()}
        result = Result({**host, "ts": ends}, labels=labels, batched=batched)
        keep(self.model, states, history, (seed, start + steps, dt))
        facts = dict(seed=seed, dt_ms=dt, first_step=start, steps=steps, transient_steps=skip)
        result.attrs = environment() | facts | dict(wall_s=time.perf_counter() - began)
        check_finite(result, states, {name: o.title for name, o in observables.items()})
        return result

    def function(
        self, duration: Any, *, monitors: Any = None, transient: Any = None, vary: Iterable[str] = ()
    ) -> Callable[..., Values]:
        """The run as a pure function ``f(values, seed, simulation=0)``, for ``jax.jit``, ``jax.grad`` and sharding.

        It starts afresh at each call, keeps today's values of everything that is not in ``vary``, and touches no State.

        Parameters
        ----------
        duration, monitors, transient
            As in `run`.
        vary : iterable of str
            Paths of the values to pass: "k", "conn", "speed", "node.a", "node.noise_E.sigma", "node.init_x", ...

        Returns
        -------
        callable
            ``values`` holds bare arrays in declared units by path; what is left out keeps its present value. One more
            axis than the model's own value has, the leading one, runs as a batch, whose members are the simulations
            ``simulation``, ``simulation + 1``, ...; give batched values rather than ``jax.vmap``, which is several
            times slower. The dict that comes back holds bare arrays (time, [batch,] region). A delay that comes to
            exceed four times the longest present one gives NaN.

        Raises
        ------
        ValueError, TypeError, KeyError
            An argument that does not fit.
        """
        dt = resolve_dt(self.dt)
        steps, skip, _ = checked_span(duration, transient, None, dt)
        if not isinstance(self.model, StateSpace | Network):
            raise TypeError(f"function takes a node bank or a Network, not {type(self.model).__name__}; use run.")
        if not isinstance(vary, Iterable):
            raise TypeError(f"vary={describe(vary)} must be a path or a list of paths.")
        vary = (vary,) if isinstance(vary, str) else tuple(vary)
        own = read_values(self.model)
        unknown = [path for path in vary if path not in own]
        if unknown:
            raise KeyError(f"vary has the path {unknown[0]!r}; use one of {', '.join(own)}.")
        observables = resolve_monitors(self.model, monitors)
        seen = observation_key(self.model, observables, own)
        span = Span(steps, skip, -(-steps // WINDOW))
        open_delays = DELAY_VALUES.intersection(vary)
        fixed = self._plan_of(own, dt, all_edges="conn" in vary) if not open_delays else None
        data = read_noises(self.model, 0, steps, dt)

        def simulate(values: Values, seed: Any, simulation: Any = 0) -> Values:
            given = checked_values(self.model, values, own, vary)
            check_noises(self.model, {**own, **given}, dt)
            batch = batch_of(self.model, given, own, None)
            columns = history_columns(self.model, {**own, **given}, own, batch, dt, open_delays)
            depths = self._at_least(past_depths(self.model, {**own, **given}, own, dt, vary, None))
            program = Program(self.model, dt, observables, depths=depths)
            core = self._core(program, span, batch, columns, seen, True)
            merged = as_arrays({**own, **given}, float_dtype())
            first = checked_simulation(simulation)
            recorded, _, _ = core(merged, fixed, seed_key(checked_seed(seed)), first, np.uint32(0), None, None, data)
            return strip(recorded)

        return simulate

    # -- what a run starts from ---------------------------------------------------------------------------------------

    def _at_least(self, depths: dict[str, int]) -> dict[str, int]:
        """Rings only grow, so that another self-delay seldom needs another program."""
        self._depths |= {path: max(depth, self._depths.get(path, 0)) for path, depth in depths.items()}
        return dict(self._depths)

    def _core(
        self, program: Program, span: Span, batch: Batch, columns: int | None, seen: Any, jit: bool, wide: bool = False
    ) -> Callable:
        dt, drive = program.dt, program.drive and program.drive.key(program.dt)
        options = _WIDE if wide and jax.default_backend() == "cpu" and is_concrete(jnp.zeros(())) else None
        key = (span, dt, batch, columns, seen, drive, tuple(program.depths.items()), jit, options is None)
        if key not in self._compiled:
            core = partial(run_batch, program, span, batch, columns)
            self._compiled[key] = jax.jit(core, compiler_options=options) if jit else core
        return self._compiled[key]

    def _run_module(
        self,
        steps: int,
        skip: int,
        stride: int,
        monitors: Any,
        inputs: Any,
        batch_size: int | None,
        init_states: bool,
        jit: bool,
        seed: Any,
    ) -> Result:
        dt = resolve_dt(self.dt)
        key = ("module", dt, repr(monitors) if not callable(monitors) else monitors)
        if key not in self._compiled:
            self._compiled[key] = ModuleRun(self.model, dt, monitors)
        module = self._compiled[key]
        check_batch_size(batch_size)
        if init_states:
            module.initialise(batch_size)
        first = module.step_count
        recorded = module.run(steps, inputs, jit, None if seed is None else checked_seed(seed))
        kept = jax.tree.map(lambda x: x[skip::stride], recorded)
        ends = u.Quantity((first + np.arange(skip, steps)[::stride] + 1) * dt, u.ms)
        result = Result({**kept, "ts": ends}, batched=module.batched, attrs=environment() | {"dt_ms": dt})
        check_finite(result, {}, {})
        return result

    def _plan_of(self, values: Values, dt: float, *, all_edges: bool) -> Any:
        """The read plan of concrete delays and weights, made anew only when they changed."""
        if not isinstance(self.model, Network):
            return None
        watched = {p: values[p] for p in (*DELAY_VALUES, "conn") if p in values}
        all_edges = all_edges or not is_concrete(watched["conn"])
        if all_edges:
            watched.pop("conn")
        key = (dt, all_edges, self.model.given_conn, float_dtype())
        if self._plan is not None and self._plan[0] == key and _same(self._plan[1], watched):
            return self._plan[2]
        with jax.ensure_compile_time_eval():  # a run inside jit must not leave tracers in the cache
            plan = jax.tree.map(jnp.asarray, self.model.plan(values, dt, all_edges=all_edges))
        self._plan = (key, watched, plan)
        return plan

    def _beginning(self, init_states: bool, dt: float) -> tuple:
        """(first step, states, history)."""
        clock, history, trace = (vars(self.model).get(name) for name in ("clock", "history", "trace"))
        if init_states:
            return 0, None, None
        if clock is not None:
            check_dt(dt, clock[2])
            return clock[1], read_states(self.model), None if history is None else history.value.astype(float_dtype())
        for process in processes(self.model).values():
            if process.bare_pasts():
                check_dt(dt, process.past_dt)
        if trace is None:
            return 0, read_states(self.model), None
        check_dt(dt, self.model.trace_dt)
        padding = [(0, 0)] * (trace.value.ndim - 1) + [(WINDOW, 0)]  # older than any delay reaches
        return 0, read_states(self.model), jnp.pad(trace.value, padding)

    def _seed(self, seed: Any, init_states: bool) -> Any:
        clock = vars(self.model).get("clock")
        return clock[0] if seed is None and clock is not None and not init_states else checked_seed(seed)

    def _fitting(self, history: Any, length: int | None, start: int) -> Any:
        if history is None and length and vars(self.model).get("clock") and start:
            raise ValueError("the last run kept no delay history to continue from; run with init_states=True.")
        if history is None or not length:
            return history
        columns, kept = length + WINDOW, history.shape[-1]
        if kept < columns:
            raise ValueError(
                "the delays have grown since the last run, beyond the history kept; run with init_states=True."
            )
        return history[..., kept - columns :]


def _same(old: Values, new: Values) -> bool:
    return old.keys() == new.keys() and all(old[p] is new[p] or np.array_equal(old[p], new[p]) for p in old)
