"""Imports point down only and by the doors, heavy ones wait; rooms stay small; nothing is written twice."""

import ast
import re
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import brainmass
from brainmass import models

PACKAGE = Path(brainmass.__file__).parent
DOCS = Path(__file__).parents[1] / "docs"
FILES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = sorted({path.parent for path in FILES})
MODEL_FILES = sorted(path for path in (PACKAGE / "models").glob("*.py") if path.name != "__init__.py")

# A room is a folder, or a file at the top of the package. Each may import from the lines above its own.
ROOMS = """
names  dimensions
units
time_steps  numerics  display  files
metrics  connectomes
formats.reading
formats
datasets
spec
results  state_space  stimulus
objectives  models  noise  network.coupling
network
monitors
monitors.recording
simulation.engine
simulation.setup
simulation.run
simulation.checkpoints
simulation
layers  viz  study
__init__
demo
cli
__main__
"""
LEVEL = {room: level for level, rooms in enumerate(ROOMS.split("\n")) for room in rooms.split()}
MAY_DRAW = {"viz", "__init__", "demo", "cli"}
DECLARATIONS = {"Parameter", "Variable", "Input", "Delayed", "Table", "Output"}
HEAVY = {"matplotlib", "xarray", "typer", "scipy", "rich", "tqdm", "h5netcdf", "h5py"}

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))


def module(path):
    """The dotted name within the package, of a folder for its ``__init__``."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


MODULES = {module(path): path for path in FILES}


def room(name):
    return name if MODULES[name].name == "__init__.py" else name.rpartition(".")[0] or name


def imports(nodes):
    """The absolute dotted names that are imported."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules_used(nodes):
    """The modules of the package that are imported: the longest that a dotted name begins with."""
    for name in imports(nodes):
        first, *rest = name.split(".")
        if first == "brainmass":
            known = [".".join(rest[:n]) for n in range(len(rest), 0, -1)]
            yield next((part for part in known if part in MODULES), "__init__")


def nodes_of(path):
    return list(ast.walk(ast.parse(path.read_text())))


def test_every_file_has_its_room():
    assert {room(name) for name in MODULES} == LEVEL.keys()


def test_tests_have_the_folders_of_the_package():
    tests = Path(__file__).parent
    folders = {path.parent.relative_to(tests) for path in tests.rglob("test_*.py")}
    assert all((PACKAGE / folder / "__init__.py").is_file() for folder in folders)


@every_file
def test_imports_point_down(path):
    here = room(module(path))
    for used in {room(name) for name in modules_used(nodes_of(path))} - {here}:
        assert LEVEL[used] < LEVEL[here], f"{here} imports {used}"
        assert used != "viz" or here in MAY_DRAW


@every_file
def test_another_folder_is_entered_by_its_door(path):
    for used in set(modules_used(nodes_of(path))):
        inner = "." in used and MODULES[used].name != "__init__.py"
        assert not inner or room(used) == room(module(path)), f"{used} is imported from outside its folder"


def test_files_of_a_folder_import_each_other_one_way():
    within = {}
    for name, path in MODULES.items():
        used = set(modules_used(ast.parse(path.read_text()).body))
        within[name] = {other for other in used if room(other) == room(name)} - {name}
    TopologicalSorter(within).prepare()


@every_file
def test_heavy_imports_wait_until_they_are_needed(path):
    heavy = {name.split(".")[0] for name in imports(ast.parse(path.read_text()).body)} & HEAVY
    assert heavy <= ({"typer"} if room(module(path)) == "cli" else set())


# -- sizes -------------------------------------------------------------------------------------------------------------


@every_file
def test_files_and_functions_fit_into_a_head(path):
    source = path.read_text()
    assert len(source.splitlines()) <= 350
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            doc = node.body[0] if ast.get_docstring(node) is not None else None
            lines = node.end_lineno - node.lineno + 1 - (doc.end_lineno - doc.lineno + 1 if doc else 0)
            assert lines <= 40, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(PACKAGE)))
def test_folders_are_small_and_say_what_lives_there(folder):
    most = 10 if folder == PACKAGE else None if folder.name == "models" else 14
    assert most is None or len(list(folder.glob("*.py"))) <= most
    said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
    assert said
    first = said.split("\n\n")[0]
    assert first.endswith(".")
    assert first.count(". ") == 0


# -- repetition --------------------------------------------------------------------------------------------------------

REPEATED_PHYSICS = {
    "models/epileptor.py": "beside a resting-state oscillator stands the whole Epileptor, with what it declares",
    "models/zerlaut.py": "the second order has the cells and synapses of the first, and declares them",
    "models/wilson_cowan*.py": "the variants have the populations of Wilson & Cowan (1972), each another response",
}


def code_lines(path):
    """The lines that are no docstrings, imports or comments, with their numbers."""
    prose = set()
    for node in nodes_of(path):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text or isinstance(node, ast.Import | ast.ImportFrom):
            prose.update(range(node.lineno, node.end_lineno + 1))
    lines = enumerate(path.read_text().splitlines(), 1)
    bare = [(number, line.partition("  # ")[0].strip()) for number, line in lines if number not in prose]
    return [(number, line) for number, line in bare if line and not line.startswith("#")]


def repetitions(size=10):
    """Where so many lines of code stand more than once: lists of (file, line)."""
    places = defaultdict(list)
    for path in FILES:
        code = code_lines(path)
        for window in zip(*(code[i:] for i in range(size)), strict=False):
            places[tuple(line for _, line in window)].append((path.relative_to(PACKAGE), window[0][0]))
    return [found for found in places.values() if len(found) > 1]


def test_only_physics_stands_twice():
    listed = set()
    for places in repetitions():
        physics = [name for name in REPEATED_PHYSICS if all(path.match(name) for path, _ in places)]
        assert physics, "ten lines stand at " + " and at ".join(f"{path}:{line}" for path, line in places)
        listed.update(physics)
    assert listed == REPEATED_PHYSICS.keys()


# -- docs --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", [*DOCS.glob("*.md"), *DOCS.glob("how-to/*.md"), DOCS.parent / "CONTRIBUTING.md"], ids=str
)
def test_files_that_the_manual_names_are_there(page):
    for name in re.findall(r"`([\w/]+\.py)`", page.read_text()):
        assert any((folder / name).is_file() for folder in (PACKAGE, DOCS.parent, *FOLDERS)), name


def test_classes_that_the_architecture_names_are_there():
    classes = {node.name for path in FILES for node in nodes_of(path) if isinstance(node, ast.ClassDef)}
    words = (DOCS / "architecture.md").read_text().split("## Words")[1]
    assert set(re.findall(r"`([A-Z]\w+)`", words)) <= classes


# -- models ------------------------------------------------------------------------------------------------------------


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
        if room(module(path)) not in ("models", "layers"):  # the trainable layers are made of one model
            named = {name.rpartition(".")[2] for name in imports(nodes_of(path))}
            assert not named & found.keys(), f"{path.name} imports a model by name"
