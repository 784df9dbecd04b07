"""How Sphinx builds the manual: `make docs`. Nothing here asks the network."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]

import brainmass  # noqa: E402

project = "brainmass"
author = "The brainmass developers"
copyright = "the brainmass developers, Apache-2.0"
version = release = brainmass.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "catalogue",
]
exclude_patterns = ["_build", "_ext"]
suppress_warnings = ["config.cache"]
html_theme = "furo"
html_title = f"brainmass {release}"
highlight_language = "none"

nb_execution_mode = "off"  # notebooks come with their outputs; tests/test_notebooks.py runs them
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_typehints = "none"
autodoc_member_order = "bysource"
autosummary_generate = False
default_role = "py:obj"
napoleon_numpy_docstring = True
napoleon_google_docstring = False


def copy_notebooks():
    """Into tutorials/, with the links that leave notebooks/ for docs/ turned to where the copies lie."""
    (HERE / "tutorials").mkdir(exist_ok=True)
    for notebook in (HERE.parent / "notebooks").glob("*.ipynb"):
        text = notebook.read_text(encoding="utf-8").replace("](../docs/", "](../")
        copy = HERE / "tutorials" / notebook.name
        if not copy.exists() or copy.read_text(encoding="utf-8") != text:
            copy.write_text(text, encoding="utf-8")


copy_notebooks()
