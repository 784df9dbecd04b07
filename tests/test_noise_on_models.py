"""Every model under every noise that its inputs allow: what the noise does to each variable does not depend on dt."""

import functools
import itertools

import numpy as np
import pytest

import brainmass as bm
from brainmass.models import catalogue

pytestmark = pytest.mark.usefixtures("x64")

BANK, STEPS, SIGMA = 3000, 100, 0.01
NOISES = {
    "OU": lambda: bm.OUProcess(BANK, sigma=SIGMA, tau=5.0),
    "Brownian": lambda: bm.BrownianNoise(BANK, sigma=SIGMA),
    "coloured": lambda: bm.ColoredNoise(BANK, sigma=SIGMA, beta=0.5),
    "pink": lambda: bm.PinkNoise(BANK, sigma=SIGMA),
    "blue": lambda: bm.BlueNoise(BANK, sigma=SIGMA, fastest=5.0),
    "violet": lambda: bm.VioletNoise(BANK, sigma=SIGMA, fastest=5.0),
    "white": lambda: bm.WhiteNoise(BANK, sigma=SIGMA),
    "multiplicative": lambda: bm.MultiplicativeNoise(BANK, sigma=SIGMA),
}
NEED_ADDITIVE = ("white", "multiplicative")
QUICK = ("OU", "white", "multiplicative")


def inputs(model, noise):
    """The inputs that may take the noise."""
    return [d for d in model.declarations(bm.Input).values() if d.additive or noise not in NEED_ADDITIVE]


def pairs():
    for (name, model), noise in itertools.product(catalogue().items(), NOISES):
        if inputs(model, noise):
            marks = [] if name == "HopfStep" and noise in QUICK else [pytest.mark.slow]
            yield pytest.param(model, noise, id=f"{name}-{noise}", marks=marks)


def ends(model, dt, **noises):
    """The last value of every variable in every member of the bank."""
    names = list(model.declarations(bm.Variable))
    duration = STEPS * model.dt
    run = bm.Simulator(model(BANK, **noises), dt=dt).run(
        duration, monitors=names, transient=duration - dt, seed=round(model.dt / dt)
    )
    return np.stack([np.asarray(getattr(run[name], "mantissa", run[name]), float)[0] for name in names])


@functools.cache
def quiet(model, dt):
    return ends(model, dt)


@pytest.mark.parametrize(("model", "noise"), list(pairs()))
def test_mean_and_variance_agree_at_dt_and_a_quarter(model, noise):
    """Deviations from the run without noise, which starts from the same values."""
    means, variances = [], []
    for dt in (model.dt, model.dt / 4):
        noises = {d.argument: NOISES[noise]() for d in inputs(model, noise)}
        deviation = ends(model, dt, **noises) - quiet(model, dt)
        means.append(deviation.mean(1))
        variances.append(deviation.var(1))
    coarse, fine = variances
    assert coarse.max() > 0
    moved = np.maximum(coarse, fine) > 1e-24
    spread = np.sqrt(np.maximum(coarse, fine))
    allowed = 0.1 + 4.5 * np.sqrt(4 / BANK)
    assert (np.abs(coarse - fine)[moved] < allowed * np.maximum(coarse, fine)[moved]).all()
    assert (np.abs(means[0] - means[1])[moved] < (0.1 + 4.5 * np.sqrt(2 / BANK)) * spread[moved]).all()
