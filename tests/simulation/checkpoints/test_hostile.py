"""Folders that were made to run code: none runs, and each is refused in one sentence."""

import pickle
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import brainmass as bm
from brainmass.simulation.checkpoints import sealed_files, sources
from tests.tiny import refused, same

pytestmark = pytest.mark.usefixtures("shared")

WICKED = """
from pathlib import Path
Path({ran!r}).touch()
from tests.tiny import Relaxing

class Model(Relaxing):
    pass

def drive(i, t):
    return 0.0
"""


class Code:
    """A pickle that writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """The file that shows that code was run: by importing ``wicked``, what is in it, or by `Code`."""
    package = tmp_path / "path" / "wicked"
    package.mkdir(parents=True)
    for name in ("__init__", "inner"):
        (package / f"{name}.py").write_text(WICKED.format(ran=str(tmp_path / "ran")))
    monkeypatch.syspath_prepend(package.parent)
    yield tmp_path / "ran"
    for name in [name for name in sys.modules if name.partition(".")[0] == "wicked"]:
        del sys.modules[name]


@pytest.fixture
def made_up(tmp_path, tiny):
    """Makes a folder with another setup, of which every checksum is right."""
    where = tmp_path / "run"
    shutil.copytree(tiny[0], where)

    def make(change):
        data = sealed_files.read_checked(where / "setup.bm").data()
        change(data)
        seal = sealed_files.write_checked(where / "setup.bm", data)
        for path in where.glob("state-*"):
            sealed_files.write_checked(path, sealed_files.read_checked(path).data() | dict(setup=seal))
        return where

    return make


def model(name):
    return lambda data, ran: data["call"]["spec"]["simulator"].update(model={"class": name, "in_size": 2})


def option(name, value):
    return lambda data, ran: data["call"]["spec"]["options"].update({name: value})


def pickled(data, ran):
    data["call"].update(spec=None, pickle=np.frombuffer(pickle.dumps(Code(ran)), np.uint8), why="it is wicked")


def listed(data, ran):
    file = str(Path(sys.path[0], "wicked", "inner.py"))
    data["sources"]["wicked.inner"] = dict(file=file, sha256="another", names=["drive"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (option("monitors", {"x": {"function": "os:system"}}), "'os:system' is of the standard library"),
        (option("inputs", {"function": "wicked:drive"}), "import wicked before, or read with trust="),
        (option("inputs", {"function": "wicked.inner:drive"}), "import wicked.inner before, or read with trust="),
        (model("wicked:Model"), "'wicked:Model' is of a module that is not loaded"),
        (model("os:PathLike"), "'os:PathLike' is of the standard library"),
        (model("pathlib:Path"), "'pathlib:Path' is of the standard library"),
        (pickled, 'it holds a pickle, which can run code (it is wicked); if you made it, give trust=("pickle",)'),
        (listed, "was begun with another drive"),
        (lambda data, ran: data["call"].update(spec=None), "cannot be read here"),
        (lambda data, ran: data["call"].update(values=3), "holds something else than a run writes"),
        (lambda data, ran: data.pop("call"), "cannot be read here"),
        (lambda data, ran: data.update(call=dict(data["call"], spec={"class": "HopfStep", "in_size": 2})), "no simul"),
        (model("HopfStep"), "holds something else than a run writes"),
        (option("simulator", 3), "holds something else than a run writes"),
        (option("init_states", False), "holds something else than a run writes"),
    ],
)
def test_a_folder_that_was_made_up_runs_no_code(tiny, made_up, ran, change, message):
    where = made_up(lambda data: change(data, ran))
    _, text = refused(lambda: bm.resume(where), where)
    assert message in str(text)
    assert not ran.exists()
    assert not any(name.startswith("wicked") for name in sys.modules)
    same(bm.load_result(where), tiny[1])
    assert not ran.exists()


@pytest.mark.parametrize(
    ("change", "trust"), [(pickled, "pickle"), (option("inputs", {"function": "wicked.inner:drive"}), "wicked")]
)
def test_what_is_trusted_runs(made_up, ran, change, trust):
    where = made_up(lambda data: change(data, ran))
    _, text = refused(lambda: bm.resume(where, trust=("another",)), where)
    assert text
    assert not ran.exists()
    refused(lambda: bm.resume(where, trust=(trust,)))
    assert ran.exists()


@pytest.mark.parametrize("name", ["setup.bm", "state-000000000200.bm", "part-000000000200.bm"])
def test_a_pickle_in_the_place_of_a_file_is_none_of_a_run(tmp_path, tiny, ran, name):
    shutil.copytree(tiny[0], tmp_path / "run")
    for path in (tmp_path / "run").glob("state-*" if name.startswith("state") else name):
        path.write_bytes(pickle.dumps(Code(ran)))
    for call in (bm.resume, bm.load_result):
        _, text = refused(lambda call=call: call(tmp_path / "run"), tmp_path / "run")
        assert text is None or "is no checkpoint of brainmass" in text
    assert not ran.exists()


def test_a_source_is_found_without_an_import(ran):
    assert sources._found("wicked.inner") == str(Path(sys.path[0], "wicked", "inner.py"))
    assert sources._found("wicked") == str(Path(sys.path[0], "wicked", "__init__.py"))
    assert sources._found("wicked.none") is None
    assert not ran.exists()
