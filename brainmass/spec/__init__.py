"""Everything that is declared, written down and read back: JSON, TOML, hash, differences, schema."""

from brainmass.spec.arguments import WithArguments, by_constructor, in_units, is_default, is_number, signature_of
from brainmass.spec.differences import Difference, Differences, diff
from brainmass.spec.files import read_spec, write_spec
from brainmass.spec.json_schema import of_class, schema
from brainmass.spec.meaning import hash_of
from brainmass.spec.names import checked_trust
from brainmass.spec.problems import Problem, SpecError
from brainmass.spec.read import from_spec
from brainmass.spec.text import as_json, as_toml
from brainmass.spec.write import Spec, to_spec

__all__ = [
    "Difference",
    "Differences",
    "Problem",
    "Spec",
    "SpecError",
    "WithArguments",
    "as_json",
    "as_toml",
    "by_constructor",
    "checked_trust",
    "diff",
    "from_spec",
    "hash_of",
    "in_units",
    "is_default",
    "is_number",
    "of_class",
    "read_spec",
    "schema",
    "signature_of",
    "to_spec",
    "write_spec",
]
