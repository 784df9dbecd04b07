"""What a variable means bounds it, and no bound moves a solution of the equations."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm
from brainmass.models import catalogue

RATES = {
    "CoombesByrneStep": ["r"],
    "CoombesByrne4DStep": ["r"],
    "DumontGutkinStep": ["r_e", "r_i"],
    "GastSchmidtKnoscheSDStep": ["r"],
    "GastSchmidtKnoscheSFStep": ["r"],
    "MontbrioPazoRoxinStep": ["r"],
    "ThresholdLinearStep": ["E", "I"],
    "ALNStep": ["rE", "rI", "seev", "seiv", "siev", "siiv"],
    "KIonExStep": ["x"],
    "CostaThalamusStep": ["Ca"],
}
SHARES = {
    "ALNStep": ["seem", "seim", "siem", "siim"],
    "CostaThalamusStep": ["h_T_t", "h_T_r", "m_h1", "m_h2"],
    "KIonExStep": ["n"],
    "LarterBreakspearStep": ["W"],
    "ReducedWongWangStep": ["S"],
    "WongWangStep": ["S1", "S2"],
}
EDGES = [(m, v, 0.0) for kind in (RATES, SHARES) for m, names in kind.items() for v in names]
EDGES += [(m, v, 1.0) for m, names in SHARES.items() for v in names]
PARTNER = {"m_h1": "m_h2", "m_h2": "m_h1"}  # shares of one whole


@pytest.mark.parametrize(("name", "variable", "edge"), EDGES)
def test_at_a_bound_the_drift_points_inwards(name, variable, edge):
    model, places = catalogue()[name], 50
    node, rng = model(places), np.random.default_rng(0)
    d = model.declarations(bm.Variable)
    assert edge in d[variable].bounds
    s = {n: jnp.asarray(rng.uniform(*(v.span or v.bounds), places)) for n, v in d.items()}
    s[variable] = jnp.full(places, edge)
    if edge and variable in PARTNER:
        s[PARTNER[variable]] = jnp.zeros(places)
    slope = np.asarray(node.bare_drift(s, node.bare_parameters(), {})[variable])
    assert (slope <= 0 if edge else slope >= 0).all()


def test_a_rate_that_a_step_takes_below_zero_stays_at_zero():
    node = bm.MontbrioPazoRoxinStep(1, method="euler")
    s = {"r": jnp.array([0.1]), "v": jnp.array([-30.0])}
    assert node.step(s, node.bare_parameters(), {}, [], {}, 0.05, 0)["r"] == 0.0


def test_a_silent_start_keeps_its_whole_gradient():
    """A value at its bound is not halfway out of it."""
    node = bm.ThresholdLinearStep(1, method="euler")

    def later(E):
        return node.step({"E": E, "I": jnp.zeros(1)}, node.bare_parameters(), {}, [], {}, 0.1, 0)["E"][0]

    np.testing.assert_allclose(jax.grad(later)(jnp.zeros(1)), 1 - 0.1 / 20, rtol=1e-6)


def test_initial_values_beyond_them_are_refused():
    with pytest.raises(ValueError, match=r"init_r=-0\.1 must be 0 or more, where a step keeps r\."):
        bm.MontbrioPazoRoxinStep(2, init_r=-0.1)
    sim = bm.Simulator(bm.MontbrioPazoRoxinStep(2, init_r=np.full(2, 0.1)), dt=0.01)
    with pytest.raises(ValueError, match=r"values\['init_r'\].* must be 0 or more, where a step keeps r\."):
        sim.run(1.0, values={"init_r": np.array([0.1, -0.1])})


@pytest.mark.parametrize("model", [bm.WilsonCowanDivisiveStep, bm.WilsonCowanDivisiveInputStep])
def test_a_divisor_has_no_pole(model):
    """It would be where the weight times the inhibition is −σ; from a tenth of σ on, the divisor moves the slope."""
    node, slopes = model(1, wIE=2.0, sigma_E=1.0), []
    for rI in (-1.0, -0.5, -0.45, -0.44):
        at = {"rE": jnp.full(1, 0.05), "rI": jnp.full(1, rI)}
        slopes.append(float(node.bare_drift(at, node.bare_parameters(), {})["rE"][0]))
    assert np.isfinite(slopes).all()
    np.testing.assert_allclose(slopes[:2], slopes[2], rtol=1e-5)
    assert abs(slopes[3] / slopes[2] - 1) > 1e-3


TIMES = [
    (name, n)
    for name, model in catalogue().items()
    for n, d in model.declarations(bm.Parameter).items()
    if d.unit.dim == u.ms.dim and d.bounds and min(d.bounds) > 0
]
WEIGHTS = {"g_GABA", "g_AMPA"} | {"tau_e of Zerlaut", "tau_i of Zerlaut"}  # zero of these takes a current away


@pytest.mark.parametrize(("name", "parameter"), TIMES)
def test_a_time_is_not_negative_and_a_time_constant_not_zero(name, parameter):
    for value in (-1.0, 0.0):
        short = f"{parameter} of Zerlaut" if name.startswith("Zerlaut") else parameter
        if value == 0.0 and short in WEIGHTS:
            catalogue()[name](1, **{parameter: value})
        else:
            with pytest.raises(ValueError, match=rf"{name}: {parameter}={value:g} (must be above 0|is a time, which)"):
                catalogue()[name](1, **{parameter: value})


def test_what_a_constructor_refuses_values_refuse():
    noisy = bm.HopfStep(3, noise_x=bm.OUProcess(3, sigma=0.1), noise_y=bm.ColoredNoise(3, sigma=0.1))
    given = {
        "tau_E": (bm.WilsonCowanStep(3), [[0.0], [1.0], [1.0]], r"tau_E'\]=0 must be above 0, where the derivative"),
        "tau_I": (bm.WilsonCowanStep(3), -1.0, r"tau_I'\]=-1 must be above 0"),
        "noise_x.tau": (noisy, [-1.0, 1.0], r"noise_x.tau'\].* must be above 0 ms"),
        "noise_y.beta": (noisy, 3.0, r"noise_y.beta'\]=3.0 must lie in 0 to 2"),
        "tau": (bm.MontbrioPazoRoxinStep(3), 1e4, r"tau'\]=10000.0 comes bare, .* far from the usual 0.5 to 20"),
    }
    for path, (node, value, match) in given.items():
        with pytest.raises(ValueError, match=rf"values\['{match}"):
            bm.Simulator(node, dt=0.1).run(1.0, values={path: np.asarray(value)})


def test_the_transit_time_of_a_bold_signal_is_above_zero():
    with pytest.raises(ValueError, match=r"Balloon: tau=-1 must be above 0, where the derivative of v has no value"):
        bm.Bold("x", tau=-1 * u.second)
