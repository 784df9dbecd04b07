"""Any brainstate module with ``init_state`` and ``update``, run by a plain scan over its States."""

from typing import Any

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.result import Result


def run_module(
    model: Any,
    compiled: dict,
    key: Any,
    dt: float,
    steps: int,
    transient: int,
    stride: int,
    monitors: Any,
    inputs: Any,
    batch_size: int | None,
    init_states: bool,
) -> Result:
    """Call ``model.update`` once per step, and record its return value, named States, or callables of the model."""
    if init_states:
        brainstate.nn.init_all_states(model, *(() if batch_size is None else (batch_size,)))

    def step(i: Any) -> Any:
        with brainstate.environ.context(i=i, t=i * dt * u.ms, dt=dt * u.ms):
            given = () if inputs is None else inputs(i, i * dt * u.ms) if callable(inputs) else jnp.asarray(inputs)[i]
            out = model.update(*(given if isinstance(given, tuple) else (given,)))
            return _measure(model, monitors, out)

    if key not in compiled:
        compiled[key] = brainstate.transform.jit(lambda: brainstate.transform.for_loop(step, jnp.arange(steps)))
    recorded = jax.tree.map(lambda x: x[transient::stride], compiled[key]())
    ends = (np.arange(transient, steps)[::stride] + 1) * dt
    return Result({**recorded, "ts": u.Quantity(ends, u.ms)}, batched=batch_size is not None)


def _measure(model: Any, monitors: Any, out: Any) -> dict[str, Any]:
    if monitors is None:
        return {"output": out}
    if callable(monitors):
        return {"output": monitors(model)}
    if isinstance(monitors, str):
        return {"output": _state(model, monitors)}
    pairs = monitors.items() if isinstance(monitors, dict) else [(m, m) for m in monitors]
    return {name: what(model) if callable(what) else _state(model, what) for name, what in pairs}


def _state(model: Any, path: str) -> Any:
    found = model
    for name in path.split("."):
        if not hasattr(found, name):
            known = ", ".join(".".join(map(str, p)) for p in model.states())
            raise ValueError(f"monitors={path!r} is unknown; use one of {known}, or a callable of the model.")
        found = getattr(found, name)
    return found.value if isinstance(found, brainstate.State) else found
