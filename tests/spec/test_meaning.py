"""The hash, the differences and the schema: all three see what a spec means, not how it is written."""

import copy
import random

import brainunit as u
import jsonschema
import numpy as np
import pytest

import brainmass as bm
from brainmass.spec import diff, from_spec, hash_of, schema, to_spec
from tests.spec.examples import one_of_each
from tests.spec.test_broken import GOOD, LIST, place


def simulator(a=0.2, speed=10.0 * u.mm / u.ms, k=0.5, **options):
    conn = bm.datasets.load_dataset("example_connectome")
    net = bm.Network(
        bm.HopfStep(8, a=a, w=0.3, **options),
        conn=conn.weights,
        distance=conn.distances,
        speed=speed,
        coupled_var="x",
        k=k,
    )
    return bm.Simulator(net, dt=0.1 * u.ms)


# -- hash --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        lambda: simulator(speed=10.0),
        lambda: simulator(speed=10 * u.meter / u.second),
        lambda: simulator(speed=1.0 * u.cm / u.ms),
        lambda: simulator(a=200.0 * u.Hz, k=0.5 / u.ms),
        lambda: simulator(beta=1.0, method="heun", init_x=bm.HopfStep.declared["x"].value),
        lambda: bm.Simulator(simulator().model, dt=0.0001 * u.second),
        lambda: from_spec(to_spec(simulator())),
    ],
)
def test_the_hash_is_the_same_however_values_are_given(other):
    assert other().spec_hash == simulator().spec_hash


@pytest.mark.parametrize(
    "other",
    [
        lambda: simulator(speed=10.001),
        lambda: simulator(a=0.2000001),
        lambda: simulator(a=np.full(8, 0.2)),
        lambda: simulator(beta=1.1),
        lambda: simulator(method="rk4"),
        lambda: simulator(noise_x=bm.WhiteNoise(8, sigma=0.1)),
        lambda: bm.Simulator(simulator().model, dt=0.2 * u.ms),
    ],
)
def test_the_hash_is_another_for_another_simulation(other):
    assert other().spec_hash != simulator().spec_hash


def shuffled(node, rng):
    """The same data with its keys in another order."""
    if isinstance(node, dict):
        keys = list(node)
        rng.shuffle(keys)
        return {key: shuffled(node[key], rng) for key in keys}
    return [shuffled(part, rng) for part in node] if isinstance(node, list) else node


def test_the_order_of_keys_does_not_matter():
    spec = to_spec(simulator())
    assert hash_of(shuffled(spec, random.Random(1))) == hash_of(spec) == simulator().spec_hash


def test_no_two_things_of_the_examples_share_a_hash():
    hashes = {name: hash_of(to_spec(made)) for name, made in one_of_each().items()}
    assert len(set(hashes.values())) == len(hashes)


def test_units_of_every_time_are_the_same():
    for times in np.random.default_rng(0).uniform(1, 1000, 200).round(3):
        found = {hash_of(to_spec(bm.Sample("x", every))) for every in (times * u.ms, times / 1000 * u.second)}
        assert len(found) == 1, times


# -- differences -------------------------------------------------------------------------------------------------------


def test_a_difference_is_one_value_with_its_unit():
    found = diff(simulator(), simulator(k=0.3))
    assert [tuple(one) for one in found] == [("model.k", "0.5 1/ms", "0.3 1/ms")]
    assert str(found) == "model.k: 0.5 1/ms → 0.3 1/ms"


def test_what_means_the_same_is_no_difference():
    assert diff(simulator(), simulator(speed=10 * u.meter / u.second)) == []
    assert str(diff(GOOD, copy.deepcopy(GOOD))) == "no difference"
    written = copy.deepcopy(GOOD)
    written["network"]["node"]["tau_E"] = "0.0015 s"
    written["network"]["node"]["rE_init"] = 0.1
    del written["network"]["node"]["method"]
    assert [one.path for one in diff(GOOD, written)] == ["network.node.rE_init"]


def test_what_is_left_out_is_the_default():
    found = diff(simulator(), simulator(beta=1.5, method="rk4"))
    assert [str(one) for one in found] == [
        "model.node.beta: the default, 1.0 1/ms → 1.5 1/ms",
        "model.node.method: the default, heun → rk4",
    ]


def test_classes_arrays_and_data_are_named():
    big = np.linspace(0, 1, 100)
    assert "100 numbers 1/ms (SHA-256" in str(diff(bm.HopfStep(100, a=big), bm.HopfStep(100, a=big * 0.9)))
    assert str(diff(bm.HopfStep(3), bm.StuartLandauStep(3))).startswith("all of it: HopfStep(in_size=3) → Stuart")
    first, second = (bm.datasets.load_dataset(name) for name in ("synthetic_80", "synthetic_200"))
    assert "weights of synthetic_80 → weights of synthetic_200" in str(diff(first, second))


def test_specs_that_cannot_be_read_are_compared_as_they_are():
    spoiled = copy.deepcopy(GOOD)
    spoiled["network"]["k"] = "0.1 1/sm"
    assert ("network.k", "0.1", "0.1 1/sm") in [tuple(one) for one in diff(GOOD, spoiled)] or diff(GOOD, spoiled)


# -- schema ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def validator():
    found = schema()
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def test_all_that_is_written_fits_the_schema(validator):
    for name, made in one_of_each().items():
        errors = list(validator.iter_errors(dict(to_spec(made))))
        assert not errors, (name, errors[0].message[:300])


def test_the_schema_knows_every_class_and_argument():
    found = schema()["$defs"]
    assert bm.models.catalogue().keys() <= found.keys()
    hopf = found["HopfStep"]["properties"]
    assert hopf["a"]["description"] == "bifurcation parameter; limit cycle above zero; in 1/ms; usually -1 to 1"
    assert hopf["a"]["default"] == 0.25
    assert "in mm/ms" in found["Network"]["properties"]["speed"]["description"]
    assert "in ms" in found["stimulus.Step"]["properties"]["onset"]["description"]


@pytest.mark.parametrize(
    "spec",
    [
        {"class": "Hopf", "in_size": 3},
        {"class": "HopfStep"},
        {"class": "HopfStep", "in_size": 3, "A": 0.2},
        {"class": "HopfStep", "in_size": 3, "a": "much"},
        {"class": "HopfStep", "in_size": 3, "a": True},
        {"class": "HopfStep", "in_size": 3, "a": {"array": ["x"]}},
        {"class": "HopfStep", "in_size": 3, "a": {"array": [1], "units": "mV"}},
        {"class": "Simulator", "model": {"class": "Network", "node": {"class": "HopfStp"}, "conn": [[0]]}},
        {"in_size": 3},
    ],
)
def test_the_schema_refuses(validator, spec):
    assert list(validator.iter_errors(spec))


def test_the_examples_of_faults_have_a_place():
    for path in LIST:
        assert place(GOOD, path) is not None
