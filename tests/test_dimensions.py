"""What a table calls its dimensions says where they belong: in another order they are put right, others are refused."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray

import brainmass as bm
from brainmass import metrics, objectives, viz
from brainmass.dimensions import MATRIX, SENSORS, SIGNAL, VALUES, arranged

T, N = 50, 4
RNG = np.random.default_rng(0)
X, SQUARE = RNG.normal(size=(T, N)), RNG.normal(size=(N, N))
WEIGHTS = RNG.random((N, N)) * (1 - np.eye(N))


def turned(array, *dims):
    """With the dimensions named and in the order of ``dims``, of an array that has them the other way round."""
    return xarray.DataArray(np.transpose(array), dims=dims)


def network(**given):
    return bm.Network(bm.HopfStep(N, init_x=0.1, init_y=0.1), **given)


def ran(model=None, **given):
    return np.asarray(bm.Simulator(model or network(conn=WEIGHTS), dt=0.1).run(5.0, seed=0, **given)["output"])


def drawn(signal):
    return np.array([line.get_ydata() for line in viz.plot_timeseries(signal, ax=plt.figure().add_subplot()).lines])


def noise(values):
    return bm.NoiseSeries(N, values)


PAIRS = {
    "metrics": (metrics.functional_connectivity, X, ("region", "time")),
    "spectrum": (lambda x: metrics.power_spectrum(x, 1.0)[1], X, ("region", "time")),
    "objectives": (lambda x: objectives.timeseries_rmse()(x, 0 * X), X, ("region", "time")),
    "fc objectives": (lambda x: objectives.fc_corr()(x, X[::-1] ** 2), X, ("region", "time")),
    "matrices": (lambda x: metrics.global_brain_connectivity(x), SQUARE, ("source", "target")),
    "viz": (drawn, X, ("region", "time")),
    "inputs": (lambda x: ran(inputs={"y_inp": x}), X, ("region", "time")),
    "square inputs": (lambda x: bm.Simulator(bm.HopfStep(N), 0.1).run(0.4, inputs={"x_inp": x}, seed=0)["output"],
                      SQUARE, ("region", "time")),
    "stimuli": (lambda x: bm.stimulus.Series(x, 0.1).level, SQUARE, ("region", "time")),
    "noises": (lambda x: noise(x).series, SQUARE, ("region", "time")),
    "conn": (lambda x: network(conn=x).conn.value(), WEIGHTS, ("source", "target")),
    "delays": (lambda x: network(conn=WEIGHTS, delays=x).bare("delays"), WEIGHTS, ("source", "target")),
    "connectome": (lambda x: bm.datasets.Connectome(x, WEIGHTS, list("abcd")).weights, WEIGHTS, ("source", "target")),
    "values of edges": (lambda x: ran(values={"conn": x}), WEIGHTS, ("source", "target")),
    "values of regions": (lambda x: ran(values={"node.a": x}), SQUARE[:3], ("region", "batch")),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_dimensions_go_where_they_belong(name):
    takes, array, dims = PAIRS[name]
    wanted = np.asarray(takes(array))
    np.testing.assert_array_equal(np.asarray(takes(turned(array, *dims))), wanted)
    np.testing.assert_array_equal(np.asarray(takes(xarray.DataArray(array, dims=dims[::-1]))), wanted)
    np.testing.assert_array_equal(np.asarray(takes(xarray.DataArray(array, dims=("one", "two")))), wanted)


WRONG = {
    "time in a matrix": (lambda: network(conn=xarray.DataArray(SQUARE, dims=("region", "time"))), "Network: conn"),
    "a matrix for a signal": (lambda: metrics.functional_connectivity(turned(SQUARE, "source", "target")), "signal"),
    "a batch without regions": (lambda: metrics.functional_connectivity(turned(X, "batch", "time")), "signal"),
    "regions for time": (lambda: bm.stimulus.Series(xarray.DataArray(X[0], dims="region"), 0.1), "Series: values"),
}


@pytest.mark.parametrize("name", WRONG)
def test_dimensions_that_do_not_belong_are_refused(name):
    call, label = WRONG[name]
    with pytest.raises(
        ValueError, match=rf"^{label} has the dimensions \(.*\), and takes \(.*; name them so, or give a"
    ):
        call()


def test_what_a_result_gives_in_xarray_goes_back_in_any_order():
    result = bm.Simulator(bm.HopfStep(N), dt=0.1).run(5.0, batch_size=2, seed=0)
    data = result.to_xarray()["output"].transpose("batch", "region", "time")
    found = metrics.functional_connectivity(data)
    np.testing.assert_array_equal(found, metrics.functional_connectivity(result["output"]))


def test_named_axes_of_pandas_count_and_others_keep_their_place():
    frame = pd.DataFrame(X.T, columns=pd.RangeIndex(T, name="time"))
    np.testing.assert_array_equal(arranged(frame, SIGNAL, "signal"), X)
    assert arranged(frame.T.rename_axis("subject"), SIGNAL, "signal").shape == (T, N)
    for dims, axes, order in [
        (("x", "time"), SIGNAL, ("time", "x")),
        (("source", "x"), MATRIX, ("x", "source")),
        (("region", "other_region"), MATRIX, ("region", "other_region")),
        (("source", "channel"), SENSORS, ("channel", "source")),
        (("batch",), VALUES, ("batch",)),
    ]:
        table = xarray.DataArray(np.zeros((2, 3)[: len(dims)]), dims=dims)
        assert arranged(table, axes, "table").dims == order
