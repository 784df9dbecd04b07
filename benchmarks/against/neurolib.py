"""neurolib (numba, float64). `model.run()` keeps the whole trajectory and draws its noise arrays even when sigma is 0.

Variants: "run" is what a user calls; "loop" is the compiled integration alone, without neurolib's set-up of a run;
"bold" is Wilson–Cowan with noise and BOLD, chunk by chunk.
"""

from importlib.metadata import version


def build(case, variant):
    return _bold(case) if variant == "bold" else _hopf(case, variant)


def _bold(case):
    """Wilson–Cowan with OU noise and BOLD, in chunks, of which the last is kept."""
    from neurolib.models.wc import WCModel

    p = case.problem
    model = WCModel(Cmat=p.weights.astype(float), Dmat=p.lengths)
    model.params.update(signalV=p.speed, dt=p.dt, duration=case.n_steps * p.dt, K_gl=1.0, sigma_ou=0.01)

    def run():
        model.run(chunkwise=True, bold=True, append_outputs=False)
        return model.BOLD.BOLD.T

    return run


def _hopf(case, variant):
    from neurolib.models.hopf import HopfModel

    p = case.problem
    model = HopfModel(Cmat=p.weights.astype(float), Dmat=p.lengths)
    settings = dict(a=p.a, w=p.w, K_gl=p.k, signalV=p.speed, dt=p.dt, duration=case.n_steps * p.dt, sigma_ou=0.0)
    model.params.update(settings, xs_init=p.x0[:, None].astype(float), ys_init=p.y0[:, None].astype(float))
    if variant == "loop":
        return _loop(model, case)

    def run():
        model.run()
        return model.x.T

    return run


def _loop(model, case):
    """The numba function with the arguments that `model.run()` would give it, prepared outside the timing."""
    from neurolib.models.hopf import timeIntegration as module

    captured = {}
    compiled = module.timeIntegration_njit_elementwise

    def capture(*arguments):
        captured["arguments"] = arguments
        return compiled(*arguments)

    module.timeIntegration_njit_elementwise = capture
    model.run()
    module.timeIntegration_njit_elementwise = compiled
    arguments = captured["arguments"]
    start = arguments[0]

    def run():
        return compiled(*arguments)[1][:, start:].T  # rewrites the samples after `start` from the same initial values

    return run


def versions():
    return {name: version(name) for name in ("neurolib", "numba", "numpy")}
