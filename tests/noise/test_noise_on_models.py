"""Every model under every noise that its inputs allow: what the noise does to each variable does not depend on dt."""

import functools
import itertools

import brainunit as u
import jax
import numpy as np
import pytest

import brainmass as bm
from brainmass.models import catalogue
from brainmass.state_space.declarations import Added
from tests.models.test_contract import reached

pytestmark = pytest.mark.usefixtures("x64", "compiled_quickly")

BANK, STEPS, SIGMA = 3000, 100, 1e-4
NOISES = {
    "OU": lambda sigma: bm.OUProcess(BANK, sigma=sigma, tau=5.0),
    "Brownian": lambda sigma: bm.BrownianNoise(BANK, sigma=sigma),
    "coloured": lambda sigma: bm.ColoredNoise(BANK, sigma=sigma, beta=0.5),
    "pink": lambda sigma: bm.PinkNoise(BANK, sigma=sigma),
    "blue": lambda sigma: bm.BlueNoise(BANK, sigma=sigma, fastest=5.0),
    "violet": lambda sigma: bm.VioletNoise(BANK, sigma=sigma, fastest=5.0),
    "white": lambda sigma: bm.WhiteNoise(BANK, sigma=sigma),
    "multiplicative": lambda sigma: bm.MultiplicativeNoise(BANK, sigma=sigma),
}
NEED_ADDITIVE = ("white", "multiplicative")
LONG_TO_COMPILE = ("coloured", "pink", "blue")
QUICK = ("OU", "white", "multiplicative")


@pytest.fixture
def compiled_quickly():
    """Compiling takes longer than running here, and statistics do not depend on the last bit."""
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)


@functools.cache
def effective(model):
    """The Inputs that do something by default; what is added to a derivative does."""
    declared = model.declarations(bm.Input).values()
    return [d for d in declared if isinstance(d, Added) or reached(model, [d.name])]


def inputs(model, noise):
    """The inputs that take the noise: all that may, or in turn one of those that do something by default."""
    if noise in LONG_TO_COMPILE:
        found = effective(model)
        return [found[LONG_TO_COMPILE.index(noise) % len(found)]]
    return [d for d in model.declarations(bm.Input).values() if d.additive or noise not in NEED_ADDITIVE]


def amplitude(model, entry):
    """Small beside what the variable spans: the moments of a second-order mean field are far below 1."""
    variable = model.declarations(bm.Variable).get(getattr(entry, "to", None))
    return SIGMA * min(1.0, np.ptp(variable.span)) if variable and variable.span else SIGMA


def pairs():
    for (name, model), noise in itertools.product(catalogue().items(), NOISES):
        if noise not in NEED_ADDITIVE or inputs(model, noise):
            marks = [] if name == "HopfStep" and noise in QUICK else [pytest.mark.slow]
            yield pytest.param(model, noise, id=f"{name}-{noise}", marks=marks)


def begun(model, noise):
    """Initial values, where it would begin at 0 in all of its variables and noise in proportion to them do nothing."""
    variables = model.declarations(bm.Variable).values()
    if noise != "multiplicative" or any(callable(d.value) or np.any(u.get_mantissa(d.value)) for d in variables):
        return {}
    return {d.argument: d.span[0] + 0.3 * np.ptp(d.span) for d in variables if d.span}


def ends(model, dt, **noises):
    """The last value of every variable in every member of the bank."""
    names = list(model.declarations(bm.Variable))
    duration = STEPS * model.dt
    run = bm.Simulator(model(BANK, **noises), dt=dt).run(duration, monitors=names, seed=round(model.dt / dt))
    return np.stack([np.asarray(getattr(run[name], "mantissa", run[name]), float)[-1] for name in names])


@functools.cache
def quiet(model, dt, **initial):
    return ends(model, dt, **initial)


def deviations(model, noise, dt):
    """From the run without noise, which starts from the same values."""
    noises = {d.argument: NOISES[noise](amplitude(model, d)) for d in inputs(model, noise)}
    initial = begun(model, noise)
    return ends(model, dt, **noises, **initial) - quiet(model, dt, **initial)


def differing(coarse, fine):
    """Whether mean and variance differ by more than a tenth and their sampling error; (2, variable)."""
    centred = [x - x.mean(1, keepdims=True) for x in (coarse, fine)]
    variances = [(x**2).mean(1) for x in centred]
    errors = [[v, (x**4).mean(1) - v**2] for x, v in zip(centred, variances, strict=True)]
    largest = np.maximum(*variances)
    changed = np.abs([coarse.mean(1) - fine.mean(1), variances[0] - variances[1]])
    allowed = 0.1 * np.stack([np.sqrt(largest), largest]) + 4.5 * np.sqrt(np.sum(errors, 0) / BANK)
    return (largest > 1e-24) & (changed > allowed)


@pytest.mark.parametrize(("model", "noise"), list(pairs()))
def test_mean_and_variance_agree_at_dt_and_a_quarter(model, noise):
    """Within a tenth; where the model's own step is not fine enough for that, at a quarter and a sixteenth of it."""
    coarse, fine = (deviations(model, noise, dt) for dt in (model.dt, model.dt / 4))
    assert coarse.var(1).max() > 0
    apart = differing(coarse, fine)
    if apart.any():
        assert not (apart & differing(fine, deviations(model, noise, model.dt / 16))).any()
