"""Imports point down only, heavy ones wait until they are needed, and a new model touches one line of the package."""

import ast
from pathlib import Path

import pytest

import brainmass
from brainmass import models

PACKAGE = Path(brainmass.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
MODEL_FILES = sorted(path for path in (PACKAGE / "models").glob("*.py") if path.name != "__init__.py")

# Rooms may import from the lines above their own.
ORDER = """
naming
warn units draws fingerprint integrate memory edited
arguments edges sources shown
metrics datasets
files data functions taylor
spec
store lock netcdf
stimulus bids folder
declarations provenance result objectives
calling
divergence
declared past wiring
cards
equations
statespace
noise coupling history models
network
tree drive
beginning monitors shell pace
program
batch chunks
values
job progress modules
checkpoint compiled outcome
simulator
resume load viz horn estimate study
__init__
demo
commands
cli
__main__
"""
LEVEL = {room: level for level, rooms in enumerate(ORDER.split("\n")) for room in rooms.split()}
MAY_DRAW = {"viz", "__init__", "demo", "cli"}
DECLARATIONS = {"Parameter", "Variable", "Input", "Delayed", "Table", "Output"}
HEAVY = {"matplotlib", "xarray", "typer", "scipy", "rich", "tqdm", "h5netcdf", "h5py"}


def room(path):
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path, nodes):
    """The absolute dotted names that are imported."""
    package = ("brainmass", *path.relative_to(PACKAGE).parent.parts)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            yield from (".".join(filter(None, (base, node.module, alias.name))) for alias in node.names)


def rooms_used(path):
    for name in imports(path, ast.walk(ast.parse(path.read_text()))):
        first, *rest = name.split(".")
        if first == "brainmass":
            yield rest[0] if rest and rest[0] in LEVEL else "__init__"


def test_every_file_has_its_place():
    assert {room(path) for path in FILES} == LEVEL.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path):
    here = room(path)
    for used in set(rooms_used(path)) - {here}:
        assert LEVEL[used] < LEVEL[here], f"{here} imports {used}"
        assert used != "viz" or here in MAY_DRAW


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_imports_wait_until_they_are_needed(path):
    heavy = {name.split(".")[0] for name in imports(path, ast.parse(path.read_text()).body)} & HEAVY
    assert heavy <= ({"typer"} if room(path) in ("cli", "commands") else set())


def is_declaration(node):
    """A declaration, a class attribute that names one, a docstring, or the physics."""
    if isinstance(node, ast.Assign):
        called = isinstance(node.value, ast.Call) and node.value.func.id in DECLARATIONS
        return called or isinstance(node.value, ast.Constant)
    if isinstance(node, ast.FunctionDef):
        return node.name in ("drift", "diffusion")
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@pytest.mark.parametrize("path", MODEL_FILES, ids=lambda path: path.stem)
def test_a_model_is_declarations_and_a_drift(path):
    classes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]
    assert classes
    for kind in classes:
        assert kind.name in models.catalogue()
        assert [ast.unparse(node) for node in kind.body if not is_declaration(node)] == []
        assert ast.get_docstring(kind)


def test_a_new_model_is_one_file_and_its_line():
    """Every model is exported and catalogued, though only the folder's own ``__init__`` imports it."""
    found = models.catalogue()
    assert {kind.__module__.rpartition(".")[2] for kind in found.values()} == {path.stem for path in MODEL_FILES}
    for name, kind in found.items():
        assert getattr(brainmass, name) is kind
        assert name in brainmass.__all__
    for path in FILES:
        if room(path) not in ("models", "horn"):  # the trainable layers are made of one model
            named = {name.rpartition(".")[2] for name in imports(path, ast.walk(ast.parse(path.read_text())))}
            assert not named & found.keys(), f"{path.name} imports a model by name"
