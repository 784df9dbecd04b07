"""Pages that are generated from declarations: where one says `<!-- models -->`, every model follows."""

import re

import brainunit as u
import numpy as np

import brainmass
from brainmass.coupling import COUPLINGS
from brainmass.declarations import Law, Symbol
from brainmass.noise import NOISES
from brainmass.units import mantissa, unit_name


def setup(app):
    app.connect("source-read", fill)
    app.connect("autodoc-process-signature", shorten)
    return {"parallel_read_safe": True}


def fill(app, docname, source):
    pages = {"<!-- models -->": models, "<!-- noises -->": noises, "<!-- couplings -->": couplings}
    for mark, page in pages.items():
        if mark in source[0]:
            source[0] = source[0].replace(mark, page())


def shorten(app, what, name, obj, options, signature, returned):
    """Write the default ``Quantity(3.25, 'mV')`` as ``3.25 * mV``."""
    return re.sub(r"Quantity\(([^,()]+), ['\"]([^'\"]+)['\"]\)", r"\1 * \2", signature or "") or None, returned


def models():
    return sections(brainmass.models.catalogue().values())


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
    parts = [f"### {kind.__name__}", note, f"```{{eval-rst}}\n.. autoclass:: brainmass.{kind.__name__}\n```"]
    for title, header, row, declaration in TABLES:
        rows = [row(kind, d) for d in kind.declarations(declaration).values()] if hasattr(kind, "declarations") else []
        parts += [table(title, header, rows)] if rows else []
    return "\n\n".join(filter(None, parts)) + "\n"


def table(title, header, rows):
    lines = [f"**{title}**", "", line(header), line(["---"] * len(header)), *map(line, rows)]
    return "\n".join(lines)


def line(cells):
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def parameter(kind, d):
    return f"`{d.name}`", number(d.default, d.unit), unit(d), d.doc, span(d.bounds)


def variable(kind, d):
    return f"`{d.name}`", f"`{d.argument}`", start(kind, d), unit(d), d.doc, span(d.span), span(d.bounds)


def input_(kind, d):
    coupled = d.name == (kind.target or f"{kind.primary}_inp")
    marks = ["additive"] * d.additive + ["takes the coupling"] * coupled
    return f"`{d.name}`", f"`{d.argument}`", unit(d), d.doc, ", ".join(marks)


def output(kind, d):
    return f"`{d.name}`", unit(d), d.doc


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
