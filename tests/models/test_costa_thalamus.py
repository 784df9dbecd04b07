"""The thalamus of Schellenberger Costa et al. (2016): spindles, delta, closed forms of its gates and synapses."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")

MODEL = bm.CostaThalamusStep
field = jax.jit(MODEL(1).bare_drift)
ASLEEP = dict(init_h_T_t=0.0, init_h_T_r=0.0, init_m_h1=0.0, init_m_h2=0.0)


def slopes(**at):
    """The drift at default values but for ``at``."""
    declared = MODEL.declarations(bm.Variable).items()
    s = {n: np.array([at.get(n, u.get_mantissa(d.value))]) for n, d in declared}
    return {n: float(x[0]) for n, x in field(s, MODEL(1).bare_parameters(), {}).items()}


def potential(seconds, **parameters):
    """V_t after the first three seconds, every ms."""
    node = MODEL(1, **ASLEEP, **parameters)
    run = bm.Simulator(node, dt=0.1).run(1000.0 * seconds, monitors="V_t", transient=3000.0)
    return np.asarray(run["output"].mantissa)[9::10, 0]


def peak(V):
    """The frequency of the largest power, in Hz."""
    power = np.abs(np.fft.rfft(V - V.mean())) ** 2
    return np.fft.rfftfreq(len(V), 1e-3)[power.argmax()]


def test_fast_spindles_wax_and_wane():
    """12-15 Hz (abstract of the paper), in bursts that calcium ends through the h-channels."""
    V = potential(14.0)
    assert 12.0 < peak(V) < 15.0
    height = np.ptp(V.reshape(-1, 500), axis=1)
    loud = height > 8.0
    assert height.min() < 2.0
    assert 1 <= np.sum(loud[1:] & ~loud[:-1]) <= 3


def test_without_h_channels_it_bursts_in_delta():
    V = potential(6.0, g_h=0.0, g_LK=0.033)
    assert 1.0 < peak(V) < 5.0
    assert np.ptp(V) > 100.0


def test_strong_h_current_silences_it():
    assert np.ptp(potential(8.0, g_h=0.1, g_LK=0.01)[-2000:]) < 0.5


def test_half_open_gates():
    """At its half potential a gate is drawn to one half; calcium locks half where k1 Ca^4 = k2."""
    assert slopes(V_t=-81.0, h_T_t=0.5)["h_T_t"] == 0.0
    assert slopes(V_r=-80.0, h_T_r=0.5)["h_T_r"] == 0.0
    half = (4e-4 / 2.5e7) ** 0.25
    ratio = 0.1 * 0.5 / 0.001  # m_h2 / m_h1 = k3 P / k4
    m_h1 = 0.5 / (1.0 + 0.5 * ratio)  # m_h1 = m (1 - m_h2), m = 1/2 at -75 mV
    found = slopes(V_t=-75.0, Ca=half, m_h1=m_h1, m_h2=ratio * m_h1)
    np.testing.assert_allclose([found["m_h1"], found["m_h2"]], 0.0, atol=1e-15)
    assert slopes(V_t=-75.0, Ca=1.1 * half, m_h1=m_h1, m_h2=ratio * m_h1)["m_h2"] > 1e-5


def test_cortical_spikes_are_filtered_by_an_alpha_function():
    """A pulse of area 1 gives γ² t exp(−γ t) on the relay cells, whatever they do."""
    node = MODEL(1)
    dt, gamma = 0.01, 0.07
    run = bm.Simulator(node, dt=dt).run(
        100.0, monitors="s_et", inputs={"s_et_inp": lambda i, t: jnp.where(i == 0, 1.0 / dt, 0.0)}
    )
    t = np.arange(1, 10001) * dt
    np.testing.assert_allclose(run["output"].mantissa[:, 0], gamma**2 * t * np.exp(-gamma * t), atol=1e-4)


def test_synapses_carry_the_rates_of_the_other_population():
    """Half the maximal rate at the threshold; N_rt Q_t reaches r, N_tr Q_r reaches t, N_rr Q_r stays."""
    at_rest = slopes(V_t=-58.5, V_r=-58.5)
    np.testing.assert_allclose(at_rest["x_er"], 0.07**2 * 3.0 * 0.2)
    np.testing.assert_allclose(at_rest["x_gt"], 0.1**2 * 5.0 * 0.2)
    np.testing.assert_allclose(at_rest["x_gr"], 0.1**2 * 25.0 * 0.2)
    assert at_rest["x_et"] == 0.0
