"""tvboptim (JAX, float32), Euler with the coupling computed once per step, one variant per history buffer."""

from importlib.metadata import version


def build(case, variant):
    import jax
    import jax.numpy as jnp
    from tvboptim.experimental.network_dynamics import DenseDelayGraph, Network, prepare
    from tvboptim.experimental.network_dynamics.coupling import DelayedDifferenceCoupling
    from tvboptim.experimental.network_dynamics.dynamics.tvb import SupHopf
    from tvboptim.experimental.network_dynamics.solvers import Euler

    p = case.problem
    graph = DenseDelayGraph(jnp.asarray(p.weights), jnp.asarray(p.lengths / p.speed, jnp.float32))
    coupling = DelayedDifferenceCoupling(incoming_states="x", local_states="x", buffer_strategy=variant, G=p.k)
    # The input named "instant" acts on x alone; the coupling itself is the delayed one.
    network = Network(SupHopf(a=p.a, omega=p.w), {"instant": coupling}, graph)
    solve, config = prepare(network, Euler(), t0=0.0, t1=case.n_steps * p.dt, dt=p.dt)
    config.initial_state.dynamics = jnp.stack([jnp.asarray(p.x0), jnp.asarray(p.y0)])
    past = config.initial_state.coupling.instant
    past.history = jnp.broadcast_to(jnp.asarray(p.x0), past.history.shape)
    solve = jax.jit(solve)
    return lambda: solve(config).ys[:, 0]


def versions():
    return {name: version(name) for name in ("tvboptim", "jax", "numpy")}
