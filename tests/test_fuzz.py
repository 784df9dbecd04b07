"""Every argument of every public callable is given odd values: it works with them, or says in one sentence why not.

Accepted means that it then works: a model moves, a monitor is planned into a run, a picture is drawn, and no number
that comes back is NaN. Refused means a ValueError, TypeError, KeyError or FileNotFoundError that a ``raise`` of this
package raised, with one sentence that names the argument. All else is a fault: an error from inside Python, NumPy or
JAX, a warning of theirs, or a value that is taken and then breaks something.
"""

import ast
import functools
import random
import re
import traceback
import warnings
from pathlib import Path

import numpy as np
import pytest

import brainmass
from tests.callables import BASES, ROOMS, arguments, subjects
from tests.odd import ODD

PACKAGE = Path(brainmass.__file__).parent
REFUSALS = (ValueError, TypeError, KeyError, FileNotFoundError)
HOLED = "array with NaN", "array with inf", "DataFrame of missing values", "masked array"
LONGEST = 450  # letters of a sentence
SUBJECTS = subjects()
QUICK = [(name, argument) for name, s in SUBJECTS.items() if not s.compiles for argument in arguments(s)]
SLOW = [(name, argument) for name, s in SUBJECTS.items() if s.compiles for argument in arguments(s)]


@functools.cache
def raises(path: Path) -> set[int]:
    """The lines of a file that belong to a ``raise``."""
    found = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Raise)]
    return {line for node in found for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}


def refusal(error: Exception, *arguments: str) -> str | None:
    """What is wrong with a refusal, if anything; it must name one of the arguments."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    path = Path(frame.filename)
    text = str(error.args[0]) if error.args else ""
    shown = f"{type(error).__name__} ({path.name}:{frame.lineno}) {text[:200]!r}"
    if not isinstance(error, REFUSALS) or PACKAGE not in path.parents or frame.lineno not in raises(path):
        return f"raw {shown}"
    if not text.endswith(".") or "\n" in text or len(text) > LONGEST:
        return f"no sentence: {shown}"
    if not any(re.search(rf"(?<!\w){re.escape(argument)}(?!\w)", text) for argument in arguments):
        return f"does not name {' or '.join(arguments)}: {shown}"
    return None


def fault(name: str, argument: str, odd: str) -> str | None:
    """What is wrong with how a callable takes an odd value, if anything."""
    subject, value = SUBJECTS[name], ODD[odd]()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            outcome = subject.call(**{**subject.base(), argument: value})
        except Exception as error:
            return refusal(error, argument)
        try:
            subject.works(outcome)
        except Exception as error:
            if subject.nan_stays and "gave" in str(error) and odd in HOLED:
                return None
            if callable(value) and "argument" in str(error):
                return None  # it can be called, and its author decides how
            found = refusal(error, argument, subject.also.get(argument, argument))
            return found and f"accepted, then {found}"
    foreign = [w for w in caught if w.category is not UserWarning]
    return f"warns: {foreign[0].category.__name__} {foreign[0].message}" if foreign else None


def test_every_public_callable_is_tried():
    public = {room + n for room, module in ROOMS.items() for n in module.__all__ if callable(getattr(module, n))}
    others = {"functional_connectivity", "datasets.Connectome"}  # stand at the top, too
    others |= {"Estimate", "Place", "SpecError"}  # these nobody makes
    assert public - BASES - others <= SUBJECTS.keys()


@pytest.mark.parametrize("name", [n for n, s in SUBJECTS.items() if not s.compiles])
def test_the_call_of_the_table_works(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if name in ("resume", "load_result", "read_spec"):
        return  # of a path that is not there
    np.savetxt("values.csv", np.ones((5, 4)), delimiter=",")
    subject = SUBJECTS[name]
    subject.works(subject.call(**subject.base()))


def try_all(cases, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savetxt("values.csv", np.ones((5, 4)), delimiter=",")
    found = ((case, fault(*case)) for case in cases)
    faults = [f"{name}({argument}={odd}): {what}" for (name, argument, odd), what in found if what]
    assert not faults, f"{len(faults)} of {len(cases)} cases:\n" + "\n".join(faults)


def test_odd_values_are_refused_in_one_sentence_or_work(tmp_path, monkeypatch):
    chosen = random.Random(0)
    cases = [(*chosen.choice(QUICK), chosen.choice(list(ODD))) for _ in range(150)]
    try_all(cases, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("name", SUBJECTS)
def test_every_argument_takes_odd_values_well(name, tmp_path, monkeypatch):
    """Each subject gets every odd value for up to four arguments; the catalogue of models shares them out."""
    chosen = random.Random(name)
    mine = list(arguments(SUBJECTS[name]))
    pairs = [(argument, odd) for argument in mine for odd in ODD]
    most = 20 if SUBJECTS[name].compiles else 40 if name in brainmass.models.catalogue() else len(pairs)
    cases = [(name, *pair) for pair in chosen.sample(pairs, min(most, len(pairs)))]
    try_all(cases, tmp_path, monkeypatch)
