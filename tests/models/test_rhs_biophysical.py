"""Right-hand sides against tvb-library, tvb-contrib and neurolib, at random states, without and with a drive."""

import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import brainmass as bm

REFERENCE = Path(__file__).parents[1] / "reference"
sys.path.insert(0, str(REFERENCE))

import mapping_biophysical  # noqa: E402

pytestmark = pytest.mark.usefixtures("x64")

PEERS = {f"{label}/": ("rhs_tvb_biophysical.npz", entry) for label, entry in mapping_biophysical.TVB.items()}
PEERS[""] = ("rhs_neurolib_thalamus.npz", mapping_biophysical.NEUROLIB)


@pytest.mark.parametrize("label", PEERS, ids=lambda label: label.rstrip("/") or "ThalamicMassModel")
@pytest.mark.parametrize("variant", ["default", "moved"])
@pytest.mark.parametrize("driven", [False, True])
def test_right_hand_side(label, variant, driven):
    file, entry = PEERS[label]
    with np.load(REFERENCE / file) as npz:
        stored = {n.removeprefix(label): npz[n] for n in npz.files if n.startswith(label)}
    names, start = list(stored["names"]), f"{variant}/parameter/"
    given = {n.removeprefix(start): float(v) for n, v in stored.items() if n.startswith(start)}
    theirs = given | dict(zip(names, stored[f"{variant}/states"], strict=True))
    slopes = dict(zip(names, stored[f"{variant}/{'driven' if driven else 'alone'}"], strict=True))
    renamed, of, fixed = (entry.get(key, {}) for key in ("renamed", "of", "fixed"))

    def ours(name):
        return of[name](theirs) if name in of else theirs[renamed.get(name, name)]

    node = getattr(bm, entry["ours"])(stored[f"{variant}/states"].shape[1])
    s = {n: ours(n) for n in node.declarations(bm.Variable)}
    p = {n: np.float64(fixed[n] if n in fixed else ours(n)) for n in node.declarations(bm.Parameter)}
    drive = driven * stored[f"{variant}/drive"]
    found = jax.jit(node.bare_drift)(s, p, {n: f(drive, theirs) for n, f in entry["inputs"].items()})
    for n in s:
        added = entry["defect"][n](s, p) if n in entry.get("defect", {}) else 0.0
        wanted, scale = slopes[renamed.get(n, n)], np.abs(s[n]).max()
        np.testing.assert_allclose(found[n] + added, wanted, rtol=1e-9, atol=1e-12 * scale, err_msg=n)
