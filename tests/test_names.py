"""Tables with names of regions, and names that are nearly right."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray

import brainmass as bm
from brainmass import metrics, objectives, viz
from brainmass.names import meant
from brainmass.stimulus import Series, Step

N, DT = 4, 0.1
NAMES = list("abcd")
OTHER = list("badc")
RNG = np.random.default_rng(0)
WEIGHTS = RNG.uniform(0.1, 1.0, (N, N)) * (1 - np.eye(N))
LENGTHS = RNG.uniform(1.0, 30.0, (N, N))


def table(matrix, rows=NAMES, columns=None):
    return pd.DataFrame(matrix, rows, rows if columns is None else columns)


def array(matrix, rows=NAMES, columns=None):
    names = {"target": rows, "source": rows if columns is None else columns}
    return xarray.DataArray(matrix, dims=("target", "source"), coords=names)


def node(**given):
    return bm.HopfStep(N, init_x=0.1, init_y=0.1, **given)


def network(conn=None, bank=None, **given):
    return bm.Network(bank or node(), conn=table(WEIGHTS) if conn is None else conn, **given)


def run(net, **given):
    return bm.Simulator(net, DT).run(1.0, seed=0, **given)


def series(names=NAMES):
    return pd.Series(np.linspace(0.1, 0.4, N), names)


@pytest.mark.parametrize("made", [table, array])
def test_names_of_a_table_are_the_labels(made):
    net = network(made(WEIGHTS), distance=made(LENGTHS), speed=5.0, k=series())
    assert list(net.labels) == NAMES
    assert list(run(net).labels) == NAMES
    assert list(network(WEIGHTS, delays=made(LENGTHS)).labels) == NAMES
    conn = bm.datasets.Connectome(made(WEIGHTS), made(LENGTHS))
    assert list(conn.labels) == NAMES
    np.testing.assert_array_equal(conn.weights, WEIGHTS)


def test_numbers_from_zero_are_no_names():
    assert network(pd.DataFrame(WEIGHTS)).labels is None
    assert network(pd.DataFrame(WEIGHTS, columns=NAMES)).labels.tolist() == NAMES


NUMBERED, TURN = pd.DataFrame(WEIGHTS + WEIGHTS.T), [2, 0, 1, 3]
TURNED = NUMBERED.iloc[TURN, TURN]


def test_numbers_in_another_order_are_names():
    assert network(TURNED, distance=TURNED, speed=5.0).labels.tolist() == ["2", "0", "1", "3"]
    assert metrics.fc_rmse(TURNED, TURNED) == 0
    metrics.fc_rmse(TURNED, NUMBERED.to_numpy())
    metrics.fc_rmse(NUMBERED, table(WEIGHTS))


SIGNAL = pd.DataFrame(RNG.normal(size=(30, N)), columns=NAMES)
SHUFFLED = SIGNAL[OTHER]


def drive(stimulus):
    return run(network(), inputs={"y_inp": stimulus})


def white(correlation):
    return network(bank=node(noise_x=bm.WhiteNoise(N, correlation=correlation)))


def test_tables_in_one_order_are_taken():
    drive(2 * Step(0.1, weights=series()).delayed(1.0) + Series(SIGNAL, 0.1))
    white(table(np.eye(N)))
    network(bank=node(noise_x=bm.NoiseSeries(N, SIGNAL)))
    assert objectives.timeseries_rmse()(SIGNAL, SIGNAL) == 0
    objectives.fc_corr()(SIGNAL, table(np.corrcoef(SIGNAL.T)))
    viz.plot_timeseries(SIGNAL, labels=NAMES)
    viz.plot_connectivity(table(WEIGHTS), labels=NAMES)
    plt.close("all")


CONNECTOME = bm.datasets.Connectome(WEIGHTS, LENGTHS, NAMES)
MISPLACED = {
    "columns of conn": lambda: network(table(WEIGHTS, NAMES, OTHER)),
    "columns of an xarray": lambda: network(array(WEIGHTS, NAMES, OTHER)),
    "distance": lambda: network(distance=table(LENGTHS, OTHER), speed=5.0),
    "delays": lambda: network(delays=table(LENGTHS, OTHER)),
    "distance of a connectome": lambda: network(CONNECTOME, distance=table(LENGTHS, OTHER), speed=5.0),
    "a parameter of regions": lambda: network(bank=node(a=series(OTHER))),
    "k": lambda: network(k=series(OTHER)),
    "a parameter of a noise": lambda: network(bank=node(noise_x=bm.OUProcess(N, sigma=series(OTHER)))),
    "two parameters": lambda: node(a=series(), w=series(OTHER)),
    "conn assigned": lambda: setattr(network(), "conn", table(WEIGHTS, OTHER)),
    "conn in values": lambda: run(network(), values={"conn": table(WEIGHTS, OTHER)}),
    "a in values": lambda: run(network(), values={"node.a": pd.DataFrame(np.ones((2, N)), columns=OTHER)}),
    "inputs": lambda: run(network(), inputs={"y_inp": pd.DataFrame(np.ones((10, N)), columns=OTHER)}),
    "leadfield": lambda: run(network(), monitors=bm.EEG("x", pd.DataFrame(np.ones((2, N)), columns=OTHER))),
    "weights and lengths": lambda: bm.datasets.Connectome(table(WEIGHTS), table(LENGTHS, OTHER)),
    "numbered rows": lambda: network(NUMBERED.iloc[TURN]),
    "numbered connectome": lambda: bm.datasets.Connectome(NUMBERED.iloc[TURN], LENGTHS),
    "numbered matrices": lambda: metrics.fc_correlation(TURNED, NUMBERED),
    "numbered lengths": lambda: network(TURNED, distance=NUMBERED, speed=5.0),
    "numbered weights": lambda: network(NUMBERED, distance=TURNED, speed=5.0),
    "numbered inputs": lambda: run(network(NUMBERED), inputs={"y_inp": pd.DataFrame(np.ones((10, N)))[TURN]}),
    "timeseries_rmse": lambda: objectives.timeseries_rmse()(SIGNAL, SHUFFLED),
    "cosine_sim": lambda: objectives.cosine_sim()(SIGNAL, SHUFFLED),
    "fc_corr": lambda: objectives.fc_corr()(SIGNAL, SHUFFLED),
    "fc_rmse of a matrix": lambda: objectives.fc_rmse()(table(np.corrcoef(SIGNAL.T)), SHUFFLED),
    "weights of a stimulus": lambda: drive(2 * Step(0.1, weights=series(OTHER)).delayed(1.0)),
    "values of a stimulus": lambda: drive(Series(SHUFFLED, 0.1)),
    "stimuli": lambda: Step(0.1, weights=series()) + Series(SHUFFLED, 0.1),
    "columns of a correlation": lambda: bm.WhiteNoise(N, correlation=table(np.eye(N), NAMES, OTHER)),
    "correlation": lambda: white(table(np.eye(N), OTHER)),
    "a node and its noise": lambda: run(node(a=series(), noise_x=bm.NoiseSeries(N, SHUFFLED))),
    "values of a noise": lambda: network(bank=node(noise_x=bm.NoiseSeries(N, SHUFFLED))),
    "labels of a plotted matrix": lambda: viz.plot_connectivity(table(WEIGHTS), labels=OTHER),
    "labels of a plotted connectome": lambda: viz.plot_connectivity(CONNECTOME, labels=OTHER),
    "labels of plotted signals": lambda: viz.plot_timeseries(SIGNAL, labels=OTHER),
    "labels of plotted correlations": lambda: viz.plot_functional_connectivity(SIGNAL, labels=OTHER),
    "weights and labels": lambda: bm.datasets.Connectome(table(WEIGHTS), LENGTHS, OTHER),
}


@pytest.mark.parametrize("call", MISPLACED.values(), ids=MISPLACED)
def test_regions_in_another_order_are_refused(call):
    with pytest.raises(ValueError, match=r"the same regions in another order .* put them in one order"):
        call()


def test_values_assigned_in_another_order_are_refused_by_the_run():
    net = network()
    net.node.a = series(OTHER)
    with pytest.raises(ValueError, match="HopfStep: a and the labels of the Network"):
        run(net)
    net.node.a = series()
    run(net)


TWICE = {
    "conn": lambda: network(table(WEIGHTS, list("aacd"))),
    "labels": lambda: setattr(network(), "labels", list("aacd")),
    "connectome": lambda: bm.datasets.Connectome(WEIGHTS, LENGTHS, list("aacd")),
    "parameter": lambda: node(a=series(list("aacd"))),
    "signal": lambda: metrics.functional_connectivity(SIGNAL.set_axis(list("aacd"), axis=1)),
    "signals": lambda: objectives.timeseries_rmse()(SIGNAL.set_axis(list("aacd"), axis=1), SIGNAL),
    "stimulus": lambda: Step(0.1, weights=series(list("aacd"))),
}


@pytest.mark.parametrize("call", TWICE.values(), ids=TWICE)
def test_a_name_stands_once(call):
    with pytest.raises(ValueError, match="has the name 'a' twice"):
        call()


def test_other_regions_are_refused():
    with pytest.raises(ValueError, match=r"name other regions \('x' is in one only\)"):
        network(distance=table(LENGTHS, list("abcx")), speed=5.0)


def test_a_lead_field_names_its_sensors():
    lead = pd.DataFrame(np.ones((2, N)), ["Cz", "Pz"], NAMES)
    found = bm.Simulator(network(), DT).run(2.0, monitors=bm.EEG("x", lead), seed=0)
    assert found.axes["output"]["sensor"].tolist() == ["Cz", "Pz"]


NEARLY = {
    "argument of a model": (lambda: bm.WilsonCowanStep(N, tau_e=2.0), "'tau_E'"),
    "argument of a network": (lambda: network(G=1.0), "'k'"),
    "argument of a coupling": (lambda: bm.KuramotoCoupling(alfa=1.0), "'alpha'"),
    "method": (lambda: node(method="rk2"), "'heun'"),
    "coupling": (lambda: network(coupling="linear"), "'additive'"),
    "coupled variable": (lambda: network(coupled_var="X"), "'x'"),
    "target": (lambda: network(target="x_in"), "'x_inp'"),
    "monitor": (lambda: run(network(), monitors="X"), "'x'"),
    "what of a monitor": (lambda: run(network(), monitors=bm.Sample("X", 0.5)), "'x'"),
    "path": (lambda: run(network(), values={"a": 0.1}), "'node.a'"),
    "vary": (lambda: bm.Simulator(network(), DT).function(1.0, vary="nod.a"), "'node.a'"),
    "input": (lambda: run(network(), inputs={"y_in": np.ones(10)}), "'y_inp'"),
    "assigned": (lambda: setattr(network(), "speeds", 1.0), "'speed'"),
    "dataset": (lambda: bm.datasets.load_dataset("example_conectome"), "'example_connectome'"),
    "model of BOLD": (lambda: bm.Bold("x", model="baloon"), "'balloon'"),
    "argument of a simulator": (lambda: bm.Simulator(node(), Dt=0.1), "'dt'"),
    "argument of a run": (lambda: run(network(), monitor="x"), "'monitors'"),
    "argument of a function": (lambda: bm.Simulator(node(), DT).function(1.0, varying="a"), "'vary'"),
    "argument of an estimate": (lambda: bm.estimate(bm.Simulator(node(), DT), 1.0, monitor="x"), "'monitors'"),
    "argument of resume": (lambda: bm.resume("folder", stric=False), "'strict'"),
    "argument of a monitor": (lambda: bm.TemporalAverage("x", perid=1.0), "'period'"),
    "argument of a stimulus": (lambda: Step(0.1, wieghts=[1.0]), "'weights'"),
    "argument of an objective": (lambda: objectives.fc_corr(loss=True), "'as_loss'"),
    "argument of a metric": (lambda: metrics.functional_connectivity_dynamics(SIGNAL, windo=3), "'window'"),
    "argument of a plane": (lambda: viz.plot_phase_plane(node(), xlims=(0, 1)), "'xlim'"),
    "property of a line": (lambda: viz.plot_timeseries(SIGNAL, colour="red"), "'color'"),
    "property of an image": (lambda: viz.plot_connectivity(WEIGHTS, interpolaton="none"), "'interpolation'"),
    "what a diverging run does": (lambda: run(network(), on_divergence="rais"), "'raise'"),
    "result": (lambda: bm.Result({"bold": np.ones(3)})["bolt"], "'bold'"),
}


@pytest.mark.parametrize(("call", "near"), NEARLY.values(), ids=NEARLY)
def test_the_nearest_name_is_suggested(call, near):
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)) as caught:
        call()
    assert f"(did you mean {near}?)" in str(caught.value)


def test_nothing_is_suggested_where_nothing_is_near():
    assert meant("zzz", ["x", "tau"]) == ""
    assert meant(3, ["x"]) == ""


def test_a_key_error_shows_its_sentence_without_quotes():
    with pytest.raises(KeyError) as caught:
        run(network(), values={"q": 1.0})
    assert str(caught.value).startswith("values has the path 'q'; use one of node.a")
