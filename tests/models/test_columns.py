"""Zetterberg–Jansen, Wendling, Zerlaut and HORN: limits that are other models."""

import jax
import numpy as np
import pytest
from scipy import linalg, optimize

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")

RNG = np.random.default_rng(0)


def test_without_fast_inhibition_it_is_jansen_rit():
    wendling, plain = bm.WendlingStep(5, G=0.0), bm.JansenRitStep(5)
    s = {n: RNG.uniform(0, 1, 5) for n in wendling.declarations(bm.Variable)} | {"F": np.zeros(5), "Fv": np.zeros(5)}
    found = wendling.bare_drift(s, wendling.bare_parameters(), {"E_inp": 30.0})
    names = ("M", "E", "I", "Mv", "Ev", "Iv")
    wanted = plain.bare_drift({n: s[n] for n in names}, plain.bare_parameters(), {"E_inp": 120.0})
    for n in names:
        np.testing.assert_allclose(found[n], wanted[n], rtol=1e-12)
    np.testing.assert_allclose(found["Fv"], 0.0)


def test_without_recurrent_inhibition_zetterberg_is_jansen_rit():
    """The inhibitory cells then follow the pyramidal ones through one synapse, as in Jansen & Rit (1995)."""
    column = bm.ZetterbergJansenStep(1, gamma_5=0.0, gamma_1T=0.0, gamma_3T=0.0, P=0.15)
    plain = bm.JansenRitStep(1)
    for values in ({}, {"M": 0.1, "E": 9.0, "I": 4.0}):
        M, E, I = (values.get(n, 0.0) for n in "MEI")
        ours = {"v1": 135.0 * M, "v2": E, "v3": I, "v4": 33.75 * M}
        s = {n: np.array([ours.get(n, 0.0)]) for n in column.declarations(bm.Variable)}
        found = column.bare_drift(s, column.bare_parameters(), {"v6_inp": -1e3})
        theirs = {"M": M, "E": E, "I": I, "Mv": 0.0, "Ev": 0.0, "Iv": 0.0}
        wanted = plain.bare_drift(
            {n: np.array([v]) for n, v in theirs.items()}, plain.bare_parameters(), {"E_inp": 150.0}
        )
        per_ms = 1e-3  # Jansen–Rit's velocities are per second
        np.testing.assert_allclose(found["y1"], 135.0 * per_ms * wanted["Mv"], rtol=1e-10)
        np.testing.assert_allclose(found["y2"], per_ms * wanted["Ev"], rtol=1e-10)
        np.testing.assert_allclose(found["y3"], per_ms * wanted["Iv"], rtol=1e-10)
        np.testing.assert_allclose(found["y4"], 33.75 * per_ms * wanted["Mv"], rtol=1e-10)


def test_the_second_order_is_the_first_with_its_curvature():
    """T dν/dt gains half the trace of covariance times curvature (by differences of the first-order slopes)."""
    first, second = bm.ZerlautFirstOrderStep(1), bm.ZerlautSecondOrderStep(1)
    p = first.bare_parameters()
    slope = jax.jit(lambda s: first.bare_drift(s, p, {}))

    def transfers(E, I):
        s = {"E": np.array([E]), "I": np.array([I]), "W": np.array([30.0])}
        return np.array([20.0 * slope(s)[n][0] + s[n][0] for n in "EI"])

    E, I, h = 0.01, 0.012, 2e-5
    ee, ei, ii = 2e-5, -1e-5, 3e-5
    here = transfers(E, I)
    by_ee = (transfers(E + h, I) - 2 * here + transfers(E - h, I)) / h**2
    by_ii = (transfers(E, I + h) - 2 * here + transfers(E, I - h)) / h**2
    corners = transfers(E + h, I + h) - transfers(E + h, I - h) - transfers(E - h, I + h) + transfers(E - h, I - h)
    wanted = here - [E, I] + 0.5 * ee * by_ee + ei * corners / (4 * h**2) + 0.5 * ii * by_ii
    values = {"E": E, "I": I, "C_ee": ee, "C_ei": ei, "C_ii": ii, "W": 30.0}
    found = second.bare_drift({n: np.array([v]) for n, v in values.items()}, second.bare_parameters(), {})
    np.testing.assert_allclose([20.0 * found[n][0] for n in "EI"], wanted, rtol=1e-4)
    by_e = (transfers(E + h, I) - transfers(E - h, I)) / (2 * h)
    by_i = (transfers(E, I + h) - transfers(E, I - h)) / (2 * h)
    finite = here * (1 / 20.0 - here) / [8000.0, 2000.0]
    C_ee = finite[0] + (here[0] - E) ** 2 + 2 * (ee * by_e[0] + ei * by_i[0]) - 2 * ee
    C_ii = finite[1] + (here[1] - I) ** 2 + 2 * (ei * by_e[1] + ii * by_i[1]) - 2 * ii
    C_ei = (here[0] - E) * (here[1] - I) + ee * by_e[1] + ei * (by_i[1] + by_e[0]) + ii * by_i[0] - 2 * ei
    for name, value in (("C_ee", C_ee), ("C_ei", C_ei), ("C_ii", C_ii)):
        np.testing.assert_allclose(20.0 * found[name][0], value, rtol=1e-4)


def test_covariances_at_equilibrium_are_those_of_linear_noise():
    """Where rates rest, J C + C Jᵀ + D = 0 with the Jacobian J of the rates and D the noise of finitely many cells."""
    first, second = bm.ZerlautFirstOrderStep(1), bm.ZerlautSecondOrderStep(1)
    p, names = first.bare_parameters(), ("E", "I", "W")

    def field(x):
        slopes = first.bare_drift({n: x[i : i + 1] for i, n in enumerate(names)}, p, {})
        return jax.numpy.concatenate([slopes[n] for n in names])

    slope, jacobian = jax.jit(field), jax.jit(jax.jacfwd(field))
    found = optimize.root(slope, [0.0015, 0.009, 75.0], jac=jacobian, tol=1e-14).x
    np.testing.assert_allclose(found, [0.0015, 0.009, 75.0], rtol=0.1)  # the initial values of the second order
    J, rates = np.asarray(jacobian(found))[:2, :2], found[:2]
    C = linalg.solve_continuous_lyapunov(J, -np.diag(rates * (1 / 20.0 - rates) / [8000.0, 2000.0] / 20.0))
    values = dict(zip(names, found, strict=True)) | {"C_ee": C[0, 0], "C_ei": C[0, 1], "C_ii": C[1, 1]}
    slopes = second.bare_drift({n: np.array([v]) for n, v in values.items()}, second.bare_parameters(), {})
    for n in ("C_ee", "C_ei", "C_ii"):
        np.testing.assert_allclose(slopes[n], 0.0, atol=1e-10 * values[n])


def test_horn_rings_at_its_damped_frequency():
    """Undriven: x decays as exp(−γ t) cos(√(ω² − γ²) t), to first order in dt."""
    run = bm.Simulator(bm.HORNStep(1, x_init=1.0), dt=0.01).run(60.0, monitors="x")
    t, omega, gamma = (
        np.asarray(run["ts"].mantissa if hasattr(run["ts"], "mantissa") else run["ts"]),
        2 * np.pi / 28,
        0.01,
    )
    damped = np.sqrt(omega**2 - gamma**2)
    wanted = np.exp(-gamma * t) * (np.cos(damped * t) + gamma / damped * np.sin(damped * t))
    np.testing.assert_allclose(run["output"][:, 0], wanted, atol=3e-3)
