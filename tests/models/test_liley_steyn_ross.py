"""The cortex of Liley et al.: three states under anaesthetics, postsynaptic potentials, chaos."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")

FULL, SLAVED = bm.LileyStep, bm.LileySteynRossStep
HIGH = np.linspace(-89.99, -15.0, 4000)
field = jax.jit(SLAVED(HIGH.size).bare_drift)


def parameters(model, **values):
    return {n: jnp.asarray(float(np.ravel(v)[0])) for n, v in (model(1).bare_parameters() | values).items()}


def nullcline(p):
    """h_i where excitatory cells stay at each h_e (inhibition falls on them monotonically), and the slope of h_i."""
    low, high = np.full(HIGH.size, -200.0), np.full(HIGH.size, 100.0)
    for _ in range(60):
        middle = 0.5 * (low + high)
        rising = np.asarray(field({"h_e": HIGH, "h_i": middle}, p, {})["h_e"]) > 0.0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    slopes = field({"h_e": HIGH, "h_i": low}, p, {})
    return low, np.where(np.abs(slopes["h_e"]) < 1e-6, slopes["h_i"], np.nan)


def equilibria(lamda):
    """(h_e, h_i) of each, coarse."""
    h_i, slope = nullcline(parameters(SLAVED, lamda=lamda))
    crossed = np.flatnonzero(slope[1:] * slope[:-1] < 0)
    return [(HIGH[i], h_i[i]) for i in crossed]


def test_anaesthetic_leads_from_seizure_over_two_states_to_coma():
    """The regions III, II and I of Steyn-Ross et al. (1999): one high state, three of which two are stable, one low."""
    (seizure,), conscious, (coma,) = equilibria(0.2), equilibria(1.0), equilibria(1.6)
    assert seizure[0] > -30.0
    assert coma[0] < -85.0
    assert len(conscious) == 3
    p = parameters(SLAVED)
    stable = []
    for h_e, h_i in conscious:
        s = {"h_e": jnp.array([h_e]), "h_i": jnp.array([h_i])}
        jacobian = jax.jacfwd(lambda s: SLAVED(1).bare_drift(s, p, {}))(s)
        matrix = np.array([[jacobian[a][b].ravel()[0] for b in s] for a in s])
        stable.append(bool(np.all(np.linalg.eigvals(matrix).real < 0)))
    assert stable == [True, False, True]


@pytest.mark.parametrize(("low", "high", "fold"), [(0.2, 0.5, 0.2816), (1.4, 1.6, 1.5334)])
def test_folds(low, high, fold):
    """Where the three states begin and end; without Euler's number in the synapses, at 0.3286 and 1.5234."""
    inside = len(equilibria(low)) == 3
    for _ in range(9):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if (len(equilibria(middle)) == 3) == inside else (low, middle)
    np.testing.assert_allclose(low, fold, atol=2e-3)


@pytest.mark.parametrize("lamda", [0.5, 1.0, 1.7])
def test_slow_and_slaved_synapses_have_the_same_equilibria(lamda):
    """At any potentials: with the synapses and fields at rest the somas of both models move alike."""
    rng = np.random.default_rng(0)
    h = {"h_e": rng.uniform(-88, -45, 7), "h_i": rng.uniform(-88, -45, 7)}
    full, slaved = parameters(FULL, lamda=lamda), parameters(SLAVED, lamda=lamda)
    S_e, S_i = 1 / (1 + np.exp(-0.28 * (h["h_e"] + 60))), 1 / (1 + np.exp(-0.14 * (h["h_i"] + 60)))
    own, spread = np.e * 0.18 / 0.3, lamda * np.e * 0.37 / 0.065
    s = {n: np.zeros(7) for n in FULL.declarations(bm.Variable)} | h
    s |= {"phi_ee": 4000 * (S_e + 0.01), "phi_ei": 2000 * (S_e + 0.01)}
    s |= {"I_ee": own * (3034 * S_e + s["phi_ee"] + 1.1), "I_ei": own * (3034 * S_e + s["phi_ei"] + 1.6)}
    s |= {"I_ie": spread * (536 * S_i + 1.6), "I_ii": spread * (536 * S_i + 1.1)}
    found = FULL(7).bare_drift(s, full, {"phi_inp": 0.01})
    wanted = SLAVED(7).bare_drift(h, slaved, {"phi_inp": 0.01})
    for n in s:
        np.testing.assert_allclose(found[n], wanted.get(n, 0.0), rtol=1e-10, atol=1e-9, err_msg=n)


@pytest.mark.parametrize(("slope", "peak", "rate", "lamda"), [("J_ee", 0.18, 0.3, 1.5), ("J_ii", 0.37, 0.065, 1.5)])
def test_a_spike_gives_a_potential_of_the_declared_peak(slope, peak, rate, lamda):
    """γ G e t exp(−γ t): peak G after 1/γ. The anaesthetic prolongs inhibition alone and leaves its peak."""
    rate = rate / (lamda if slope == "J_ii" else 1.0)
    silent = dict(S_e_max=0.0, S_i_max=0.0, p_ee=0.0, p_ei=0.0, p_ie=0.0, p_ii=0.0, lamda=lamda)
    node = FULL(1, method="rk4", **silent, **{f"init_{slope}": np.e * peak * rate})
    run = bm.Simulator(node, dt=0.1).run(60.0, monitors=slope.replace("J", "I"))["output"].mantissa[:, 0]
    np.testing.assert_allclose(run.max(), peak, rtol=1e-4)
    np.testing.assert_allclose(0.1 * (run.argmax() + 1), 1.0 / rate, atol=0.1)


def growth(p, seconds=5):
    """The largest Lyapunov exponent per second, after one second."""
    names, dt = list(FULL.declarations(bm.Variable)), 0.1

    def slope(y):
        found = FULL(1).bare_drift(dict(zip(names, y[:, None], strict=True)), p, {})
        return jnp.stack([found[n][0] for n in names])

    def rk4(y):
        a = slope(y)
        b = slope(y + 0.5 * dt * a)
        c = slope(y + 0.5 * dt * b)
        return y + dt / 6 * (a + 2 * b + 2 * c + slope(y + dt * c))

    def step(carry, _):
        y, direction = jax.jvp(rk4, carry[:1], carry[1:])
        size = jnp.linalg.norm(direction)
        return (y, direction / size), jnp.log(size)

    begin = jnp.zeros(len(names)).at[:2].set(-68.0)
    _, logs = lax.scan(step, (begin, jnp.full(len(names), 0.1)), length=int((seconds + 1) * 1000 / dt))
    return logs[int(1000 / dt) :].sum() / seconds


def test_chaos_without_distant_excitation():
    """Chaotic at the parameters of Dafilis et al. 2009 (Physica D 238, 1056), calm without their subcortical spikes.

    The parameters are those that the Brain Dynamics Toolbox lists for the paper.
    """
    p = parameters(
        FULL, N_a_ee=0.0, N_a_ei=0.0, p_ie=0.0, p_ii=0.0, tau_e=98.0, tau_i=34.0, S_e_max=0.5, S_i_max=0.5,
        theta_e=-49.0, theta_i=-41.0, g_e=2**0.5 / 4.75, g_i=2**0.5 / 5.25,
        gamma_e=1 / 0.99, gamma_i=1 / 7.06, G_e=1.22, G_i=3.6,
    )  # fmt: skip
    both = jax.jit(jax.vmap(lambda p_ee, p_ei: growth({**p, "p_ee": p_ee, "p_ei": p_ei})))
    chaotic, calm = both(jnp.array([9.43, 0.0]), jnp.array([8.742, 0.0]))
    assert 2.0 < chaotic < 7.0
    assert calm < -1.0
