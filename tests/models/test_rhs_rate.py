"""Right-hand sides against tvb-library and neurolib, at random states and parameters, without and with coupling."""

import re
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import brainmass as bm
from brainmass.models.stefanescu_jirsa import MODES

REFERENCE = Path(__file__).parents[1] / "reference"
sys.path.insert(0, str(REFERENCE))

import mapping_rate  # noqa: E402

pytestmark = pytest.mark.usefixtures("x64")

CASES = [
    (peer, label, variant)
    for peer, entries in (("tvb", mapping_rate.TVB), ("neurolib", mapping_rate.NEUROLIB))
    for label in entries
    for variant in ("default", "moved")
]


def transposed_inhibition(s, p):
    """What TVB adds to the excitatory modes by summing B[k, i] where the projection has B[i, k]."""
    alpha = np.array([s["alpha1"], s["alpha2"], s["alpha3"]])
    difference = np.outer(MODES["gv"], MODES["v"]) @ alpha - np.outer(MODES["v"], MODES["gv"]) @ alpha
    return {f"xi{i + 1}": -p["K12"] * difference[i] for i in range(3)}


def slow_inhibition(s, p):
    """What neurolib adds to the inhibitory gating by letting it decay with the time constant of the excitatory one."""
    return {"S_i": s["S_i"] / p["tau_i"] - s["S_i"] / p["tau_e"]}


DEFECTS = {"inhibition transposed": transposed_inhibition, "inhibition decays with tau_e": slow_inhibition}


def mixed(recipe, found):
    """A value of ours: the sum of theirs with factors."""
    return sum(factor * found(name) for name, factor in recipe.items())


@pytest.mark.parametrize(("peer", "label", "variant"), CASES)
@pytest.mark.parametrize("coupled", [False, True])
def test_right_hand_side(peer, label, variant, coupled):
    entry = {"tvb": mapping_rate.TVB, "neurolib": mapping_rate.NEUROLIB}[peer][label]
    with np.load(REFERENCE / f"rhs_{peer}_rate.npz") as npz:
        stored = {n.removeprefix(f"{label}/{variant}/"): npz[n] for n in npz.files if n.startswith(f"{label}/")}
    names = list(stored[f"{label}/names"])
    slopes = stored["coupled" if coupled else "alone"]

    def row(array, name):
        variable, _, mode = name.partition(":")
        return array[names.index(variable), :, int(mode or 0)]

    def parameter(name):
        return float(stored[f"parameter/{name}"])

    def source(name):
        if re.fullmatch(r"c\d", name):
            return coupled * stored["coupling"][int(name[1])]
        return coupled * stored["coupling"][0] if name == "coupling" else parameter(name)

    node = getattr(bm, entry["ours"])(slopes.shape[1])
    p = node.bare_parameters() | entry.get("fixed", {})
    p |= {ours: mixed(recipe, parameter) for ours, recipe in entry["parameters"].items()}
    p |= {ours: p[ours] * parameter(gain) for ours, gain in entry.get("gain", {}).items()}
    p = {name: np.float64(value) for name, value in p.items()}
    s = {ours: mixed(recipe, lambda n: row(stored["states"], n)) for ours, recipe in entry["states"].items()}
    inputs = {ours: mixed(recipe, source) for ours, recipe in entry["inputs"].items()}
    for ours, output in entry.get("inside", {}).items():
        inputs[ours] = inputs[ours] - node.bare_read(output, s, p)
    found = jax.jit(node.bare_drift)(s, p, inputs)
    for ours, amount in DEFECTS[entry["defect"]](s, p).items() if "defect" in entry else ():
        found[ours] = found[ours] + amount
    for ours, recipe in entry["states"].items():
        theirs = mixed(recipe, lambda n: row(slopes, n))
        np.testing.assert_allclose(found[ours], theirs, rtol=1e-9, atol=1e-12 * np.abs(s[ours]).max(), err_msg=ours)
