"""The package of the same name on PyPI (JAX, float32).

Its buffer never holds the state at t = 0 and its default past is random; a past that is the initial state makes it
the same initial-value problem as everybody else's. It rounds delays up, which the lengths of the cases allow for.
Variants: "<method>" runs one compiled program, built once around its public Simulator, which is the best a user can do;
"<method>/run" is `Simulator.run` as documented, which traces and compiles every time.
"""

from importlib.metadata import version

from benchmarks.cases import tutorial


def build(case, variant):
    import brainstate
    import brainunit as u
    import jax.numpy as jnp

    import brainmass

    if case.builder is tutorial:
        return tutorial(case, variant)
    p = case.problem
    method, _, each_run = variant.partition("/")
    x0, y0 = jnp.asarray(p.x0), jnp.asarray(p.y0)
    brainstate.environ.set(dt=p.dt * u.ms)

    def constant(value):
        return lambda shape, *_, **__: jnp.broadcast_to(value, shape)

    node = brainmass.HopfStep(p.x0.size, a=p.a, w=p.w, init_x=constant(x0), init_y=constant(y0), method=method)
    lengths, speed = p.lengths * u.mm, p.speed * u.mm / u.ms
    wiring = dict(conn=p.weights, distance=lengths, speed=speed, coupled_var="x", k=p.k, delay_init=constant(x0))
    simulation = brainmass.Simulator(brainmass.Network(node, **wiring), dt=p.dt * u.ms)

    def run():
        return simulation.run(case.n_steps * p.dt * u.ms, monitors=lambda m: m.node.x.value)["output"]

    return run if each_run else brainstate.transform.jit(run)


def versions():
    return {name: version(name) for name in ("brainmass", "brainstate", "jax", "numpy")}
