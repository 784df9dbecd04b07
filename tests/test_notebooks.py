"""The notebooks: each runs without an error and is kept executed; the tutorial is word for word the user's."""

import importlib.util
from pathlib import Path

import nbclient
import nbformat
import pytest

import brainmass

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TUTORIAL = "04_building_a_network"


def read(path):
    return nbformat.read(path, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(cell):
    return "".join(out.text for out in cell.outputs if out.output_type == "stream" and out.name == "stdout")


def tutorial_cells():
    """The seed's cells and what they print, as tests/test_tutorial.py holds them."""
    spec = importlib.util.spec_from_file_location("the_tutorial", ROOT / "tests/test_tutorial.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {cell.rstrip("\n"): text for cell, text in module.PRINTED.items()}


def test_there_are_notebooks():
    assert {path.stem for path in NOTEBOOKS} >= {
        "01_first_simulation",
        "02_models_and_dynamics",
        TUTORIAL,
        "gallery",
        "gpu",
    }


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, id=p.stem, marks=[] if p.stem == TUTORIAL else pytest.mark.slow) for p in NOTEBOOKS],
)
@pytest.mark.filterwarnings("default")  # those of jupyter's own machinery are not ours to fix
def test_a_notebook_runs(path, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    monkeypatch.delenv("MPLBACKEND", raising=False)
    notebook = read(path)
    nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    if path.stem == TUTORIAL:
        assert [printed(cell) for cell in code(notebook)] == list(tutorial_cells().values())


def test_the_tutorial_is_the_users_code_word_for_word():
    notebook = read(ROOT / "notebooks" / f"{TUTORIAL}.ipynb")
    expected = tutorial_cells()
    assert [cell.source for cell in code(notebook)] == list(expected)
    assert [printed(cell) for cell in code(notebook)] == list(expected.values())


@pytest.mark.slow  # a new model is complete without its picture, a release is not: run the notebook again
def test_the_gallery_shows_every_model():
    gallery = read(ROOT / "notebooks" / "gallery.ipynb")
    assert printed(code(gallery)[-1]) == f"{len(brainmass.models.catalogue())} models\n"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_executed_and_clean(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))
    assert notebook.metadata.keys() == {"kernelspec", "language_info"}
    assert all(not cell.metadata for cell in notebook.cells)
    for cell in code(notebook):
        for out in cell.outputs:
            assert out.output_type != "error"
            assert out.get("name") != "stderr"
    assert path.stat().st_size < 500_000
