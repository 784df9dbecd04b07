"""tvboptim (JAX, float32), Euler with the coupling computed once per step, one variant per history buffer.

"bold" is Wilson–Cowan with noise and streaming BOLD.
"""

from importlib.metadata import version


def build(case, variant):
    return _bold(case) if variant == "bold" else _hopf(case, variant)


def _bold(case):
    """Wilson–Cowan with white noise; BOLD by convolution while the run goes on, without a stored series."""
    import jax
    import jax.numpy as jnp
    from tvboptim.experimental.network_dynamics import DenseDelayGraph, Network, prepare
    from tvboptim.experimental.network_dynamics.coupling import DelayedLinearCoupling
    from tvboptim.experimental.network_dynamics.dynamics.tvb import WilsonCowan
    from tvboptim.experimental.network_dynamics.noise import AdditiveNoise
    from tvboptim.experimental.network_dynamics.solvers import Euler
    from tvboptim.observations.tvb_monitors import HRFBold, SubSampling, streaming_hrf_bold

    p, block = case.problem, 7_200  # steps, a repetition time
    graph = DenseDelayGraph(jnp.asarray(p.weights), jnp.asarray(p.lengths / p.speed, jnp.float32))
    coupling = DelayedLinearCoupling(incoming_states="E", buffer_strategy="preallocated", G=1.0)
    noise = AdditiveNoise(apply_to="E", sigma=0.01, key=jax.random.key(0))
    network = Network(WilsonCowan(), {"delayed": coupling}, graph, noise=noise)
    monitor = HRFBold(period=block * p.dt, downsample_period=4.0, downsample=SubSampling(voi=0, period=4.0), voi=0)
    reduce = streaming_hrf_bold(monitor, p.dt)
    solve, config = prepare(network, Euler(block_size=block), t0=0.0, t1=case.n_steps * p.dt, dt=p.dt, reduce=reduce)
    solve = jax.jit(solve)
    return lambda: solve(config)[:, 0]


def _hopf(case, variant):
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
