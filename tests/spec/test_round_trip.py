"""Everything that is declared is written down and read back: the same text, the same hash, the same bits."""

import json
import re
import subprocess
import sys

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from brainstate.nn import Param

import brainmass as bm
from brainmass.monitors.recording import Recorder, resolve_monitors
from brainmass.simulation.setup import (
    read_values,
)
from brainmass.spec import from_spec, hash_of, read_spec, to_spec, write_spec
from tests.spec.examples import (
    ATTACHED,
    COUPLING_KINDS,
    KINDS,
    MODELS,
    NETWORKS,
    STIMULI,
    N,
    begin,
    for_all,
    one_of_each,
    read_x,
    shelves,
)

QUICK = {"HopfStep", "WilsonCowanDelayedStep", "JansenRitStep", "KuramotoStep"}
DT = 0.1


def with_counts(names, few, many, quick=None):
    """Each name with a few examples, in the slow tests those that are not ``quick``, and with many."""
    fast = [pytest.param(n, few, marks=() if quick is None or n in quick else [pytest.mark.slow]) for n in names]
    return pytest.mark.parametrize(
        ("name", "count"), [*fast, *(pytest.param(n, many, marks=pytest.mark.slow) for n in names)]
    )


def again(spec):
    """What is read from the text of a spec."""
    spec = type(spec)(json.loads(json.dumps(spec, allow_nan=False)), spec.arrays)
    return from_spec(spec)


def check(made):
    spec = to_spec(made)
    other = to_spec(again(spec))
    assert json.dumps(other) == json.dumps(spec)
    assert hash_of(other) == hash_of(spec)
    assert other.arrays.keys() == spec.arrays.keys()
    for name, array in spec.arrays.items():
        np.testing.assert_array_equal(other.arrays[name], array, strict=True)
    return spec


@with_counts(KINDS, 4, 50)
def test_what_is_read_back_is_written_as_before(name, count):
    for_all(KINDS[name], check, count)


@pytest.mark.parametrize("suffix", ["json", "toml"])
@pytest.mark.parametrize("name", [n for n in KINDS if n not in MODELS or n in QUICK])
def test_files_lose_nothing(tmp_path, name, suffix):
    made = one_of_each()[name]
    spec = to_spec(made)
    write_spec(made, tmp_path / f"one.{suffix}")
    found = read_spec(tmp_path / f"one.{suffix}")
    assert found == spec
    assert (tmp_path / "one.npz").exists() == bool(spec.arrays)
    assert to_spec(from_spec(found)) == spec


def test_a_fresh_process_reads_the_same(tmp_path):
    """Its own functions are found by trust; the large arrays come from files."""
    for name, made in one_of_each().items():
        write_spec(made, tmp_path / f"{name}.json")
    code = """if True:
        import json, pathlib, sys
        from brainmass.spec import from_spec, hash_of, read_spec, to_spec
        found = {}
        for path in pathlib.Path(sys.argv[1]).glob("*.json"):
            spec = to_spec(from_spec(read_spec(path), trust=("tests.spec.examples",)))
            found[path.stem] = [hash_of(spec), json.dumps(spec)]
        print(json.dumps(found))
    """
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    specs = {name: to_spec(made) for name, made in one_of_each().items()}
    assert found == {name: [hash_of(spec), json.dumps(spec)] for name, spec in specs.items()}


# -- the same program, the same bits -----------------------------------------------------------------------------------


def compiled_key(model, dt, monitors):
    """The text of the program of a short run, before it is optimized."""
    run = bm.Simulator(model, dt=dt).function(20.0, monitors=monitors)
    text = jax.jit(lambda seed: run({}, seed)).lower(3).as_text()
    return "func.func".join(with_constants_in_place(part) for part in text.split("func.func"))


CONSTANT = re.compile(r"^ *(%c\w*) = stablehlo\.constant (.*)\n", re.MULTILINE)


def with_constants_in_place(function):
    """The text of a function with its constants where they are used: JAX lists them in no certain order."""
    known = dict(CONSTANT.findall(function))
    return re.sub(r"%c\w*", lambda name: known.get(name[0], name[0]), CONSTANT.sub("", function))


def recorded(model, dt, **options):
    result = bm.Simulator(model, dt=dt).run(20.0, seed=3, progress=False, on_divergence="stop", **options)
    return {name: np.asarray(u.get_mantissa(value)) for name, value in result.items()}


def check_run(model, dt=DT, monitors="x"):
    """A copy has the same hash, the same program, and the same bits."""
    twin = again(check(model))
    assert compiled_key(twin, dt, monitors) == compiled_key(model, dt, monitors)
    check_bits(recorded(model, dt, monitors=monitors), recorded(twin, dt, monitors=monitors))


def check_bits(wanted, found):
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        np.testing.assert_array_equal(found[name], values, strict=True)


loosely = pytest.mark.filterwarnings("ignore:.*step:UserWarning", "ignore:.*diverged:RuntimeWarning")


@loosely
@with_counts(MODELS, 2, 5, QUICK)
def test_the_same_run_of_a_model(name, count):
    def on_one(model):
        check_run(model, type(model).dt, list(model.declarations(bm.Variable)))

    for_all(MODELS[name], on_one, count)


@loosely
@with_counts(ATTACHED, 2, 10, {"OUProcess", "WhiteNoise"})
def test_the_same_run_of_a_noise(name, count):
    for_all(ATTACHED[name], lambda noise: check_run(bm.HopfStep(N, noise_x=noise)), count)


@loosely
@with_counts(COUPLING_KINDS, 2, 10, {"DiffusiveCoupling"})
def test_the_same_run_of_a_coupling(name, count):
    def on_one(coupling):
        check_run(bm.Network(bm.HopfStep(N), conn=np.ones((N, N)), delays=1.0, coupling=coupling, k=0.1))

    for_all(COUPLING_KINDS[name], on_one, count)


@loosely
@with_counts(NETWORKS, 2, 10, {"Network"})
def test_the_same_run_of_a_network(name, count):
    monitors = {"sample": bm.Sample("x", 1.0), "fc": bm.StreamingFC("x")}
    for_all(NETWORKS[name], lambda network: check_run(network, monitors=monitors), count)


@pytest.mark.parametrize("count", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_the_same_run_of_monitors(count):
    model = bm.Network(bm.HopfStep(N, init_x=[0.1, 0.2, 0.3]), conn=np.ones((N, N)), delays=1.0)
    own = read_values(model)

    def on_one(shelf):
        wanted, found = shelf.monitors, again(check(shelf)).monitors
        assert found["11"].what is found["10"]
        recorders = [Recorder(model, resolve_monitors(model, x), DT, own) for x in (wanted, found)]
        assert repr(recorders[0].key(model, own)) == repr(recorders[1].key(model, own))
        check_bits(*(recorded(model, DT, monitors=x) for x in (wanted, found)))

    for_all(shelves(), on_one, count)


@with_counts(STIMULI, 2, 20)
def test_the_same_run_of_a_stimulus(name, count):
    """Its samples, in the tree by which JAX knows a compiled program."""
    steps, simulator = np.arange(200), bm.Simulator(bm.HopfStep(N), dt=DT)

    def on_one(stimulus):
        twin = again(check(stimulus))
        np.testing.assert_array_equal(twin.sample(steps, DT), stimulus.sample(steps, DT), strict=True)
        samplers = [one.sampler(DT) for one in (twin, stimulus)]
        assert jax.tree.structure(samplers[0]) == jax.tree.structure(samplers[1])
        runs = [simulator.run(20.0, inputs=one, seed=3, progress=False) for one in (twin, stimulus)]
        np.testing.assert_array_equal(runs[0]["output"], runs[1]["output"], strict=True)

    for_all(STIMULI[name], on_one, count)


def test_double_precision_keeps_the_last_bit(x64):
    third = np.array([1 / 3, np.nextafter(0.1, 1), 1e-300])
    node = bm.HopfStep(3, a=third, w=1 / 3, init_x=third)
    twin = again(to_spec(node))
    np.testing.assert_array_equal(twin.bare("a"), third)
    assert twin.bare("w") == 1 / 3
    np.testing.assert_array_equal(u.get_mantissa(twin.initial["x"]), third)


# -- what is written ---------------------------------------------------------------------------------------------------


def test_only_what_differs_from_the_default_is_written():
    assert to_spec(bm.HopfStep(8, a=0.25, w=0.3)) == {
        "format": 1,
        "class": "HopfStep",
        "in_size": 8,
        "w": "0.3 1/ms",
    }


def test_units_are_those_of_the_declaration():
    ours = to_spec(bm.stimulus.Step(0.5, onset=0.01 * u.second))
    assert ours == {"format": 1, "class": "stimulus.Step", "amplitude": 0.5, "onset": "10.0 ms"}
    ones = np.ones((2, 2))
    net = to_spec(bm.Network(bm.HopfStep(2), conn=ones, distance=ones * u.cm, speed=7 * u.mm / u.ms))
    assert net["speed"] == "7.0 mm/ms"
    assert net["distance"] == {"array": [[10.0, 10.0], [10.0, 10.0]], "unit": "mm"}
    assert net["k"] == "1.0 1/ms"


def test_up_to_64_numbers_stand_in_the_text():
    spec = to_spec(bm.HopfStep(64, a=np.arange(64) / 100))
    assert len(spec["a"]["array"]) == 64
    assert not spec.arrays
    spec = to_spec(bm.HopfStep(65, a=np.arange(65) / 100))
    assert spec["a"].keys() == {"file", "shape", "dtype", "sha256", "unit"}
    assert list(spec.arrays) == ["a"]


def test_bundled_data_go_by_their_name():
    conn = bm.datasets.load_dataset("synthetic_200")
    spec = to_spec(bm.Network(bm.HopfStep(200), conn=conn, speed=5.0))
    for name, field in (("conn", "weights"), ("distance", "distances"), ("labels", "labels")):
        assert (spec[name]["dataset"], spec[name]["field"]) == ("synthetic_200", field)
    twin = again(spec)
    np.testing.assert_array_equal(twin.conn.value(), conn.weights)
    np.testing.assert_array_equal(twin.labels, conn.labels)
    other = conn.replace(weights=conn.weights * 1.0000001)
    assert "file" in to_spec(bm.Network(bm.HopfStep(200), conn=other, speed=5.0))["conn"]


@pytest.mark.parametrize("value", [0.1, np.float64(0.1), jnp.float32(0.1), jnp.asarray([0.1, 0.2, 0.3]), [1, 2, 3]])
def test_dtypes_are_kept(value):
    held = bm.HopfStep(3, a=value).a.value()
    found = u.get_mantissa(again(to_spec(bm.HopfStep(3, a=value))).a.value())
    np.testing.assert_array_equal(found, held)
    assert np.asarray(found).dtype == np.asarray(held).dtype


def test_an_adjacency_and_a_time_of_single_precision():
    adjacency = bm.Network(bm.HopfStep(3), conn=np.eye(3, k=1) > 0)
    np.testing.assert_array_equal(again(to_spec(adjacency)).conn.value(), np.eye(3, k=1))
    spec = to_spec(bm.Sample("x", np.float32(0.1)))
    assert spec["every"] == {"array": 0.1, "dtype": "float32"}  # means 0.1 ms, and not 0.10000000149
    result = bm.Simulator(bm.HopfStep(2), dt=0.1).run(1.0, monitors=again(spec))
    assert result["output"].shape == (10, 2)


def test_a_trained_param_stays_one():
    node = again(to_spec(bm.HopfStep(3, a=Param(0.3), w=Param(0.2 / u.ms))))
    assert node.a.fit
    assert not node.beta.fit
    assert node.a.value() == jnp.float32(0.3)
    assert isinstance(node.w.value(), u.Quantity)


def test_functions_are_written_by_name():
    spec = to_spec(bm.HopfStep(3, init_x=begin))
    assert spec["init_x"] == {"function": "tests.spec.examples:begin"}
    assert again(spec).initial["x"] is begin
    assert to_spec(bm.Sample(read_x, 1.0))["what"] == {"function": "tests.spec.examples:read_x"}


def test_texts_that_read_as_numbers_stay_texts():
    names = ["inf", "1 ms", "nan", "-inf", "2", "1e3"]
    labels = bm.Network(bm.HopfStep(6), conn=np.ones((6, 6)), labels=names)
    assert list(again(to_spec(labels)).labels) == names
    eeg = bm.EEG("x", np.eye(6), names=names)
    assert again(to_spec(eeg)).names == names


def test_a_noise_and_a_coupling_take_the_units_of_their_place():
    node = bm.HopfStep(3, noise_x=bm.OUProcess(3, sigma=0.1))
    assert to_spec(node)["noise_x"]["sigma"] == "0.1 1/ms"
    assert to_spec(bm.OUProcess(3, sigma=0.1))["sigma"] == 0.1
    net = bm.Network(node, conn=np.ones((3, 3)), coupling=bm.SigmoidalCoupling(b=0.5, k=2))
    assert to_spec(net)["coupling"] == {"class": "SigmoidalCoupling", "b": 0.5}
    assert to_spec(net)["k"] == "2.0 1/ms"


class Own(bm.StateSpace):
    """A model of a user."""

    rate = bm.Parameter(0.1, u.ms**-1, "rate")
    x = bm.Variable(1.0)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=-p.rate * s.x)


class Louder(bm.Monitor):
    """A monitor of a user, which keeps its arguments as attributes."""

    def __init__(self, what, gain=2.0):
        self.what, self.gain = what, gain


class Forgetful(bm.Monitor):
    def __init__(self, what, gain=2.0):
        self.what, self._factor = what, gain


def test_classes_of_a_user():
    assert check(Own(3, rate=0.2))["class"] == f"{__name__}:Own"
    assert check(Louder("x", gain=3.0))["gain"] == 3.0
    with pytest.raises(ValueError, match=r"argument 'gain'.*self\.gain.*as_arguments"):
        to_spec(Forgetful("x"))
