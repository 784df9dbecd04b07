"""The default method at each model's own time step gives the physics of rk4 at a sixteenth of it, to 1 %."""

import numpy as np
import pytest

import brainmass as bm
from brainmass.models import catalogue
from tests.models.regimes import REGIMES

pytestmark = pytest.mark.usefixtures("x64")

QUICK = {"WilsonCowanStep", "MontbrioPazoRoxinStep", "CoombesByrne4DStep", "HopfStep"}
FINER = 16
CLOSE = 0.01


def cases():
    for name, regimes in REGIMES.items():
        for regime in regimes:
            marks = [] if name in QUICK else [pytest.mark.slow]
            yield pytest.param(catalogue()[name], regime, id=f"{name}-{regime.along}-{regime.shows}", marks=marks)


def series(kind, regime, method, finer=1):
    """What is read of the bank after each step of the model's ``dt``, (time, region)."""
    n, inputs = len(regime.values), kind.declarations(bm.Input)
    given = regime.fixed | {regime.along: regime.values}
    arguments = {name: np.broadcast_to(value, n) for name, value in given.items() if name not in inputs}
    held = {name: np.broadcast_to(given[name], n) for name in inputs if name in given}
    read, steps = regime.read or kind.primary, round(regime.duration / kind.dt)
    sim = bm.Simulator(kind(n, **arguments, method=method), dt=kind.dt / finer)
    drive = {name: lambda i, t, value=value: value for name, value in held.items()}
    run = sim.run(steps * kind.dt, monitors=bm.Sample(read, kind.dt), inputs=drive or None, seed=0, progress=False)
    found = np.asarray(getattr(run["output"], "mantissa", run["output"]), float)
    return found[round(regime.transient / kind.dt) :]


def frequencies(found):
    """Upward passages through the middle, a tenth of the swing below it between two of them, per sample."""
    per_sample = []
    for x in found.T:
        middle, reach = (x.max() + x.min()) / 2, 0.1 * np.ptp(x)
        up, times = (x[:-1] < middle) & (x[1:] >= middle), []
        low = np.flatnonzero(x < middle - reach)
        for i in np.flatnonzero(up):
            armed = not times or np.searchsorted(low, times[-1]) != np.searchsorted(low, i + 1)
            if armed:
                times.append(i + (middle - x[i]) / (x[i + 1] - x[i]))
        per_sample.append((len(times) - 1) / (times[-1] - times[0]) if len(times) > 2 else np.nan)
    return np.array(per_sample)


def places(values, measure):
    """Where along the bank the measure passes half of its range."""
    half = (measure.min() + measure.max()) / 2
    at = np.flatnonzero((measure[1:] - half) * (measure[:-1] - half) < 0)
    part = (half - measure[at]) / (measure[at + 1] - measure[at])
    return values[at] + part * (values[at + 1] - values[at])


def assert_close(found, wanted, scale=None):
    error = np.abs(found - wanted) / (np.abs(wanted) if scale is None else scale)
    assert found.shape == wanted.shape
    assert error.size == 0 or error.max() < CLOSE, f"{error.max():.4f} off"


@pytest.mark.parametrize(("kind", "regime"), list(cases()))
def test_physics_of_the_default_method(kind, regime):
    found, wanted = series(kind, regime, kind.default_method), series(kind, regime, "rk4", FINER)
    along = max(np.abs(regime.values).max() / 10, np.ptp(regime.values))  # an edge near zero has no relative place
    if regime.shows == "course":
        assert np.ptp(wanted) > 0
        assert_close(found, wanted, np.maximum(np.ptp(wanted, axis=0), 1e-9))
        return
    measure = (lambda x: x.mean(0)) if regime.shows == "levels" else (lambda x: np.ptp(x, axis=0))
    have, want = measure(found), measure(wanted)
    assert_close(places(regime.values, have), places(regime.values, want), along)
    if regime.shows == "levels":
        assert_close(have, want, np.abs(want).max())
    if regime.shows == "cycles":
        swinging = want > 0.8 * want.max()
        assert_close(have[swinging], want[swinging])
        rate, true = frequencies(found[:, swinging]), frequencies(wanted[:, swinging])
        counted = np.isfinite(true)
        assert_close(rate[counted], true[counted])


def test_every_model_has_a_regime():
    assert REGIMES.keys() == catalogue().keys()


def test_a_first_order_method_is_seen():
    """The comparison can fail: what was the default once."""
    kind, regime = catalogue()["WilsonCowanStep"], REGIMES["WilsonCowanStep"][0]
    found, wanted = series(kind, regime, "exp_euler"), series(kind, regime, "rk4")
    with pytest.raises(AssertionError):
        assert_close(np.ptp(found, axis=0)[8:12], np.ptp(wanted, axis=0)[8:12])
