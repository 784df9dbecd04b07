"""Everything that is declared, written down and read back: JSON, TOML, hash, differences, schema."""

from brainmass.spec.diff import Difference, Differences, diff
from brainmass.spec.files import read_spec, write_spec
from brainmass.spec.meaning import hash_of
from brainmass.spec.problems import SpecError
from brainmass.spec.read import from_spec
from brainmass.spec.schema import schema
from brainmass.spec.write import Spec, to_spec

__all__ = [
    "Difference",
    "Differences",
    "Spec",
    "SpecError",
    "diff",
    "from_spec",
    "hash_of",
    "read_spec",
    "schema",
    "to_spec",
    "write_spec",
]
