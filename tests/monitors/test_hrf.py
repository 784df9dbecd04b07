"""Response functions against their formulas, and BOLD as the convolution with them."""

import brainunit as u
import numpy as np
import pytest
from scipy import stats

import brainmass as bm
from brainmass.monitors.hrf import KERNELS

S = np.array([0.0, 0.3, 1.0, 2.5, 5.0, 11.0, 19.9])


def test_volterra():
    omega = np.sqrt(1 / 0.4 - 1 / (4 * 0.8**2))
    wanted = 5.6 * 0.02 / 3 * np.exp(-S / 1.6) * np.sin(omega * S) / omega
    np.testing.assert_allclose(bm.FirstOrderVolterraHRFKernel()(S * 1e3), wanted, rtol=1e-12)


def test_gamma_is_a_density_scaled_to_its_peak():
    kernel = bm.GammaHRFKernel(tau=1.2, n=4.0, a=0.3)
    density = stats.gamma(4.0, scale=1.2)
    np.testing.assert_allclose(kernel(S * u.second), 0.3 * density.pdf(S) / density.pdf(3 * 1.2), rtol=1e-12)


def test_double_exponential():
    def shape(t):
        first = np.exp(-t / 7.22) * np.sin(2 * np.pi * 0.03 * t)
        return first - np.exp(-t / 7.4) * np.sin(2 * np.pi * 0.12 * t)

    peak = shape(np.linspace(0, 40, 1_000_001)).max()
    np.testing.assert_allclose(bm.DoubleExponentialHRFKernel()(S * 1e3), 0.1 * shape(S) / peak, rtol=1e-6)


def test_mixture_of_gammas():
    wanted = stats.gamma(6.0, scale=1 / 0.9).pdf(S) / 0.9 - 0.4 * stats.gamma(13.0, scale=1 / 0.9).pdf(S) / 0.9
    np.testing.assert_allclose(bm.MixtureOfGammasHRFKernel(l=0.9)(S * 1e3), wanted, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_is_zero_before_and_after(name):
    kernel = type(KERNELS[name])(duration=15.0 * u.second)
    assert (kernel(np.array([-1.0, 15_001.0])) == 0).all()
    assert (kernel(np.array([3000.0, 14_999.0])) != 0).all()


def runs(**options):
    node = bm.HopfStep(3, a=0.1, w=np.array([0.05, 0.1, 0.3]))
    return bm.Simulator(node, dt=0.1).run(1500.0, seed=2, **options)


@pytest.mark.parametrize("tr", [50.0, 40.4])
def test_bold_is_the_convolution(x64, tr):
    kernel = bm.GammaHRFKernel(tau=0.05, duration=0.6)
    result = runs(monitors={"bold": bm.Bold("x", tr=tr, model=kernel), "x": "x"})
    step = max(n for n in range(1, 11) if round(tr * 10) % n == 0)  # of 0.1 ms: a part of tr, 1 ms or less
    z = result["x"][: 15000 // step * step].reshape(-1, step, 3).mean(1)
    width = step * 0.1
    response = kernel((np.arange(int(600 / width)) + 0.5) * width) * width / 1e3
    wanted = np.stack([np.convolve(z[:, i], response)[: len(z)] for i in range(3)], 1)
    every = round(tr / width)
    np.testing.assert_allclose(result["bold"], wanted[every - 1 :: every], rtol=1e-9, atol=1e-15)
    assert np.abs(wanted).max() > 1e-4


def test_chunks_and_a_second_run_change_no_bit():
    bold = bm.Bold("x", tr=70.0, model=bm.GammaHRFKernel(tau=0.05, duration=0.6))
    whole = runs(monitors=bold)["output"]
    np.testing.assert_array_equal(runs(monitors=bold, chunk=7.7)["output"], whole)
    sim = bm.Simulator(bm.HopfStep(3, a=0.1, w=np.array([0.05, 0.1, 0.3])), dt=0.1)
    parts = [sim.run(777.7, monitors=bold, seed=2), sim.run(722.3, monitors=bold, init_states=False)]
    np.testing.assert_array_equal(np.concatenate([p["output"] for p in parts]), whole)


def test_steady_activity_gives_the_integral_of_the_response(x64):
    node = bm.LinearStep(1)
    kernel = bm.MixtureOfGammasHRFKernel(duration=60.0)
    monitors = {"bold": bm.Bold(lambda m: m.x.value * 0 + 1.0, tr=1000.0, model=kernel)}
    result = bm.Simulator(node, dt=1.0).run(70_000.0, monitors=monitors)
    np.testing.assert_allclose(result["bold"][-1], 0.6, rtol=1e-5)  # two densities in 1/s, the second times 0.4


def test_extreme_shapes_do_not_overflow():
    """A shape of 1 is an exponential from its value at 0 on; a large one is a normal density about its mean."""
    t = np.arange(0.0, 20_000.0, 500.0)
    alone = bm.MixtureOfGammasHRFKernel(a_1=1.0, c=0.0)
    np.testing.assert_allclose(alone(t), np.exp(-t / 1e3), rtol=1e-12)
    steep = bm.MixtureOfGammasHRFKernel(a_1=400.0, l=40.0, c=0.0)
    np.testing.assert_allclose(steep(t), stats.gamma(400.0).pdf(40.0 * t / 1e3), rtol=1e-9, atol=1e-300)
    assert bm.GammaHRFKernel(tau=1e-300)(t).max() == 0
    assert np.isfinite(bm.GammaHRFKernel(n=1e30)(t)).all()


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="tau_f=3"):
        bm.FirstOrderVolterraHRFKernel(tau_f=3.0)
    with pytest.raises(ValueError, match="model='fir' is unknown"):
        bm.Bold("x", model="fir")
    with pytest.raises(TypeError, match="tau is a parameter of the balloon"):
        bm.Bold("x", model="gamma", tau=1.0)
