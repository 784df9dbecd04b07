"""A broken spec gives every problem at once, each with its path, in sentences; nothing that it names is executed."""

import copy
import json
import random
import subprocess
import sys
import zipfile

import brainunit as u
import numpy as np
import pytest
from brainstate.nn import Param, SoftplusT

import brainmass as bm
from brainmass.spec import SpecError, from_spec, read_spec, to_spec, write_spec
from tests.spec.examples import Shelf

GOOD = {
    "format": 1,
    "class": "tests.spec.test_broken:Study",
    "network": {
        "class": "Network",
        "node": {
            "class": "WilsonCowanStep",
            "in_size": 4,
            "wEE": 12.0,
            "tau_E": "1.5 ms",
            "method": "heun",
            "noise_E": {"class": "OUProcess", "in_size": 4, "sigma": 0.1, "tau": "50 ms"},
        },
        "conn": [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]],
        "distance": {"array": [[0, 9, 0, 0], [0, 0, 9, 0], [0, 0, 0, 9], [9, 0, 0, 0]], "unit": "mm"},
        "speed": "10 mm/ms",
        "coupled_var": "rE",
        "k": 0.1,
        "labels": ["a", "b", "c", "d"],
        "coupling": {"class": "SigmoidalCoupling", "slope": 2.0},
    },
    "stimuli": {
        "rE_inp": {
            "class": "stimulus.Sum",
            "terms": [
                {"class": "stimulus.Step", "amplitude": 0.5, "onset": "10 ms", "offset": "20 ms"},
                {"class": "stimulus.PulseTrain", "amplitude": 0.5, "period": "10 ms", "width": "2 ms"},
            ],
        }
    },
    "monitors": {
        "bold": {"class": "Bold", "what": {"class": "TemporalAverage", "what": "rE", "period": "1 ms"}, "tr": "0.72 s"},
        "eeg": {"class": "EEG", "what": "rE", "leadfield": [[1, 2, 3, 4], [4, 3, 2, 1]], "period": "1 ms"},
        "psd": {"class": "StreamingPSD", "what": "rE", "overlap": 0.5},
    },
}


class Study:
    """A whole of parts that know nothing of each other."""

    def __init__(self, network, stimuli, monitors):
        self.network, self.stimuli, self.monitors = network, stimuli, monitors

    def as_arguments(self):
        return vars(self)


# what may come in the place of an argument, by its path
NO_NUMBER = ["three", True, {"a": 1}, [], None, {"none": True}, "nan", "3 kg", "3 apples", {"array": [1], "dtype": "O"}]
NO_NUMBER += [{"function": "os:system"}, {"class": "HopfStpe"}, {"array": ["x"]}, {"file": "gone"}, {"param": "x"}]
NO_NAME = [3, ["x", 3], {"none": 1}, "no such name", "5 mV", {"dataset": "gone"}, {"mapping": 3}]
FAULTS = {
    ("network", "node", "wEE"): NO_NUMBER,
    ("network", "node", "tau_E"): NO_NUMBER,
    ("network", "node", "method"): NO_NAME,
    ("network", "node", "in_size"): [0, -3, "four", 2.5, "nan", True],
    ("network", "node", "noise_E", "sigma"): [n for n in NO_NUMBER if n != "3 kg"],
    ("network", "node", "noise_E", "tau"): [*NO_NUMBER, "-3 ms"],
    ("network", "speed"): [n for n in NO_NUMBER if n != {"none": True}] + [0.0],
    ("network", "coupled_var"): NO_NAME,
    ("network", "coupling", "slope"): [n for n in NO_NUMBER if n not in ("3 kg", [])],
    ("network", "conn"): ["wired", [[1, 2], [3, 4]], [[1, 2], [3]], {"dataset": "gone"}, {"array": [[1]], "unit": "?"}],
    ("network", "labels"): [["a"], "a", [1, 2, 3, 4], ["a", "a", "b", "c"]],
    ("stimuli", "rE_inp", "terms", 0, "onset"): NO_NUMBER,
    ("stimuli", "rE_inp", "terms", 1, "period"): [*NO_NUMBER, "0 ms"],
    ("stimuli", "rE_inp", "terms", 1, "amplitude"): [n for n in NO_NUMBER if n != "3 kg"],
    ("monitors", "bold", "tr"): NO_NUMBER,
    ("monitors", "bold", "what", "period"): [*NO_NUMBER, "-1 ms"],
    ("monitors", "eeg", "leadfield"): [*NO_NUMBER, [1, 2]],
    ("monitors", "psd", "overlap"): [*NO_NUMBER, 1.5],
}
LIST = sorted(FAULTS, key=str)
OWNERS = sorted({path[:-1] for path in FAULTS}, key=str)
ALONE = {("network", "node", "in_size"), ("network", "conn"), ("network", "labels")}  # whose size others must have


def text(path):
    found = ""
    for name in path:
        found += f"[{name}]" if isinstance(name, int) else f".{name}" if found else name
    return found


def place(spec, path):
    for name in path:
        spec = spec[name]
    return spec


def broken(seed):
    """A spec with faults at several paths, and those paths."""
    rng = random.Random(seed)
    spec, wanted = copy.deepcopy(GOOD), set()
    sizes = rng.sample(sorted(ALONE), rng.random() < 0.3)
    for path in [*sizes, *rng.sample([p for p in LIST if p not in ALONE], rng.randrange(1, 7))]:
        if path == ("network", "speed") and ("network", "node", "in_size") in sizes:
            continue  # it is judged with the distances, and those with the number of regions
        place(spec, path[:-1])[path[-1]] = copy.deepcopy(rng.choice(FAULTS[path]))
        wanted.add(text(path))
    if rng.random() < 0.4:
        owner, odd = rng.choice(OWNERS), rng.choice(["amplitud", "noises", "class2", "x y", "tau_e", ""])
        place(spec, owner)[odd] = rng.choice([1, "x", "3 mV"])
        wanted.add(text(owner) + (f".{odd}" if odd.isidentifier() else f'["{odd}"]'))
    if rng.random() < 0.2:
        spec["format"] = rng.choice([0, 2, "1", True, None])
        wanted.add("format")
    return spec, wanted


def refused(spec, **options):
    """The problems of a spec, by path."""
    with pytest.raises(SpecError) as caught:
        from_spec(spec, **options)
    lines = str(caught.value).split("\n")
    assert len(lines) == (1 if len(caught.value.problems) == 1 else len(caught.value.problems) + 1)
    for problem in caught.value.problems:
        assert problem.sentence.endswith("."), problem
        assert "Traceback" not in problem.sentence
        assert "Error:" not in problem.sentence, problem
    return {problem.path: problem.sentence for problem in caught.value.problems}


def test_the_good_one_is_good():
    assert isinstance(from_spec(GOOD), Study)


@pytest.mark.parametrize("tens", range(50))
def test_every_problem_of_a_broken_spec_is_said_at_once(tens):
    for seed in range(10 * tens, 10 * tens + 10):
        spec, wanted = broken(seed)
        found = refused(spec)
        at = {
            next((path for path in wanted if one == path or one.startswith((f"{path}.", f"{path}["))), one)
            for one in found
        }
        assert at == wanted, (seed, found)


# -- whole files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "path", "says"),
    [
        (3, "", "spec=3 must be a dict"),
        ({}, "", "has no class"),
        ({"class": "Hopf"}, "class", "did you mean 'HopfStep'"),
        ({"class": "functional_connectivity"}, "class", "no class"),
        ({"class": ["HopfStep"]}, "class", "no class"),
        ({"class": "HopfStep"}, "in_size", "is missing"),
        ({"class": "HopfStep", "in_size": 3, "A": 0.2}, "A", "did you mean 'a'"),
        ({"class": "HopfStep", "in_size": 3, 3: 0.2}, "", "the key 3 is no text"),
        ({"class": "HopfStep", "in_size": 3, "a": {"array": [1, 2, 3], "units": "1/ms"}}, "a.units", "'unit'"),
        ({"class": "HopfStep", "in_size": 3, "a": "0.2 1/sm"}, "a", "'1/sm', which is not known"),
        ({"class": "HopfStep", "in_size": 3, "a": [0.1, 0.2]}, "a", "broadcast to (3,)"),
        ({"class": "HopfStep", "in_size": 3, "a": {"same": "b"}}, "a", "no path of an object"),
        ({"class": "Sample", "what": {"same": ""}, "every": 1}, "what", "within that object itself"),
        ({"class": "HopfStep", "in_size": 10**400}, "in_size", "32 bits"),
        ({"class": "HopfStep", "in_size": 3, "a": 10**400}, "a", "not a number"),
        ({"class": "HopfStep", "in_size": 3, "a": "1e999 1/ms"}, "a", "not finite"),
        ({"class": "HopfStep", "in_size": 3, "a": "1 ms^" + "9" * 70}, "a", "not known"),
    ],
)
def test_one_problem_is_one_sentence(spec, path, says):
    found = refused(spec)
    assert list(found) == [path]
    assert says in found[path]


def nested(depth):
    spec = {"class": "Sample", "what": "x", "every": 1}
    for _ in range(depth):
        spec = {"class": "Sample", "what": spec, "every": 1}
    return spec


def test_parts_that_lie_too_deep_are_refused(tmp_path):
    assert "deep" in next(iter(refused(nested(60)).values()))
    assert "deep" in next(iter(refused({"class": "HopfStep", "in_size": 3, "a": eval("[" * 80 + "]" * 80)}).values()))
    (tmp_path / "deep.json").write_text('{"a":' * 100_000)
    with pytest.raises(SpecError, match="deep"):
        read_spec(tmp_path / "deep.json")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.json", "{", "no JSON"),
        ("a.json", '{"class": "HopfStep", "in_size": NaN}', 'write "nan"'),
        ("a.json", '{"class": "HopfStep", "in_size": -Infinity}', 'write "-inf"'),
        ("a.json", '{"in_size": 1, "in_size": 2}', "twice"),
        ("a.json", "[1, 2]", "a table"),
        ("a.json", '{"in_size": ' + "9" * 5000 + "}", "no JSON"),
        ("a.json", b"\xff\xfe\x00", "no JSON"),
        ("a.toml", "class = HopfStep", "no TOML"),
        ("a.toml", "in_size = 1\nin_size = 2", "no TOML"),
        ("a.yaml", "class: HopfStep", "must end in .json or .toml"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=says.replace(".", r"\.")) as caught:
        read_spec(path)
    assert "\n" not in str(caught.value)


def test_a_date_is_no_value(tmp_path):
    (tmp_path / "a.toml").write_text('class = "HopfStep"\nin_size = 3\na = 2024-01-01')
    assert "no text, number" in refused(read_spec(tmp_path / "a.toml"))["a"]


# -- arrays beside the text --------------------------------------------------------------------------------------------


@pytest.fixture
def large(tmp_path):
    write_spec(bm.HopfStep(100, a=np.linspace(0, 1, 100)), tmp_path / "one.json")
    return tmp_path / "one.json"


def spoil(path, array, **options):
    """Put another array in the place of the one that was written."""
    with zipfile.ZipFile(path.with_suffix(".npz"), "w", **options) as file, file.open("a.npy", "w") as member:
        np.lib.format.write_array(member, array)


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.linspace(0, 2, 100), "SHA-256"),
        (np.linspace(0, 1, 99), "the shape"),
        (np.linspace(0, 1, 100).astype("f4"), "the dtype"),
        (np.array([print] * 100, object), "the dtype"),
        (np.zeros(100, [("x", "f8")]), "the dtype"),
    ],
)
def test_another_array_is_refused(large, array, says):
    spoil(large, array)
    with pytest.raises(SpecError, match=says):
        from_spec(read_spec(large))


def test_a_bomb_is_refused_before_it_is_unpacked(large):
    spec = json.loads(large.read_text())
    spec["a"]["shape"] = [10**15]
    large.write_text(json.dumps(spec))
    with pytest.raises(SpecError, match="the shape"):
        read_spec(large)
    spoil(large, np.zeros(10_000_000), compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(SpecError, match="compressed"):
        read_spec(large)


def test_a_missing_or_cut_companion_is_said(large):
    companion = large.with_suffix(".npz")
    content = companion.read_bytes()
    for change in (content[:-30], content[:200], b"", None):
        companion.unlink() if change is None else companion.write_bytes(change)
        with pytest.raises(SpecError, match=r"one\.npz"):
            read_spec(large)
    with pytest.raises(SpecError, match="did not come with the spec"):
        from_spec(json.loads(large.read_text()))


# -- what has no form as data ------------------------------------------------------------------------------------------


def begins(shape):
    return np.zeros(shape)


def odd_coupling():
    return bm.Coupling(pre=lambda x, p: x)


class Caller:
    def __call__(self, shape):
        return np.zeros(shape)


@pytest.mark.parametrize(
    ("make", "path", "says"),
    [
        (lambda: bm.HopfStep(2, init_x=lambda shape: np.zeros(shape)), "init_x", "lambda"),
        (lambda: bm.HopfStep(2, init_x=Caller()), "init_x", "no function with a name"),
        (lambda: bm.HopfStep(2, a=Param(0.3, t=SoftplusT(0.0))), "a", "transform"),
        (lambda: bm.Sample(lambda model: model.x.value, 1.0), "what", "mymodule"),
        (lambda: bm.Network(bm.HopfStep(2), conn=Param(np.eye(2), t=SoftplusT(0.0))), "conn", "transform"),
        (lambda: bm.Network(bm.HopfStep(2), conn=np.eye(2), coupling=odd_coupling()), "coupling.pre", "lambda"),
        (lambda: bm.Simulator(Unknown(), dt=0.1), "model", "no method as_arguments"),
    ],
)
def test_what_has_no_form_as_data_is_refused_with_what_to_write(make, path, says):
    with pytest.raises(SpecError, match=says) as caught:
        to_spec(make())
    (problem,) = caught.value.problems
    assert problem.path == path
    assert "\n" not in str(caught.value)


class Unknown(bm.HORNSeqLayer):
    def __init__(self):
        super().__init__(2, 3)


def test_a_closure_is_refused():
    def local(shape):
        return np.zeros(shape)

    with pytest.raises(SpecError, match="within a function"):
        to_spec(bm.HopfStep(2, init_x=local))

    class Inner(bm.Monitor):
        def __init__(self, what):
            self.what = what

    with pytest.raises(SpecError, match="top of a module"):
        to_spec(Inner("x"))


@pytest.mark.parametrize("value", [3, "x", None, [1], np.eye(2), 3 * u.ms, begins, bm.HopfStep])
def test_what_is_no_object_is_refused(value):
    with pytest.raises(SpecError):
        to_spec(value)


# -- nothing is executed -----------------------------------------------------------------------------------------------

HOSTILE = """
import pathlib
pathlib.Path({mark!r}).touch()

class Evil:
    as_arguments = dict
    def __init__(self, **kwargs):
        pathlib.Path({mark!r}).touch()

def evil(shape):
    pathlib.Path({mark!r}).touch()
"""


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """A module that leaves a mark when it is imported; the path of the mark."""
    mark = tmp_path / "mark"
    (tmp_path / "hostile_module.py").write_text(HOSTILE.format(mark=str(mark)))
    monkeypatch.syspath_prepend(tmp_path)
    yield mark
    sys.modules.pop("hostile_module", None)


@pytest.mark.parametrize(
    "spec",
    [
        {"class": "hostile_module:Evil", "x": 1},
        {"class": "HopfStep", "in_size": 3, "init_x": {"function": "hostile_module:evil"}},
        {"class": "HopfStep", "in_size": 3, "init_x": {"class": "hostile_module:Evil"}},
        {"class": "Sample", "what": {"function": "hostile_module.inner:evil"}, "every": 1},
    ],
)
def test_a_module_that_is_not_trusted_is_not_imported(hostile, spec):
    found = refused(spec)
    assert "is not loaded" in next(iter(found.values()))
    assert not hostile.exists()
    assert "hostile_module" not in sys.modules


def test_a_module_that_is_trusted_is_imported(hostile):
    spec = {"class": "HopfStep", "in_size": 3, "init_x": {"function": "hostile_module:evil"}}
    from_spec(spec, trust=("hostile_module",))
    assert hostile.exists()


@pytest.mark.parametrize(
    "name",
    [
        "os:system",
        "builtins:eval",
        "pickle:loads",
        "subprocess:run",
        "numpy:os.system",
        "brainmass.spec.files:zipfile.ZipFile",
        "brainmass.demo:demo.__globals__",
        "numpy:__dict__",
        "numpy:nothing",
        "nowhere",
        "a:b:c",
        ":x",
        "brainmass.__main__:app",
        "antigravity:x",
        "x" * 1000 + ":y",
    ],
)
def test_what_is_no_function_of_a_known_module_is_refused(name):
    before = set(sys.modules)
    for spec in ({"class": name}, {"class": "HopfStep", "in_size": 3, "init_x": {"function": name}}):
        refused(spec)
    assert "antigravity" not in set(sys.modules) - before


def test_only_what_is_written_by_a_spec_may_be_made():
    for name in (
        "subprocess:Popen",
        "numpy:memmap",
        "typer.models:Context",
        "zipfile:ZipFile",
        "brainmass.files.paths:atomic",
    ):
        refused({"class": name, "args": ["touch", "x"]})


def test_trust_is_a_list_of_names():
    with pytest.raises(TypeError, match="tuple of module names"):
        from_spec({"class": "a:b"}, trust="os")


def test_a_fresh_process_runs_no_code_of_a_hostile_file(hostile, tmp_path):
    path = tmp_path / "evil.json"
    path.write_text(json.dumps({"class": "hostile_module:Evil"}))
    code = "import sys, brainmass.spec as s; s.from_spec(s.read_spec(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    assert "SpecError" in done.stderr
    assert not hostile.exists()
    assert Shelf.__module__ == "tests.spec.examples"
