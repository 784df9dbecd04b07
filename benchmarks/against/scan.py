"""Hand-written `lax.scan` programs for the same network: nothing but the arithmetic, as a yardstick for our shell.

"tiled/<method>": windows of L steps; an edge whose delay is at least L - 1 steps reads its L values at once before
the window, shorter edges are read inside it. "ring/<method>": every edge reads one value per step.
"""

from functools import partial
from importlib.metadata import version

import numpy as np

L = 16
BLOCK_ABOVE = 150


def build(case, variant):
    import jax
    import jax.numpy as jnp

    form, method = variant.split("/")
    p = case.problem
    step = partial(STEPS[method], p)
    if form == "ring":
        program, arrays = ring(p, case.n_steps, step)
    else:
        program, arrays = tiled(p, case.n_steps, step)
    arrays = jax.tree.map(jnp.asarray, arrays)
    compiled = jax.jit(program)
    state = jnp.asarray(p.x0), jnp.asarray(p.y0)
    return lambda: compiled(state, arrays)[0]


def euler(p, x, y, current):
    growth = p.a - x * x - y * y
    return x + p.dt * (growth * x - p.w * y + current), y + p.dt * (growth * y + p.w * x)


def exp_euler(p, x, y, current):
    import jax.numpy as jnp

    def phi(z):  # (e^z - 1) / z, by its series where the quotient loses digits
        near = jnp.abs(z) < 1e-2
        return jnp.where(near, 1 + z / 2 * (1 + z / 3 * (1 + z / 4)), jnp.expm1(z) / jnp.where(near, 1, z))

    growth = p.a - x * x - y * y
    dx = growth * x - p.w * y + current
    dy = growth * y + p.w * x
    return x + p.dt * phi(p.dt * (growth - 2 * x * x)) * dx, y + p.dt * phi(p.dt * (growth - 2 * y * y)) * dy


STEPS = {"euler": euler, "exp_euler": exp_euler}


def ring(p, n_steps, step):
    """A ring buffer of the past `(slot, region)`; slot t % size holds the state at step t."""
    import jax.numpy as jnp
    from jax import lax

    size = int(p.steps.max()) + 1
    sources = np.arange(p.x0.size)

    def program(state, arrays):
        row_sums = arrays["weights"].sum(1)

        def one(carry, t):
            past, x, y = carry
            past = past.at[t % size].set(x)
            delayed = past[(t - arrays["steps"]) % size, sources]
            current = p.k * ((arrays["weights"] * delayed).sum(1) - row_sums * x)
            x, y = step(x, y, current)
            return (past, x, y), x

        past = jnp.broadcast_to(state[0], (size, p.x0.size))
        return lax.scan(one, (past, *state), jnp.arange(n_steps))[1], 0

    return program, dict(weights=p.weights, steps=p.steps)


def in_edges(p, chosen):
    """The chosen edges as lists `(region, K)` of delay, source and weight, padded with weight 0."""
    n = p.x0.size
    width = max(int(chosen.sum(1).max()), 1)
    order = np.argsort(~chosen, axis=1, kind="stable")[:, :width].astype(np.int32)
    rows = np.arange(n)[:, None]
    real = chosen[rows, order]
    return np.where(real, p.steps[rows, order], L - 1), order, np.where(real, p.weights[rows, order], 0.0)


def apart(count, by):
    """`count + by`, through a sort, which keeps XLA on a CPU from compiling the loop around it as one slow kernel."""
    import jax.numpy as jnp
    from jax import lax

    return lax.sort(jnp.stack([count + by, count]))[1]


def tiled(p, n_steps, step):
    """History `(region, time)` whose last column is the current state."""
    import jax
    import jax.numpy as jnp
    from jax import lax

    n, span = p.x0.size, int(p.steps.max()) + L
    edge = p.weights != 0
    far, near = in_edges(p, edge & (p.steps >= L - 1)), in_edges(p, edge & (p.steps < L - 1))
    has_near = bool((edge & (p.steps < L - 1)).any())
    rows = next(k for k in (20, 16, 10, 8, 5, 4, 2, 1) if n % k == 0)

    def program(state, arrays):
        row_sums = arrays["weights"].sum(1)
        steps, sources, weights = arrays["far"]
        starts = sources * span + (span - 1 - steps)
        near_steps, near_sources, near_weights = arrays["near"]
        near_starts = near_sources * (2 * L) + (L - 1 - near_steps)
        slices = jax.vmap(jax.vmap(lambda flat, at: lax.dynamic_slice(flat, (at,), (L,)), (None, 0)), (None, 0))

        def far_inputs(flat):
            if n <= BLOCK_ABOVE:
                return jnp.einsum("ij,ijl->li", weights, slices(flat, starts))

            def block(row, _):  # a few targets at a time, so that their slices stay in the cache
                w, at = (lax.dynamic_slice(whole, (row, 0), (rows, whole.shape[1])) for whole in (weights, starts))
                return apart(row, rows), jnp.einsum("ij,ijl->il", w, slices(flat, at))

            return lax.scan(block, jnp.int32(0), length=n // rows)[1].reshape(n, L).T

        def window(carry, _):
            past, x, y, count = carry
            inputs = far_inputs(past.reshape(-1))

            def one(carry, given):
                x, y, recent = carry
                i, current = given
                if has_near:
                    current = current + (near_weights * recent.reshape(-1)[near_starts + i]).sum(1)
                x, y = step(x, y, p.k * (current - row_sums * x))
                if has_near:
                    recent = lax.dynamic_update_slice(recent, x[:, None], (0, L + i))
                return (x, y, recent), x

            recent = jnp.concatenate([past[:, -L:], jnp.zeros_like(past[:, :L])], 1)
            (x, y, _), new = lax.scan(one, (x, y, recent), (jnp.arange(L), inputs))
            past = jnp.concatenate([past[:, L:], new.T], 1)
            return (past, x, y, apart(count, 1)), new

        past = jnp.broadcast_to(state[0][:, None], (n, span))
        (*_, count), out = lax.scan(window, (past, *state, jnp.int32(0)), length=-(-n_steps // L))
        return out.reshape(-1, n)[:n_steps], count

    single = lambda lists: (lists[0].astype(np.int32), lists[1], lists[2].astype(np.float32))  # noqa: E731
    return program, dict(weights=p.weights, far=single(far), near=single(near))


def versions():
    return {name: version(name) for name in ("jax", "numpy")}
