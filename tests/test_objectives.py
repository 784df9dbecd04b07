"""Objectives equal their formulas in NumPy and SciPy, member by member, and lead a gradient descent somewhere."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from brainmass import objectives
from brainmass.metrics import functional_connectivity_dynamics

X64 = pytest.mark.usefixtures("x64")
RNG = np.random.default_rng(7)


def activity(time=240, regions=5):
    """Regions that share a slow rhythm, more and less."""
    shared = np.sin(np.arange(time) / 9)[:, None] * RNG.standard_normal(regions)
    return shared + RNG.standard_normal((time, regions)).cumsum(0) / 4 + RNG.standard_normal((time, regions))


PREDICTION, TARGET = activity(), activity()
PAIRS = np.triu_indices(5, 1)
A, B = (np.corrcoef(x.T)[PAIRS] for x in (PREDICTION, TARGET))


def fcd(x, window=30, step=5):
    edges = [np.corrcoef(x[at : at + window].T)[PAIRS] for at in range(0, len(x) - window + 1, step)]
    return np.corrcoef(edges)


def density(x, n_diag=1, **options):
    """By SciPy, on the default grid."""
    entries = fcd(x)[np.triu_indices(len(fcd(x)), n_diag)]
    return stats.gaussian_kde(entries, **options)(GRID)


GRID = np.linspace(-0.99, 0.99, 100)
P, Q = density(PREDICTION), density(TARGET)
FAR = [density(x, n_diag=6, bw_method=0.3) for x in (PREDICTION, TARGET)]


def largest(p, q):
    return np.abs(np.cumsum(p / p.sum() - q / q.sum())).max()


def cosine(a, b):
    return (a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum())


EACH = {
    "timeseries_rmse": (objectives.timeseries_rmse(), np.sqrt(np.mean((PREDICTION - TARGET) ** 2))),
    "cosine_sim": (objectives.cosine_sim(), cosine(PREDICTION, TARGET)),
    "fc_corr": (objectives.fc_corr(), np.corrcoef(A, B)[0, 1]),
    "fc_rmse": (objectives.fc_rmse(), np.sqrt(np.mean((A - B) ** 2))),
    "fcd": (
        objectives.fcd(40, 20, as_loss=True),
        1 - np.corrcoef(*(fcd(x, 40, 20)[np.triu_indices(11, 1)] for x in (PREDICTION, TARGET)))[0, 1],
    ),
    "fcd_wasserstein": (objectives.fcd_wasserstein(30, 5), stats.wasserstein_distance(GRID, GRID, P, Q)),
    "fcd_ks": (objectives.fcd_ks(30, 5, n_diag=6, bw_method=0.3), largest(*FAR)),
    "combine": (
        objectives.combine((2.0, objectives.fc_rmse()), (-0.5, objectives.cosine_sim(as_loss=True))),
        2 * np.sqrt(np.mean((A - B) ** 2)) - 0.5 * (1 - cosine(PREDICTION, TARGET)),
    ),
}


@jax.jit
def everything(prediction, target):
    return {name: objective(prediction, target) for name, (objective, _) in EACH.items()}


@X64
def test_each_is_its_formula_and_treats_the_members_of_a_batch_one_by_one():
    found = everything(PREDICTION, TARGET)
    for name, (_, wanted) in EACH.items():
        np.testing.assert_allclose(found[name], wanted, rtol=1e-9, err_msg=name)
    swapped = everything(np.stack([TARGET, PREDICTION], axis=1), TARGET)
    for name, pair in swapped.items():
        assert pair.shape == (2,)
        np.testing.assert_allclose(pair[1], found[name], rtol=1e-9, err_msg=name)
        best = {"cosine_sim": 1, "fc_corr": 1}.get(name, 0)
        np.testing.assert_allclose(pair[0], best, atol=1e-12, err_msg=name)


@X64
def test_gradients_are_right_and_finite_where_prediction_and_target_agree():
    slope = jax.jit(jax.jacrev(everything))
    gradients, step = slope(PREDICTION, TARGET), np.zeros_like(PREDICTION)
    for place in [(0, 0), (57, 2), (131, 4), (239, 1)]:
        step[place] = 1e-6
        up, down = everything(PREDICTION + step, TARGET), everything(PREDICTION - step, TARGET)
        for name, gradient in gradients.items():
            wanted = (up[name] - down[name]) / 2e-6
            np.testing.assert_allclose(gradient[place], wanted, rtol=1e-4, atol=1e-9, err_msg=name)
        step[place] = 0
    constant = TARGET * [1, 0, 1, 0, 1] + [0, 0.1, 0, -3, 0]
    for prediction in (TARGET, constant, np.full_like(TARGET, 0.3), np.zeros_like(TARGET)):
        assert all(np.isfinite(value).all() for value in everything(prediction, TARGET).values())
        for name, gradient in slope(prediction, TARGET).items():
            assert np.isfinite(gradient).all(), name
    for name in ("cosine_sim", "fc_corr", "fcd"):  # the others have a kink there
        np.testing.assert_allclose(slope(TARGET, TARGET)[name], 0, atol=1e-9, err_msg=name)


@X64
def test_descent_brings_the_prediction_to_the_target():
    """A mixture of sources learns the connectivity of the target."""
    sources = RNG.standard_normal((300, 5))
    loss = objectives.combine((1.0, objectives.fc_rmse()), (0.1, objectives.fc_corr(as_loss=True)))
    wanted = np.corrcoef(TARGET.T)
    slope = jax.jit(jax.value_and_grad(lambda mix: loss(sources @ mix, wanted)))
    mix, first = np.eye(5), slope(np.eye(5))[0]
    for _ in range(60):
        mix = mix - 0.3 * slope(mix)[1]
    assert slope(mix)[0] < 0.2 * first


@X64
def test_a_target_of_functional_connectivity_may_be_the_matrix():
    fc = np.corrcoef(TARGET.T)
    batch = np.stack([PREDICTION, PREDICTION**2], axis=1)
    for objective in (objectives.fc_corr(), objectives.fc_rmse()):
        wanted = objective(PREDICTION, TARGET)
        np.testing.assert_allclose(objective(PREDICTION, fc), wanted, rtol=1e-9)
        np.testing.assert_allclose(jax.jit(lambda x, f=objective: f(x, fc))(PREDICTION), wanted, rtol=1e-9)
        np.testing.assert_allclose(objective(batch, fc)[0], wanted, rtol=1e-9)
        np.testing.assert_allclose(objective(batch, np.stack([np.eye(5), fc]))[0], objective(PREDICTION, np.eye(5)))
        np.testing.assert_allclose(
            objective(PREDICTION, TARGET[:100]), objective(PREDICTION, np.corrcoef(TARGET[:100].T))
        )
        for wrong in (TARGET[:5], fc - np.eye(5), np.tril(fc)):  # five samples of five regions could be either
            for call in (objective, jax.jit(lambda x, f=objective, y=wrong: f(x, y))):
                with pytest.raises(
                    ValueError,
                    match=r"^target is \(5, 5\), which a signal or functional connectivity could be, but not",
                ):
                    call(PREDICTION) if call is not objective else call(PREDICTION, wrong)


@X64
def test_fcd_without_a_target_is_the_matrix():
    found = objectives.fcd(30, 5, as_loss=True)(PREDICTION)
    np.testing.assert_allclose(found, fcd(PREDICTION), rtol=1e-9)
    np.testing.assert_allclose(found, functional_connectivity_dynamics(PREDICTION, 30, 5), rtol=1e-12)


@X64
@pytest.mark.parametrize("bw_method", [None, "scott", "silverman", 0.15])
def test_the_distribution_is_the_kernel_density_of_scipy(bw_method):
    matrix = np.stack([fcd(PREDICTION), fcd(TARGET)])
    found = objectives.fcd_distribution(matrix, GRID[::3], 6, bw_method, normalize=False)
    wanted = [density(x, 6, bw_method=bw_method)[::3] for x in (PREDICTION, TARGET)]
    np.testing.assert_allclose(found, wanted, rtol=1e-9)
    normalized = objectives.fcd_distribution(matrix, GRID[::3], 6, bw_method)
    np.testing.assert_allclose(normalized, wanted / np.sum(wanted, 1, keepdims=True), rtol=1e-9)


@X64
def test_a_narrow_distribution_does_not_fall_between_the_midpoints():
    for value in (0.37, 0.99, 1.0):
        found = objectives.fcd_distribution(np.full((9, 9), value))
        np.testing.assert_allclose(found.sum(), 1, rtol=1e-12)
        np.testing.assert_allclose(found @ GRID, value, atol=0.011)


@X64
def test_units_are_converted_or_refused():
    rmse = objectives.timeseries_rmse()
    wanted = EACH["timeseries_rmse"][1]
    np.testing.assert_allclose(rmse(PREDICTION * u.mV, TARGET * 1e-3 * u.volt), wanted, rtol=1e-9)
    np.testing.assert_allclose(rmse(PREDICTION[:, 0], TARGET[:, 0]), np.sqrt(np.mean((PREDICTION - TARGET)[:, 0] ** 2)))
    for target in (TARGET, TARGET * u.Hz):
        with pytest.raises(ValueError, match=r"^target is in \S+ and prediction in mV; give both in units of one dim"):
            rmse(PREDICTION * u.mV, target)
    np.testing.assert_allclose(objectives.fc_corr()(PREDICTION * u.mV, TARGET), EACH["fc_corr"][1], rtol=1e-9)


@X64
def test_epsilon_is_the_smallest_norm_of_a_cosine():
    small = np.full((2, 2), 1e-6)
    np.testing.assert_allclose(objectives.cosine_sim(epsilon=2.0)(small, np.ones((2, 2))), 1e-6, rtol=1e-12)
    np.testing.assert_allclose(objectives.cosine_sim()(small, np.ones((2, 2))), 1, rtol=1e-12)


def test_single_precision_agrees():
    found = everything(jnp.asarray(PREDICTION, np.float32), jnp.asarray(TARGET, np.float32))
    for name, (_, wanted) in EACH.items():
        assert found[name].dtype == np.float32
        np.testing.assert_allclose(found[name], wanted, rtol=2e-4, err_msg=name)


MATRIX = np.eye(6)
REFUSED = {
    "prediction is (240, 5) and target (239, 5); give (time, region) or (time, batch, region) of one length.": [
        lambda: objectives.timeseries_rmse()(PREDICTION, TARGET[1:]),
        lambda: objectives.cosine_sim()(PREDICTION, TARGET[1:]),
    ],
    "prediction is (240, 2, 5) and target (240, 3, 5); give (time, region) or (time, batch, region) of one length.": [
        lambda: objectives.timeseries_rmse()(np.ones((240, 2, 5)), np.ones((240, 3, 5)))
    ],
    "prediction is (5, 5) and target (4, 4); give two of one size, or a batch and one matrix.": [
        lambda: objectives.fc_corr()(PREDICTION, TARGET[:, :4]),
        lambda: objectives.fc_rmse()(PREDICTION, TARGET[:, :4]),
    ],
    "prediction has 43 windows and target 35; give signals of one length, or take fcd_ks or fcd_wasserstein.": [
        lambda: objectives.fcd(30)(PREDICTION, TARGET[:200])
    ],
    "n_diag=5 must be 1 to 4, to keep two diagonals or more.": [lambda: objectives.fcd_distribution(MATRIX, n_diag=5)],
    "midpoints must be increasing numbers, two or more.": [
        lambda grid=grid: objectives.fcd_distribution(MATRIX, grid) for grid in ([0.1], [0.2, 0.1], [[0.1, 0.2]])
    ],
    "bw_method='best' must be 'scott', 'silverman' or a positive number.": [
        lambda: objectives.fcd_distribution(MATRIX, bw_method="best")
    ],
    "bw_method=0 must be 'scott', 'silverman' or a positive number.": [
        lambda: objectives.fcd_distribution(MATRIX, bw_method=0)
    ],
    "p is (100,) and q (99,); give ([batch,] midpoint) on one grid.": [
        lambda: objectives.ks_distance(P, Q[1:]),
        lambda: objectives.wasserstein_1d(P, Q[1:], GRID),
    ],
    "x is (99,) and a distribution has 100 points; give one x for each.": [
        lambda: objectives.wasserstein_1d(P, Q, GRID[1:])
    ],
    "combine takes pairs (weight, objective), but got None.": [objectives.combine],
    "combine takes pairs (weight, objective), but got 0.5.": [lambda: objectives.combine(0.5)],
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_makes_no_sense_is_refused_in_one_sentence(message):
    for call in REFUSED[message]:
        with pytest.raises((ValueError, TypeError)) as caught:
            call()
        assert str(caught.value) == message


def test_an_objective_needs_its_target():
    for objective in (objectives.timeseries_rmse(), objectives.fc_corr(), objectives.fcd_ks()):
        with pytest.raises(TypeError, match=r"give an array of real numbers\.$"):
            objective(PREDICTION, None)
