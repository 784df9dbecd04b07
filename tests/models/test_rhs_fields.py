"""Right-hand sides against tvb-library and neurolib, at random states and parameters, without and with coupling."""

import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import brainmass as bm

REFERENCE = Path(__file__).parents[1] / "reference"
sys.path.insert(0, str(REFERENCE))

import mapping_fields  # noqa: E402

pytestmark = pytest.mark.usefixtures("x64")


def mistaken(field, s, p, inputs, unit):
    """Our second-order slopes with what TVB does to derivatives by rates.

    They are in ``unit`` and their products in ``unit**2``, and in C_ei those of the two populations are exchanged.
    """

    def at(**covariances):
        return field(s | covariances, p, inputs)

    zero, keys = dict.fromkeys(("C_ee", "C_ei", "C_ii"), np.zeros_like(s["E"])), ("C_ee", "C_ii")
    first, second = (at(**{n: factor * s[n] for n in zero}) for factor in (unit, unit**2))
    found = {n: first[n] - 2 * (1 - unit) * s[n] / p["T"] if n.startswith("C_") else second[n] for n in s}
    for key in keys:
        slope = {n: value - at(**zero)[n] for n, value in at(**zero | {key: np.ones_like(s["E"])}).items()}
        own, other = 0.5 * slope[key] + 1 / p["T"], slope["C_ei"]  # dF_e/dE and dF_i/dE, or dF_i/dI and dF_e/dI, over T
        found["C_ei"] = found["C_ei"] + unit * (s[key] - s["C_ei"]) * (own - other)
    return found


@pytest.mark.parametrize("label", mapping_fields.TVB)
@pytest.mark.parametrize("variant", ["default", "moved"])
@pytest.mark.parametrize("coupled", [False, True])
def test_right_hand_side(label, variant, coupled):
    entry = mapping_fields.TVB[label]
    with np.load(REFERENCE / "rhs_tvb_fields.npz") as npz:
        stored = {n.removeprefix(f"{label}/"): npz[n] for n in npz.files if n.startswith(f"{label}/")}
    names = list(stored["names"])
    start = f"{variant}/parameter/"
    given = {n.removeprefix(start): float(v) for n, v in stored.items() if n.startswith(start)}
    theirs = given | dict(zip(names, stored[f"{variant}/states"], strict=True))
    slopes = dict(zip(names, stored[f"{variant}/{'coupled' if coupled else 'alone'}"], strict=True))
    renamed, of = entry.get("renamed", {}), entry.get("of", {})

    def ours(name, values):
        return of[name](given | values) if name in of else values[renamed.get(name, name)]

    node, fixed = getattr(bm, entry["ours"])(stored[f"{variant}/states"].shape[1]), entry.get("fixed", {})
    s = {n: ours(n, theirs) for n in node.declarations(bm.Variable)}
    p = {n: np.float64(fixed[n] if n in fixed else ours(n, theirs)) for n in node.declarations(bm.Parameter)}
    c = coupled * stored[f"{variant}/coupling"]
    inputs = {n: f(c, theirs) for n, f in entry["inputs"].items()}
    field = jax.jit(node.bare_drift)
    found, rtol = field(s, p, inputs), 1e-9
    if "unit" in entry:
        found, rtol = mistaken(field, s, p, inputs, entry["unit"]), 1e-8  # TVB takes finite differences
    for n in s:
        wanted = ours(n, slopes)
        if n in entry.get("defect", {}):
            wanted = wanted - entry["defect"][n](s, p)
        np.testing.assert_allclose(found[n], wanted, rtol=rtol, atol=1e-3 * rtol * np.abs(s[n]).max(), err_msg=n)
