"""Exact mean fields: Montbrió–Pazó–Roxin equilibria and folds, and what the others have in common with it."""

import jax
import numpy as np
import pytest
from scipy import optimize

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")


def field_of(node):
    """Slopes (per ms) of a state vector in declared order, and their Jacobian, at given parameters."""
    names, default = list(node.declarations(bm.Variable)), node.bare_parameters()

    def field(x, parameters):
        slopes = node.bare_drift({n: x[i : i + 1] for i, n in enumerate(names)}, default | parameters, {})
        return jax.numpy.concatenate([slopes[n] for n in names])

    return jax.jit(field), jax.jit(jax.jacfwd(field))


def rates(eta, J, delta=1.0):
    """The equilibrium rates: with v = −Δ/(2πr), the positive roots of (Δ/2π)² + η r² + J r³ − π² r⁴."""
    roots = np.roots([-(np.pi**2), J, eta, 0.0, (delta / (2 * np.pi)) ** 2])
    return np.sort(roots[(np.abs(roots.imag) < 1e-9) & (roots.real > 0)].real)


def folds(eta, delta=1.0):
    """J where two of these roots meet: J(r) = (π² r⁴ − η r² − (Δ/2π)²)/r³ has an extremum in r."""
    extrema = np.roots([np.pi**2, 0.0, eta, 0.0, 3 * (delta / (2 * np.pi)) ** 2])
    at = np.sort(extrema[(np.abs(extrema.imag) < 1e-9) & (extrema.real > 0)].real)
    return at, (np.pi**2 * at**4 - eta * at**2 - (delta / (2 * np.pi)) ** 2) / at**3


@pytest.mark.parametrize(("eta", "J"), [(-5.0, 15.0), (-5.0, 12.0), (-10.0, 25.0), (1.0, -5.0)])
def test_equilibria_of_montbrio_pazo_roxin(eta, J):
    node = bm.MontbrioPazoRoxinStep(1, tau=7.0)
    field, jacobian = field_of(node)
    found = rates(eta, J)
    assert len(found) == (3 if J > 12 else 1)
    for i, r in enumerate(found):
        state = np.array([r, -1.0 / (2 * np.pi * r)])
        np.testing.assert_allclose(field(state, {"eta": eta, "J": J}), 0.0, atol=1e-12)
        values = np.linalg.eigvals(jacobian(state, {"eta": eta, "J": J}))
        assert (max(values.real) > 0) == (i == 1)  # a saddle between two stable states


def test_folds_of_montbrio_pazo_roxin():
    _, jacobian = field_of(bm.MontbrioPazoRoxinStep(1))
    at, J = folds(-5.0)
    assert len(J) == 2
    for r, fold in zip(at, J, strict=True):
        state = np.array([r, -1.0 / (2 * np.pi * r)])
        assert abs(np.linalg.det(jacobian(state, {"J": fold}))) < 1e-10
    low, high = min(J), max(J)
    assert [len(rates(-5.0, J)) for J in (low - 0.1, low + 0.1, high - 0.1, high + 0.1)] == [1, 3, 3, 1]


def test_bistable_from_the_two_sides():
    """At the published parameters a quiet and an active state; each keeps what starts near it."""
    quiet, _, active = rates(-5.0, 15.0)
    for start, end in ((0.01, quiet), (1.0, active)):
        node = bm.MontbrioPazoRoxinStep(1, init_r=start, init_v=-1.0 if start < 0.1 else 0.0)
        run = bm.Simulator(node, dt=0.01).run(60.0, monitors="r")
        np.testing.assert_allclose(run["output"][-1, 0], end, rtol=1e-5)


def test_the_rate_is_in_units_of_the_time_constant():
    """With another tau the same trajectory, only slower."""
    ends = [
        bm.Simulator(bm.MontbrioPazoRoxinStep(1, tau=tau, init_r=0.4, init_v=0.1), dt=0.01 * tau).run(tau * 5.0)
        for tau in (1.0, 8.0)
    ]
    np.testing.assert_allclose(ends[0]["output"], ends[1]["output"], rtol=1e-9)


def test_synapses_without_lag_are_the_two_dimensional_model():
    """At g = kπr and q = 0 the slopes of r and v are those of the 2-d model, and g and q rest."""
    values = dict(Delta=0.7, eta=3.0, k=1.3, v_syn=-6.0)
    two, four = bm.CoombesByrneStep(1, **values), bm.CoombesByrne4DStep(1, **values)
    r, v = np.array([0.37]), np.array([-0.9])
    slow = two.bare_drift({"r": r, "v": v}, two.bare_parameters(), {})
    full = four.bare_drift({"r": r, "v": v, "g": 1.3 * np.pi * r, "q": 0 * r}, four.bare_parameters(), {})
    np.testing.assert_allclose([full["r"], full["v"]], [slow["r"], slow["v"]], rtol=1e-13)
    np.testing.assert_allclose([full["g"], full["q"]], 0.0, atol=1e-13)


def test_adaptation_makes_bursts():
    """Spike-frequency adaptation at its default alternates between fast firing and rest, as slow as tau_A."""
    run = bm.Simulator(bm.GastSchmidtKnoscheSFStep(1), dt=0.01).run(400.0, monitors=["r", "A"], transient=200.0)
    rate, adaptation = run["r"][:, 0], run["A"][:, 0]
    assert rate.max() > 10 * rate.min()
    middle = adaptation.mean()
    ups = np.nonzero((adaptation[1:] > middle) & (adaptation[:-1] <= middle))[0] * 0.01
    assert 20.0 < np.diff(ups).mean() < 80.0
    assert np.ptp(np.diff(ups)) < 1.0


@pytest.mark.parametrize("model", ["GastSchmidtKnoscheSDStep", "GastSchmidtKnoscheSFStep"])
def test_without_plasticity_it_is_montbrio_pazo_roxin(model):
    node = getattr(bm, model)(1, alpha=0.0, eta=-5.0, Delta=1.0, J=15.0)
    r, v, zero = np.array([0.6]), np.array([-0.4]), np.zeros(1)
    slopes = node.bare_drift({"r": r, "v": v, "A": zero, "B": zero}, node.bare_parameters(), {})
    plain = bm.MontbrioPazoRoxinStep(1)
    wanted = plain.bare_drift({"r": r, "v": v}, plain.bare_parameters(), {})
    np.testing.assert_allclose([slopes["r"], slopes["v"]], [wanted["r"], wanted["v"]], rtol=1e-13)


def test_equilibrium_of_dumont_gutkin():
    """Both potentials are −Δ/(2πτr); the rest of the equilibrium follows from the two rates."""
    node = bm.DumontGutkinStep(1, J_ee=8.0, J_ie=12.0, eta_e=2.0, eta_i=-1.0)
    field, _ = field_of(node)

    def state(r):
        e, i = r
        V_e, V_i = -1 / (2 * np.pi * 10 * e), -1 / (2 * np.pi * 10 * i)
        return np.array([e, V_e, 8 * e, 10 * i, i, V_i, 12 * e, 15 * i])

    found = optimize.least_squares(
        lambda r: np.asarray(field(state(r), {}))[[1, 5]],
        [0.05, 0.05],
        bounds=(1e-4, 1.0),
        xtol=1e-15,
        ftol=None,
        gtol=None,
    )
    np.testing.assert_allclose(field(state(found.x), {}), 0.0, atol=1e-9)
