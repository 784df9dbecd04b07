"""Files of every kind with bytes that are cut, changed or put in: a connectome, or one sentence, and nothing else."""

import os
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from brainmass.formats import load_connectome
from tests.formats.made import FILES, NEEDS, SAYS_ORIENTATION, members, zipped

ALLOWED = (ValueError, FileNotFoundError, TypeError)
PLACE = st.floats(0, 1)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("cut"), PLACE, st.just(b"")),
        st.tuples(st.just("set"), PLACE, st.binary(min_size=1, max_size=4)),
        st.tuples(
            st.just("set"), PLACE, st.sampled_from([b"\0", b"\xff\xff\xff\xff", b"-", b"1e999", b"nan", b",", b"\n"])
        ),
        st.tuples(st.just("put"), PLACE, st.binary(min_size=1, max_size=8)),
        st.tuples(st.just("double"), PLACE, st.just(b"")),
    ),
    min_size=1,
    max_size=4,
)
QUICK = settings(derandomize=True, max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(QUICK, max_examples=1000)


def changed(data, changes):
    for how, place, with_what in changes:
        at = int(place * len(data))
        if how == "cut":
            data = data[:at]
        elif how == "double":
            data = data[:at] + data
        else:
            data = data[:at] + with_what + data[at + (len(with_what) if how == "set" else 0) :]
    return data


def check(path, **named):
    """Load it, and see that whatever comes is a sentence, and that the folder is as it was."""
    before, raised = sorted(os.listdir(path.parent)), None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            load_connectome(path, **named)
        except ALLOWED as error:
            raised = error
    if raised is not None:
        message = str(raised)
        assert message.endswith(".")
        assert "\n" not in message
        assert path.name in message
        assert raised.__cause__ is None
    assert all(one.category is UserWarning for one in caught), [str(one.message) for one in caught]
    assert len(caught) <= 1
    assert sorted(os.listdir(path.parent)) == before


def whole(kind):
    if kind in NEEDS:
        pytest.importorskip(NEEDS[kind])
    with TemporaryDirectory() as folder:
        path = FILES[kind](Path(folder))
        return path.name, path.read_bytes()


def damage(kind, how):
    name, data = whole(kind)
    said = {} if kind in SAYS_ORIENTATION else {"orientation": "target_source"}

    @how
    @given(changes=CHANGES)
    @example(changes=[("cut", 0.5, b"")])
    def run(changes):
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(changed(data, changes))
            check(path, **said)

    run()


@pytest.mark.parametrize("kind", FILES)
def test_damaged_bytes(kind):
    damage(kind, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FILES)
def test_damaged_bytes_at_length(kind):
    damage(kind, LONG)


def damage_members(how):
    @how
    @given(name=st.sampled_from(sorted(members())), changes=CHANGES)
    def run(name, changes):
        with TemporaryDirectory() as folder:
            named = members() | {name: changed(members()[name].encode(), changes)}
            check(zipped(Path(folder) / "c.zip", named))

    run()


def test_damaged_members_of_a_zip():
    damage_members(QUICK)


@pytest.mark.slow
def test_damaged_members_of_a_zip_at_length():
    damage_members(LONG)
