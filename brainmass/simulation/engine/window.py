"""One window of steps: its far reads and its draws at once, then step by step what needs the last one.

Windows lie at absolute multiples of `WINDOW` steps and a partial one runs whole with its surplus steps masked, so where
a run is cut changes no bit of it.
"""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.network import WINDOW, States, outside_small_loops, processes
from brainmass.simulation.engine.records import RunContext
from brainmass.simulation.engine.step import ModelStep, summed
from brainmass.state_space import Delayed, Variable, quarters, write_ring


@dataclass(frozen=True)
class ModelWindow(ModelStep):
    """A model that goes on by windows."""

    def window(self, s: States, history: Any, index: Any, context: RunContext) -> tuple[States, Any, States]:
        """One window: its far reads and draws at once, then its steps one by one; (states, history, recorded)."""
        steps = outside_small_loops(index) * np.uint32(WINDOW) + jnp.arange(WINDOW, dtype=jnp.uint32)
        xs = dict(
            step=steps,
            quarter=quarters(steps),
            valid=(steps >= context.steps.start) & (steps < context.steps.stop),
            external=self.external_inputs(steps, context),
            draws=self.draws(steps, context),
        )
        if history is None:
            s, trajectory = lax.scan(lambda s, x: self.masked_step(s, None, x, context), s, xs)
            return s, None, trajectory
        far = [reader for reader in context.readers if reader.size == WINDOW]
        near = [reader for reader in context.readers if reader.size < WINDOW]
        xs["totals"] = far[0](history, history.shape[1] - 1) if far else None
        past, recent = steps < context.steps.start, context.recent
        if not near:
            s, trajectory = lax.scan(lambda s, x: self.masked_step(s, x["totals"], x, context), s, xs)
        else:
            s, trajectory = self.steps_with_short_delays(s, history, near, xs, past, context)
        sent = jnp.where(past[:, None, None], recent, self.sent_values(trajectory, context)).swapaxes(0, 1)
        return s, jnp.concatenate([history[:, WINDOW:], sent], 1), trajectory

    def steps_with_short_delays(
        self, s: States, history: Any, near: list, xs: dict, past: Any, context: RunContext
    ) -> tuple:
        """The steps of a window with edges too short for it: each writes what it sends into a small history.

        Steps that the window knew already write into a spare last column.
        """
        reach = context.reach
        spare = jnp.int32(reach + WINDOW)
        xs["column"] = jnp.where(past, spare, reach + jnp.arange(WINDOW, dtype=jnp.int32))

        def advance(carry: tuple, x: dict) -> tuple:
            s, buffer, now = carry
            sums = [x["totals"]] + [[t[0] for t in reader(buffer, now)] for reader in near if reader.size == 1]
            s, trajectory = self.masked_step(s, summed(sums), x, context)
            sent = self.sent_values(s, context)[:, None]
            return (s, lax.dynamic_update_slice_in_dim(buffer, sent, x["column"], 1), now + 1), trajectory

        def block(carry: tuple, x: dict) -> tuple:
            s, buffer, now = carry
            now = outside_small_loops(now)
            x["totals"] = summed([x["totals"], near[0](buffer, now)])
            return lax.scan(advance, (s, buffer, now), x)

        recent = context.recent.swapaxes(0, 1)
        buffer = jnp.concatenate([history[:, history.shape[1] - reach :], recent, recent[:, :1]], 1)
        carry = (s, buffer, jnp.int32(reach - 1))
        if near[0].size == 1:
            (s, _, _), trajectory = lax.scan(advance, carry, xs)
            return s, trajectory
        blocks = jax.tree.map(lambda x: x.reshape(-1, near[0].size, *x.shape[1:]), xs)
        (s, _, _), trajectory = lax.scan(block, carry, blocks)
        return s, jax.tree.map(lambda x: x.reshape(WINDOW, *x.shape[2:]), trajectory)

    def masked_step(self, s: States, totals: Any, x: dict, context: RunContext) -> tuple[States, States]:
        """The states after the step, with their pasts, and the Variables alone; as before where it is not valid."""
        (new, entered), step, valid = self.step(s, totals, x, context), x["step"] + np.uint32(1), x["valid"]
        new = {path: {n: jnp.where(valid, v, s[path][n]) for n, v in values.items()} for path, values in new.items()}
        found = processes(self.model).items()
        variables = {path: {n: new[path][n] for n in q.declarations(Variable)} for path, q in found}
        for path, name, d in self.self_delays():
            new[path][name] = write_ring(s[path][name], variables[path][d.of], step, valid)
        needed = {what: entered[what] for what in self.recorder.needs}
        if needed:
            shape = next(iter(variables[self.root].values())).shape
            needed = jax.tree.map(lambda x: jnp.broadcast_to(x, shape), needed)
        return new, variables | needed

    def self_delays(self) -> list[tuple[str, str, Delayed]]:
        """Every self-delay: path of its process, name, declaration."""
        found = processes(self.model).items()
        return [(path, name, d) for path, q in found for name, d in q.declarations(Delayed).items()]
