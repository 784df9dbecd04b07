"""Figures of the papers, with the methods and, where it is not named, the time step as shipped."""

import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

import brainmass as bm
from tests.models.regimes import PAPER
from tests.models.test_methods import frequencies

pytestmark = pytest.mark.usefixtures("x64")

slow = pytest.mark.slow


def bare(value):
    return np.asarray(getattr(value, "mantissa", value), float)


def run(node, dt, duration, monitors=None, **options):
    return bare(bm.Simulator(node, dt=dt).run(duration, monitors=monitors, seed=0, progress=False, **options)["output"])


# -- Jansen & Rit 1995; Grimbert & Faugeras 2006 ----------------------------------------------------------------------


def column(p, seconds, begin=None):
    """The EEG after p Hz was reached from ``begin`` within 4 s, in mV, its last 5 s."""
    p = np.asarray(p, float)
    start = p if begin is None else begin

    def drive(i, t):
        return p + (start - p) * jnp.maximum(0.0, 1.0 - t / (4000.0 * u.ms))

    node = bm.JansenRitStep(len(p))
    return run(node, 0.1, 1000.0 * seconds, inputs={"E_inp": drive}, transient=1000.0 * (seconds - 5))


def test_jansen_rit_makes_alpha_at_220_hz():
    eeg = column([220.0], 9)
    assert abs(np.ptp(eeg) / 2.95 - 1) < 0.01
    assert abs(frequencies(eeg)[0] * 10_000 / 10.95 - 1) < 0.01


def test_jansen_rit_leaves_rest_at_the_saddle_node():
    """113.58 Hz."""
    swing = np.ptp(column([113.0, 114.0], 8), axis=0)
    assert swing[0] < 0.5
    assert swing[1] > 5


@slow
def test_jansen_rit_stops_at_its_hopf_points():
    """89.83 and 315.70 Hz: what remains 36 s after the drive came there from 220 Hz."""
    p = [86.0, 88.0, 90.0, 92.0, 314.0, 316.0, 318.0, 330.0]
    swing = np.ptp(column(p, 40, 220.0), axis=0)
    np.testing.assert_allclose(swing, [0.15, 0.28, 0.46, 0.66, 0.58, 0.37, 0.21, 0.003], rtol=0.05, atol=0.006)


# -- Wilson & Cowan 1972 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", [0.1, 0.05])
def test_wilson_cowan_oscillates_for_drives_from_1_08_to_1_92(dt):
    drives = np.arange(0.96, 3.6, 0.04)
    node = bm.WilsonCowanStep(len(drives), **PAPER)
    found = run(node, dt, 1000.0, inputs={"rE_inp": lambda i, t: drives}, transient=800.0)
    swing = np.ptp(found, axis=0)
    moving = drives[swing > 2e-3]
    assert 1.07 < moving.min() < 1.13  # long periods at the very edge
    assert 1.91 < moving.max() < 1.93
    assert abs(swing[np.argmin(np.abs(drives - 1.24))] / 0.171 - 1) < 0.01


def test_the_bifurcation_diagram_shows_what_a_run_does():
    """Of the same object, at the same step."""
    node, drives = bm.WilsonCowanStep(1, **PAPER), np.linspace(0.9, 2.3, 29)
    ax = bm.viz.plot_bifurcation(node, "rE_inp", drives, starts=1, duration=1000.0, dt=0.1)
    drawn = {line.get_label(): np.array(line.get_xydata()) for line in ax.lines}
    found = run(
        bm.WilsonCowanStep(len(drives), **PAPER), 0.1, 1000.0, inputs={"rE_inp": lambda i, t: drives}, transient=500.0
    )
    top, moving = drawn["maximum"], drives[np.ptp(found, axis=0) > 2e-3]
    assert abs(top[:, 0].min() - moving.min()) < 1e-6
    assert abs(top[:, 0].max() - moving.max()) < 1e-6
    for drive in moving[2:-4]:
        highest = top[np.isclose(top[:, 0], drive), 1].max()
        assert abs(highest / found[:, np.argmin(np.abs(drives - drive))].max() - 1) < 0.01


# -- Montbrió, Pazó & Roxin 2015 --------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:dt=0.1 ms is 10 times")
@pytest.mark.parametrize("dt", [0.01, 0.1])
def test_montbrio_keeps_its_high_state_until_the_fold(dt):
    """-5.7435, from above; and leaves the low one at -3.1361."""
    eta = np.array([-5.80, -5.76, -5.73, -5.70])
    high = run(bm.MontbrioPazoRoxinStep(4, eta=eta, init_r=0.78, init_v=-0.2), dt, 300.0, transient=299.0)[-1]
    assert (high > 0.5).tolist() == [False, False, True, True]
    eta = np.array([-3.2, -3.15, -3.12, -3.05])
    low = run(bm.MontbrioPazoRoxinStep(4, eta=eta, init_r=0.08, init_v=-1.9), dt, 300.0, transient=299.0)[-1]
    assert (low > 0.5).tolist() == [False, False, True, True]


def test_montbrio_rings_as_its_focus():
    """Eigenvalue -0.309 ± 3.319i per ms at eta = -5."""
    r = run(bm.MontbrioPazoRoxinStep(1, init_r=1.032, init_v=-0.154), 0.01, 60.0)[:, 0]
    away = r - r[-1]
    peaks = np.flatnonzero((away[1:-1] > away[:-2]) & (away[1:-1] >= away[2:]))[:5] + 1
    assert abs(2 * np.pi / (np.diff(peaks).mean() * 0.01) / 3.319 - 1) < 0.01
    assert abs(np.polyfit(peaks * 0.01, np.log(away[peaks]), 1)[0] / -0.309 - 1) < 0.01


@pytest.mark.filterwarnings("ignore:dt=0.1 ms is 10 times")
@pytest.mark.parametrize("dt", [0.01, 0.1])
def test_montbrio_remembers_a_step_of_current(dt):
    node = bm.MontbrioPazoRoxinStep(1, init_r=0.08, init_v=-1.96)
    current = np.where(np.arange(round(100 / dt)) * dt < 30.0, 3.0, 0.0)[:, None]
    r = run(node, dt, 100.0, inputs={"v_inp": current})[:, 0]
    assert abs(r[-1] / 1.031 - 1) < 0.01


# -- Deco et al. 2014 -------------------------------------------------------------------------------------------------


def brain(J, G):
    conn = bm.datasets.load_dataset("synthetic_80")
    return bm.Network(bm.WongWangExcInhStep(80, G=G, J_i=J), conn=conn.weights, coupled_var="S_e")


def test_a_region_alone_fires_at_3_hz():
    rate = run(bm.WongWangExcInhStep(1), 0.5, 4000.0, "H_e", transient=3990.0)
    assert abs(rate[-1, 0] / 3.0631 - 1) < 0.01


@slow
def test_rates_of_a_network_rise_with_g():
    rates = [run(brain(np.ones(80), G), 1.0, 5000.0, "H_e", transient=4000.0).mean() for G in (0.25, 0.5, 1.0, 2.0)]
    np.testing.assert_allclose(rates, [4.1, 7.5, 21.0, 48.0], rtol=0.03)


@slow
@pytest.mark.parametrize("G", [0.5, 1.0])
def test_feedback_inhibition_restores_3_hz(G):
    """With the J of each region that its balance asks for, in closed form."""
    conn = bare(bm.datasets.load_dataset("synthetic_80").weights)
    x_e = 125 / 310 - 0.026
    S_e = (h := 0.641e-3 * 100.0 * 3.0631) / (1 + h)

    def balance(S_i):
        x = 0.15 * S_e - S_i + 0.7 * 0.382
        return S_i - 0.01 * (615 * x - 177) / (1 - np.exp(-0.087 * (615 * x - 177)))

    S_i = optimize.brentq(balance, 0.0, 0.2)
    J = (1.4 * 0.15 * S_e + 0.382 + G * 0.15 * S_e * conn.sum(1) - x_e) / S_i
    rates = run(brain(J, G), 1.0, 6000.0, "H_e", transient=5900.0)[-1]
    np.testing.assert_allclose(rates, 3.0631, rtol=0.02)


# -- Wong & Wang 2006 -------------------------------------------------------------------------------------------------


@slow
def test_wong_wang_decides_better_and_faster_with_coherence():
    """200 trials of each coherence; the first rate above 15 Hz, averaged over 50 ms, decides."""
    levels, n, dt = np.array([0, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 85.0]) / 100, 200, 0.5
    coherence = np.repeat(levels, n)
    noise = {f"noise_s{i}": bm.OUProcess(len(coherence), sigma=0.02 * u.nA, tau=2.0) for i in (1, 2)}
    node = bm.WongWangStep(len(coherence), mu_0=0.0, init_S1=0.1, init_S2=0.1, **noise)
    sim = bm.Simulator(node, dt=dt)
    sim.run(500.0, seed=1, progress=False)
    node.mu_0 = 30.0 * u.Hz
    monitors = {r: bm.TemporalAverage(r, 50.0) for r in ("r1", "r2")}
    found = sim.run(
        2500.0, monitors=monitors, inputs={"coherence": lambda i, t: coherence}, init_states=False, progress=False
    )
    above = np.stack([bare(found[r]) > 15.0 for r in ("r1", "r2")])
    first = np.where(above.any(1), above.argmax(1), 10_000)
    decided, right = (first.min(0) < 10_000), first[0] < first[1]
    correct = [right[(coherence == c) & decided].mean() for c in levels]
    times = [50.0 * (first.min(0)[(coherence == c) & decided].mean() + 0.5) for c in levels]
    assert decided.mean() > 0.9
    np.testing.assert_allclose(correct, [0.51, 0.62, 0.72, 0.82, 0.98, 1.0, 1.0, 1.0], atol=0.13)
    np.testing.assert_allclose(times, [616, 631, 599, 545, 468, 340, 230, 164], rtol=0.15)
    rise = 1 - 0.5 * np.exp(-((levels[1:] / 0.06) ** 1.1))
    np.testing.assert_allclose(correct[1:], rise, atol=0.13)


# -- Kuramoto 1975 ----------------------------------------------------------------------------------------------------


@slow
def test_kuramoto_order_rises_as_the_root_beyond_its_onset():
    """Lorentzian frequencies of half-width gamma, all to all: r = sqrt(1 - 2 gamma / K)."""
    n, gamma, ratios = 400, 0.05, np.array([0.5, 1.5, 2.0, 4.0])
    omega = gamma * np.tan(np.pi * ((np.arange(n) + 0.5) / n - 0.5))
    net = bm.Network(bm.KuramotoStep(n, omega=omega), conn=np.ones((n, n)) / n, coupling="kuramoto")
    found = bm.Simulator(net, dt=0.2).run(
        2000.0, transient=1200.0, values={"k": 2 * gamma * ratios}, seed=0, sample_every=25, progress=False
    )
    order = np.abs(np.exp(1j * bare(found["output"])).mean(-1)).mean(0)
    assert order[0] < 0.1
    np.testing.assert_allclose(order[1:], np.sqrt(1 - 1 / ratios[1:]), atol=0.015)


# -- Jirsa et al. 2014 ------------------------------------------------------------------------------------------------


@slow
def test_epileptor_has_seizures_above_its_threshold_and_at_their_times():
    x0 = np.array([-2.4, -2.07, -2.06, -1.6])
    x1 = run(bm.EpileptorStep(4, x0=x0), 0.05, 6000.0, "x1")
    late = x1[50_000:]
    assert (late.max(0) > 0).tolist() == [False, False, True, True]
    active = np.flatnonzero(x1[:, 3] > -0.2) * 0.05
    gaps = np.flatnonzero(np.diff(active) > 300.0)
    onsets, ends = active[np.r_[0, gaps + 1]], active[np.r_[gaps, -1]]
    np.testing.assert_allclose(onsets[:3], [505, 2439, 4373], atol=110)  # found there in windows of 100 ms
    np.testing.assert_allclose(np.diff(onsets[:3]), [1934, 1934], rtol=0.005)
    np.testing.assert_allclose(np.diff(ends[:3]), [1934, 1934], rtol=0.005)


# -- Friston et al. 2003 ----------------------------------------------------------------------------------------------


def test_balloon_settles_where_its_equations_say():
    z = np.array([0.0, 0.05, 0.1, 0.2, 0.3, 0.5])
    node = bm.monitors.balloon.Balloon(len(z))
    y = run(node, 10.0, 60_000.0, "bold", inputs={"z": lambda i, t: z}, transient=59_900.0)[-1]
    rho, alpha = 0.34, 0.32
    f = 1 + z / 0.41
    v = f**alpha
    q = v * (1 - (1 - rho) ** (1 / f)) / rho
    np.testing.assert_allclose(y, 0.02 * (2.38 * (1 - q) + 2 * (1 - q / v) + 0.48 * (1 - v)), atol=2e-6)


# -- Cakan & Obermayer 2020 -------------------------------------------------------------------------------------------


@slow
@pytest.mark.filterwarnings("ignore:dt=0.1 ms is")
@pytest.mark.parametrize("dt", [0.1, 0.025])
def test_aln_is_in_the_published_state_at_each_point(dt):
    mue, mui = [1.2, 1.3, 2.05, 1.52, 3.4, 4.0, 3.8], [1.2, 0.5, 1.7, 0.84, 1.2, 1.8, 2.0]
    adapting = np.array([0, 0, 0, 1, 1, 1, 1.0])
    node = bm.ALNStep(7, mue_ext=mue, mui_ext=mui, a=15 * adapting, b=40 * adapting)
    steps = round(500 / dt)
    for kick, bistable in ((-2.0, 0.6), (2.0, 28.2)):
        current = np.r_[np.full(steps, kick), np.zeros(9 * steps)]
        rates = 1000 * run(
            node, dt, 5000.0, inputs={"mue_inp": current}, transient=2000.0, sample_every=round(0.5 / dt)
        )
        low, high = rates.min(0), rates.max(0)
        np.testing.assert_allclose(high[[0, 2, 3, 6]], [0.3, bistable, 0.0, 0.6], atol=0.06 if kick < 0 else 0.4)
        np.testing.assert_allclose(low[[1, 4, 5]], [2.5, 0.2, 0.1], atol=0.3)
        np.testing.assert_allclose(high[[1, 4, 5]], [39.2, 19.5, 33.1], rtol=0.06)  # of Euler's method at 0.1 ms
        np.testing.assert_allclose(2000 * frequencies(rates)[[1, 4, 5]], [22.2, 16.6, 2.75], rtol=0.02)
