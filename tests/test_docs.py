"""The manual: its code runs, its links lead somewhere, and it builds without a warning."""

import re
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

import brainmass
from brainmass.coupling import COUPLINGS
from brainmass.noise import NOISES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", DOCS / "index.md", DOCS / "getting_started.md", *sorted(DOCS.glob("how-to/*.md"))]
SLOW = {"batches_and_gradients"}
TEXTS = [ROOT / "README.md", *(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)]
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


@pytest.mark.slow
def test_the_manual_builds_without_a_warning(tmp_path):
    pytest.importorskip("sphinx")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    done = subprocess.run([*command, DOCS, tmp_path / "html"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "html/reference/models.html").read_text(encoding="utf-8")
    for kind, model in brainmass.models.catalogue().items():
        assert kind in page
        assert all(f">{d}<" in page for d in model.declarations(brainmass.Parameter))
