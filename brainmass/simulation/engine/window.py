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
from brainmass.simulation.engine.initial_values import Setting
from brainmass.simulation.engine.step import ModelStep, summed
from brainmass.state_space import Delayed, Variable, quarters, store


@dataclass(frozen=True)
class ModelWindow(ModelStep):
    """A model that goes on by windows."""

    def window(self, s: States, history: Any, index: Any, setting: Setting) -> tuple[States, Any, States]:
        """One window: its far reads and draws at once, then its steps one by one; (states, history, recorded)."""
        steps = outside_small_loops(index) * np.uint32(WINDOW) + jnp.arange(WINDOW, dtype=jnp.uint32)
        xs = dict(
            step=steps,
            quarter=quarters(steps),
            live=(steps >= setting.start) & (steps < setting.stop),
            drive=self.driven_by(steps, setting),
            draws=self.draws(steps, setting),
        )
        if history is None:
            s, seen = lax.scan(lambda s, x: self._masked(s, None, x, setting), s, xs)
            return s, None, seen
        far = [reader for reader in setting.readers if reader.size == WINDOW]
        near = [reader for reader in setting.readers if reader.size < WINDOW]
        xs["totals"] = far[0](history, history.shape[1] - 1) if far else None
        past, recent = steps < setting.start, setting.recent
        if not near:
            s, seen = lax.scan(lambda s, x: self._masked(s, x["totals"], x, setting), s, xs)
        else:
            s, seen = self._near_steps(s, history, near, xs, past, setting)
        sent = jnp.where(past[:, None, None], recent, self.sources(seen, setting)).swapaxes(0, 1)
        return s, jnp.concatenate([history[:, WINDOW:], sent], 1), seen

    def _near_steps(self, s: States, history: Any, near: list, xs: dict, past: Any, setting: Setting) -> tuple:
        """The steps of a window with edges too short for it: each writes what it sends into a small history.

        Steps that the window knew already write into a spare last column.
        """
        reach = setting.reach
        spare = jnp.int32(reach + WINDOW)
        xs["column"] = jnp.where(past, spare, reach + jnp.arange(WINDOW, dtype=jnp.int32))

        def advance(carry: tuple, x: dict) -> tuple:
            s, buffer, now = carry
            sums = [x["totals"]] + [[t[0] for t in reader(buffer, now)] for reader in near if reader.size == 1]
            s, seen = self._masked(s, summed(sums), x, setting)
            sent = self.sources(s, setting)[:, None]
            return (s, lax.dynamic_update_slice_in_dim(buffer, sent, x["column"], 1), now + 1), seen

        def block(carry: tuple, x: dict) -> tuple:
            s, buffer, now = carry
            now = outside_small_loops(now)
            x["totals"] = summed([x["totals"], near[0](buffer, now)])
            return lax.scan(advance, (s, buffer, now), x)

        recent = setting.recent.swapaxes(0, 1)
        buffer = jnp.concatenate([history[:, history.shape[1] - reach :], recent, recent[:, :1]], 1)
        carry = (s, buffer, jnp.int32(reach - 1))
        if near[0].size == 1:
            (s, _, _), seen = lax.scan(advance, carry, xs)
            return s, seen
        blocks = jax.tree.map(lambda x: x.reshape(-1, near[0].size, *x.shape[1:]), xs)
        (s, _, _), seen = lax.scan(block, carry, blocks)
        return s, jax.tree.map(lambda x: x.reshape(WINDOW, *x.shape[2:]), seen)

    def _masked(self, s: States, totals: Any, x: dict, setting: Setting) -> tuple[States, States]:
        """The states after the step, with their pasts, and the Variables alone; as before where it is not live."""
        (new, entered), step, live = self.step(s, totals, x, setting), x["step"] + np.uint32(1), x["live"]
        new = {path: {n: jnp.where(live, v, s[path][n]) for n, v in own.items()} for path, own in new.items()}
        found = processes(self.model).items()
        seen = {path: {n: new[path][n] for n in q.declarations(Variable)} for path, q in found}
        for path, name, d in self.self_delays():
            new[path][name] = store(s[path][name], seen[path][d.of], step, live)
        kept = {what: entered[what] for what in self.recorder.needs}
        if kept:
            shape = next(iter(seen[self.root].values())).shape
            kept = jax.tree.map(lambda x: jnp.broadcast_to(x, shape), kept)
        return new, seen | kept

    def self_delays(self) -> list[tuple[str, str, Delayed]]:
        """Every self-delay: path of its process, name, declaration."""
        found = processes(self.model).items()
        return [(path, name, d) for path, q in found for name, d in q.declarations(Delayed).items()]
