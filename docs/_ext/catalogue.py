"""Pages that are generated from declarations: one for every model, and tables where `<!-- ... -->` says so."""

import re
from pathlib import Path
from urllib.parse import quote

import brainunit as u
import numpy as np
from pictures import caption, picture

import brainmass
from brainmass.network.coupling.rules import COUPLINGS
from brainmass.noise import NOISES
from brainmass.state_space.declarations import Law, Symbol
from brainmass.units import mantissa, unit_name

PAGES = Path("reference/models")
PICTURES = Path("_build/pictures")


def setup(app):
    app.connect("builder-inited", write_pages)
    app.connect("source-read", fill)
    app.connect("autodoc-process-signature", shorten)
    return {"parallel_read_safe": True}


def write_pages(app):
    """A page for every model of the catalogue; pages of models that are no more go."""
    from sphinx.util.display import status_iterator

    docs, models = Path(app.srcdir), brainmass.models.catalogue()
    (docs / PAGES).mkdir(exist_ok=True)
    for path in set((docs / PAGES).glob("*.md")) - {docs / PAGES / f"{name}.md" for name in models}:
        path.unlink()
    for name in status_iterator(models, "drawing models... ", length=len(models)):
        path, image = docs / PAGES / f"{name}.md", picture(models[name], docs / PICTURES)
        text = page(models[name], "/" + image.relative_to(docs).as_posix())
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def fill(app, docname, source):
    pages = {"<!-- models -->": models, "<!-- noises -->": noises, "<!-- couplings -->": couplings}
    for mark, table_of in pages.items():
        if mark in source[0]:
            source[0] = source[0].replace(mark, table_of())


def shorten(app, what, name, obj, options, signature, returned):
    """Write the default ``Quantity(3.25, 'mV')`` as ``3.25 * mV``."""
    return re.sub(r"Quantity\(([^,()]+), ['\"]([^'\"]+)['\"]\)", r"\1 * \2", signature or "") or None, returned


def models():
    """All models, a line each, with links to their pages."""
    kinds = brainmass.models.catalogue()
    rows = [
        (f"[{name}]({PAGES.name}/{name}.md)", states, f"`{kinds[name].primary}`", use_case)
        for name, states, use_case in brainmass.list_models()
    ]
    return table("", ["model", "variables", "primary", "meaning"], rows)


def page(kind, image):
    """The page of a model: its docstring, its picture, what is default, and its declarations."""
    sources = ", ".join(f"[doi:{doi}](https://doi.org/{quote(doi)})" for doi in dois(kind))
    figure = f"```{{figure}} {image}\n:alt: {caption(kind)}\n\n{caption(kind)}\n```"
    parts = [f"# {kind.__name__}", described(kind), f"Sources: {sources}", figure, table("", *defaults(kind))]
    return "\n\n".join([*parts, *tables(kind)]) + "\n"


def dois(kind):
    """Those of the docstring, each once, without the punctuation around them."""
    found = re.findall(r"doi:(10\.\S+)", kind.__doc__)
    return list(dict.fromkeys(re.sub(r"[).,;]+$", "", doi) for doi in found))


def defaults(kind):
    sent = kind.coupled or kind.primary
    target = kind.target or f"{sent}_inp"
    return (
        ["by default", ""],
        [
            ("recorded", f"`{kind.primary}`"),
            ("coupling", f"`{kind.coupling}` of `{sent}`, into `{target}`"),
            ("method", f"`{kind.default_method}`"),
            ("`dt` that the parameters bear", f"{kind.dt:g} ms"),
        ],
    )


def noises():
    return sections(NOISES.values())


def couplings():
    kinds = list(dict.fromkeys(COUPLINGS.values()))
    names = {
        kind: " or ".join(f'`coupling="{n}"`' for n, other in COUPLINGS.items() if other is kind) for kind in kinds
    }
    return sections(kinds, names)


def sections(kinds, notes=()):
    return "\n".join(section(kind, dict(notes).get(kind, "")) for kind in kinds)


def section(kind, note):
    """One class: its docstring, and a table for each kind of declaration that it has."""
    return "\n\n".join(filter(None, [f"### {kind.__name__}", note, described(kind), *tables(kind)])) + "\n"


def described(kind):
    return f"```{{eval-rst}}\n.. autoclass:: brainmass.{kind.__name__}\n```"


def tables(kind):
    for title, header, row, declaration in TABLES:
        rows = [row(kind, d) for d in kind.declarations(declaration).values()] if hasattr(kind, "declarations") else []
        if rows:
            yield table(f"**{title}**", header, rows)


def table(title, header, rows):
    lines = [title, "", line(header), line(["---"] * len(header)), *map(line, rows)]
    return "\n".join(lines)


def line(cells):
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def parameter(kind, d):
    return f"`{d.name}`", number(d.default, d.unit), unit(d), d.doc, span(d.bounds)


def variable(kind, d):
    return f"`{d.name}`", f"`{d.argument}`", start(kind, d), unit(d), d.doc, span(d.span), span(d.bounds)


def input_(kind, d):
    coupled = d.name == (kind.target or f"{kind.coupled or kind.primary}_inp")
    marks = ["additive"] * d.additive + ["takes the coupling"] * coupled
    return f"`{d.name}`", f"`{d.argument}`", unit(d), d.doc, ", ".join(marks)


def output(kind, d):
    return f"`{d.name}`", unit(d), d.doc


def delayed(kind, d):
    return f"`{d.name}`", f"`{d.of}`", f"`{d.by}`", d.doc


def looked_up(kind, d):
    return f"`{d.name}`", unit_name(d.unit), d.doc


TABLES = [
    ("Parameters", ["name", "default", "unit", "meaning", "range"], parameter, brainmass.Parameter),
    (
        "Variables",
        ["name", "argument", "initial", "unit", "meaning", "span", "clamped"],
        variable,
        brainmass.Variable,
    ),
    ("Inputs", ["name", "noise argument", "unit", "meaning", "notes"], input_, brainmass.Input),
    ("Outputs", ["name", "unit", "meaning"], output, brainmass.Output),
    ("Delays inside the region", ["name", "variable", "delay", "meaning"], delayed, brainmass.Delayed),
    ("Tables", ["name", "unit", "meaning"], looked_up, brainmass.Table),
]


def unit(d):
    return d.unit.meaning if isinstance(d.unit, Symbol) else unit_name(d.unit)


def number(value, declared):
    """A default in the declared unit where that is known, with its own unit where it is not."""
    if value is None:
        return "0" if isinstance(declared, Symbol) else "–"
    if isinstance(declared, Symbol) and isinstance(value, u.Quantity):
        return f"{value.mantissa:g} {unit_name(value.unit)}"
    return f"{float(mantissa(value, declared, '')):g}"


def start(kind, d):
    if isinstance(d.value, Law):
        return "stationary law"
    if callable(d.value):
        low, high = (getattr(d.value, end, None) for end in ("low", "high"))
        return type(d.value).__name__ if low is None else f"uniform in {span((low, high))}"
    return number(d.value, d.unit)


def span(ends):
    return "" if ends is None else "{:g} … {:g}".format(*(float(np.asarray(end)) for end in ends))
