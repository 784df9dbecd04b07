"""A run as a pure function of values."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from brainmass.monitors.recording import Recorder, resolve_monitors, strip
from brainmass.names import UnknownName, meant
from brainmass.network import Network
from brainmass.numerics import checked_seed, seed_key
from brainmass.simulation.engine import DELAY_VALUES, Fed, Program, check_initializers
from brainmass.simulation.run import (
    Compiled,
    Reel,
    as_arrays,
    batch_of,
    check_noises,
    check_simulations,
    checked_simulation,
    checked_span,
    checked_values,
    chunk_schedule,
    history_columns,
    lenient,
    past_depths,
    read_noises,
    read_values,
    warn_of_long_steps,
)
from brainmass.state_space import StateSpace, Values
from brainmass.units import describe, float_dtype


def pure_function(
    model: Any, compiled: Compiled, dt: float, duration: Any, monitors: Any, transient: Any, vary: Any
) -> Callable[..., Values]:
    """What `Simulator.function` returns."""
    steps, skip, _ = checked_span(duration, transient, None, dt)
    if not isinstance(model, StateSpace | Network):
        raise TypeError(f"function takes a node bank or a Network, not {type(model).__name__}; use run.")
    own = read_values(model)
    vary = _checked_paths(vary, own)
    check_initializers(model)
    recorder = Recorder(model, resolve_monitors(model, monitors), dt, own)
    Reel(recorder, skip, skip, 1).check(steps, dt, later=False)
    seen = recorder.key(model, own)
    (whole,) = chunk_schedule(0, steps, skip, steps)
    open_delays = DELAY_VALUES.intersection(vary)
    fixed = compiled.plan(own, dt, all_edges="conn" in vary) if not open_delays else None
    series = read_noises(model, 0, steps, dt)

    @lenient
    def simulate(values: Values, seed: Any, simulation: Any = 0) -> Values:
        given = checked_values(model, values, own, vary)
        merged = {**own, **given}
        check_noises(model, merged, dt)
        warn_of_long_steps(model, merged, dt)
        batch = batch_of(model, given, own, None)
        columns = history_columns(model, merged, own, batch, dt, open_delays)
        depths = compiled.depths(past_depths(model, merged, own, dt, vary, None))
        program = Program(model, dt, recorder, depths=depths, grouped=True)
        core = compiled.core(program, whole.span, batch, columns, seen, True)
        first = checked_simulation(simulation)
        check_simulations(first, batch.size or 1, program.last_simulation)
        ends, nothing = map(np.uint32, (0, steps, skip)), (None, None, None)
        key, fed = seed_key(checked_seed(seed)), Fed(series, {}, recorder.values())
        arrays = as_arrays(merged, float_dtype())
        recorded, _, _, carries = core(arrays, fixed, key, first, *ends, *nothing, fed)
        reel = Reel(recorder, skip, skip, 1)
        reel.add(recorded, whole)
        found = reel.joined(steps) | compiled.statistics(recorder, seen, batch, carries)
        return strip({name: found[name] for name in recorder.names})

    return simulate


def _checked_paths(vary: Any, own: Values) -> tuple[str, ...]:
    if not isinstance(vary, Iterable):
        raise TypeError(f"vary={describe(vary)} must be a path or a list of paths.")
    paths = (vary,) if isinstance(vary, str) else tuple(vary)
    unknown = [path for path in paths if not isinstance(path, str) or path not in own]
    if unknown:
        near = meant(unknown[0], own)
        raise UnknownName(f"vary has the path {describe(unknown[0])}{near}; use one of {', '.join(own)}.")
    return paths
