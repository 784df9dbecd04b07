"""The manual: its code runs, its links lead somewhere, and it builds without a warning."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

import brainmass
from brainmass.network.coupling.rules import COUPLINGS
from brainmass.noise import NOISES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", DOCS / "index.md", DOCS / "getting_started.md", *sorted(DOCS.glob("how-to/*.md"))]
SLOW = {"batches_and_gradients"}
GENERATED = DOCS / "reference/models"
TEXTS = [
    ROOT / "README.md",
    *(path for path in DOCS.rglob("*.md") if "_build" not in path.parts and path.parent != GENERATED),
]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def name(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(
    "page", [pytest.param(p, id=name(p), marks=[pytest.mark.slow] if p.stem in SLOW else []) for p in PAGES]
)
def test_the_code_of_a_page_runs_from_top_to_bottom(page):
    text = page.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    assert blocks
    names: dict = {"__name__": "__main__"}
    try:
        for block in blocks:
            line = text.count("\n", 0, block.start(1))
            exec(compile("\n" * line + block[1], name(page), "exec"), names)  # a failure names the line of the page
    finally:
        plt.close("all")


@pytest.mark.parametrize("page", TEXTS, ids=name)
def test_the_links_of_a_page_lead_somewhere(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        path = (page.parent / target).resolve()
        if path.parent == DOCS / "tutorials":  # copies that conf.py makes
            path = ROOT / "notebooks" / path.name
        assert path.exists(), f"{name(page)} links to {target}"


def test_the_reference_names_every_public_name():
    text = "".join(path.read_text(encoding="utf-8") for path in (DOCS / "reference").glob("*.md"))
    named = set(re.findall(r"\w+", text))
    listed = set(brainmass.models.catalogue())  # by the generated tables
    listed |= {kind.__name__ for kind in COUPLINGS.values()} | NOISES.keys()
    assert set(brainmass.__all__) - named - listed == set()


@pytest.fixture
def extension(monkeypatch):
    """The Sphinx extension that makes pages of declarations, and the one that draws."""
    monkeypatch.syspath_prepend(DOCS / "_ext")
    return importlib.import_module("catalogue"), importlib.import_module("pictures")


@pytest.mark.parametrize("kind", brainmass.models.catalogue().values(), ids=brainmass.models.catalogue())
def test_the_page_of_a_model_tells_what_it_declares(extension, kind):
    page = extension[0].page(kind, "/picture.png")
    rows = {tuple(cell.strip() for cell in line.split(" | ")) for line in page.replace("|", " | ").splitlines()}
    cells = {cell for row in rows for cell in row}
    assert {f"`{name}`" for name in kind.declared} <= cells
    assert {d.doc for d in kind.declared.values()} <= cells
    assert {f"`{kind.primary}`", f"{kind.dt:g} ms", f"`{kind.default_method}`"} <= cells
    assert f"autoclass:: brainmass.{kind.__name__}" in page
    assert "](https://doi.org/10." in page
    assert "/picture.png" in page


def test_the_page_of_hopf_is_right(extension):
    page = extension[0].page(brainmass.HopfStep, "/picture.png")
    for line in (
        "| coupling | `diffusive` of `x`, into `x_inp` |",
        "| `w` | 0.2 | 1/ms | angular frequency | 0 … 2 |",
        "| `x` | `init_x` | uniform in 0 … 0.05 | 1 | real part | -2 … 2 |  |",
        "| `x_inp` | `noise_x` | 1/ms | drive on the real part | additive, takes the coupling |",
        "Sources: [doi:10.1038/s41598-017-03073-5](https://doi.org/10.1038/s41598-017-03073-5)",
    ):
        assert line in page.splitlines()
    awkward = extension[0].page(brainmass.LorenzStep, "/picture.png")
    assert "(https://doi.org/10.1175/1520-0469%281963%29020%3C0130%3ADNF%3E2.0.CO%3B2)" in awkward


@pytest.mark.parametrize("kind", [brainmass.HopfStep, brainmass.LinearStep])
def test_a_picture_is_drawn_once(extension, kind, tmp_path):
    drawn = extension[1].picture(kind, tmp_path)
    assert plt.imread(drawn).std() > 0.01
    stamp = drawn.stat().st_mtime_ns
    assert extension[1].picture(kind, tmp_path) == drawn
    assert drawn.stat().st_mtime_ns == stamp
    assert not plt.get_fignums()


def test_the_table_of_models_in_a_notebook():
    table = brainmass.list_models()._repr_html_()
    assert table.count("<tr>") == len(brainmass.models.catalogue()) + 1
    assert "<td>HopfStep</td><td>2</td><td>Supercritical Hopf normal form" in table
    assert "020&lt;0130:DNF&gt;2.0" in table


@pytest.mark.slow
def test_the_manual_builds_without_a_warning(tmp_path):
    pytest.importorskip("sphinx")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    done = subprocess.run([*command, DOCS, tmp_path / "html"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    index = (tmp_path / "html/reference/models.html").read_text(encoding="utf-8")
    for name, model in brainmass.models.catalogue().items():
        assert f'href="models/{name}.html"' in index
        page = (tmp_path / f"html/reference/models/{name}.html").read_text(encoding="utf-8")
        assert all(f">{d}<" in page for d in model.declarations(brainmass.Parameter))
        assert f"_images/{name}.png" in page
