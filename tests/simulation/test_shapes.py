"""A value for each region or for each simulation: shapes against (batch, region), and those that could mean both."""

import numpy as np
import pytest

import brainmass as bm

N, DT = 4, 0.1
WEIGHTS = np.random.default_rng(0).uniform(0.1, 1.0, (N, N)) * (1 - np.eye(N))
A = np.linspace(-0.1, 0.3, N)
LEVEL = np.linspace(0.1, 0.2, N)


def network(**given):
    noise = bm.OUProcess(N, sigma=0.1, init=LEVEL)
    bank = bm.HopfStep(N, init_x=0.1, init_y=0.1, noise_x=noise, **given)
    return bm.Network(bank, conn=WEIGHTS, coupling=bm.AdditiveCoupling(k=0.2))


@pytest.fixture(scope="module")
def simulator():
    return bm.Simulator(network(), DT)


def run(sim, **values):
    paths = {"a": "node.a", "sigma": "node.noise_x.sigma", "b": "coupling.b", "k": "k"}
    return sim.run(2.0, seed=0, values={paths[name]: value for name, value in values.items()})["output"]


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["a", "sigma", "b", "k"])
def test_as_many_numbers_as_regions_are_refused_with_both_ways(simulator, name):
    with pytest.raises(ValueError, match=r"4 regions or 4 simulations; give \(1, 4\) for one .* or \(4, 1\) for 4"):
        run(simulator, **{name: A})


def test_also_in_a_function(simulator):
    f = simulator.function(2.0, vary=["node.a"])
    with pytest.raises(ValueError, match="could mean 4 regions or 4 simulations"):
        f({"node.a": A}, 0)
    own = bm.Simulator(network(a=A), DT).function(2.0)
    close(f({"node.a": A[None]}, 0)["output"][:, 0], own({}, 0)["output"])


def test_one_row_is_one_simulation_with_a_value_for_each_region(simulator):
    found = run(simulator, a=A[None])
    assert found.shape == (20, 1, N)
    close(found[:, 0], run(bm.Simulator(network(a=A), DT)))
    assert np.ptp(found[-1]) > 1e-3


def test_one_column_is_as_many_simulations(simulator):
    found = run(simulator, a=A[:, None])
    assert found.shape == (20, N, N)
    f = simulator.function(2.0, vary=["node.a"])
    for b in range(N):
        close(found[:, b], f({"node.a": A[b]}, 0, simulation=b)["output"])


def test_rows_are_simulations_and_columns_regions(simulator):
    rows = np.stack([A, 2 * A, 0 * A])
    found = run(simulator, a=rows)
    assert found.shape == (20, 3, N)
    close(found[:, 0], run(bm.Simulator(network(a=A), DT)))
    close(run(simulator, k=np.full((3, N), 0.2), a=rows), found)


def test_a_batch_of_one_goes_with_any_other(simulator):
    found = run(simulator, a=A[None], k=[0.1, 0.2, 0.3])
    assert found.shape == (20, 3, N)
    close(found, run(simulator, a=np.stack([A] * 3), k=[0.1, 0.2, 0.3]))
    sized = simulator.run(2.0, seed=0, values={"node.a": A[None]}, batch_size=3)["output"]
    close(sized, run(simulator, a=np.stack([A] * 3)))


def test_another_length_than_that_of_regions_is_a_batch(simulator):
    assert run(simulator, a=[0.1, 0.2, 0.3]).shape == (20, 3, N)
    assert run(simulator, a=[0.1]).shape == (20, 1, N)
    assert run(simulator, a=0.1).shape == (20, N)


def test_a_parameter_of_regions_keeps_its_rule():
    sim = bm.Simulator(network(a=2 * A), DT)
    assert run(sim, a=A).shape == (20, N)
    assert run(sim, a=np.stack([A, A])).shape == (20, 2, N)


def test_one_region_leaves_no_doubt():
    sim = bm.Simulator(bm.HopfStep(1, init_x=0.1, init_y=0.1), DT)
    wanted = {(): (10, 1), (1,): (10, 1, 1), (2,): (10, 2, 1), (1, 1): (10, 1, 1)}
    for shape, found in wanted.items():
        assert sim.run(1.0, values={"a": np.full(shape, 0.1)})["output"].shape == found


@pytest.mark.parametrize(
    ("own", "shape", "ways"),
    [
        (0.1, (3,), r"3 regions along an axis of \(2, 3\) or 3 simulations; give \(1, 1, 3\) .* or \(3, 1, 1\) for 3"),
        (0.1, (2,), r"2 regions along an axis of \(2, 3\) or 2 simulations; give \(1, 2, 1\) .* or \(2, 1, 1\) for 2"),
        ([0.1] * 3, (2, 3), r"2 regions along .* or 2 simulations; give \(1, 2, 3\) .* or \(2, 1, 3\) for 2 sim"),
    ],
)
def test_a_bank_of_several_axes_has_the_same_doubts(own, shape, ways):
    with pytest.raises(ValueError, match=ways):
        bm.Simulator(bm.HopfStep((2, 3), a=own), DT).run(1.0, values={"a": np.full(shape, 0.1)})


def test_a_bank_of_several_axes_takes_either_way():
    row, bank = np.array([-0.1, 0.1, 0.3]), dict(init_x=0.1, init_y=0.1)
    sim = bm.Simulator(bm.HopfStep((2, 3), **bank), DT)
    found = sim.run(2.0, values={"a": row[None, None]})["output"]
    close(found[:, 0], bm.Simulator(bm.HopfStep((2, 3), a=row, **bank), DT).run(2.0)["output"])
    assert found.shape == (20, 1, 2, 3)
    found = sim.run(2.0, values={"a": row[:, None, None]})["output"]
    close(found[:, 2], bm.Simulator(bm.HopfStep((2, 3), a=0.3, **bank), DT).run(2.0)["output"])
    assert sim.run(2.0, values={"a": np.full(4, 0.1)})["output"].shape == (20, 4, 2, 3)


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, N), (0,), (0, N), (N, N, 1)])
def test_other_shapes_are_refused(simulator, shape):
    with pytest.raises(ValueError, match=r"has the shape .*; give \(\), or \('batch',\) for a batch"):
        run(simulator, a=np.ones(shape))
