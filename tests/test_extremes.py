"""Every model far from where it lives and at its singular points: finite slopes, steps and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm
from brainmass.models import catalogue

FAR = 1e4  # an Input in its declared unit, a Variable in widths of its span
models = [pytest.param(m, id=name) for name, m in catalogue().items()]


def width(d):
    low, high = d.span or d.bounds
    return high - low


def places(model):
    """Bare states and inputs, a region for each: where it starts, zeros, and each Variable and Input far off alone."""
    brainstate_free = model(1)
    variables, inputs = model.declarations(bm.Variable), model.declarations(bm.Input)
    rng = np.random.default_rng(0)
    start = {n: float(np.asarray(brainstate_free.draw_initial(n, (1,), brainstate_free.bare_parameters(), rng))[0]) for n in variables}
    rows = [(start, {}, "start"), (dict.fromkeys(variables, 0.0), {}, "zeros")]
    for base,w in ((start,"start"), (dict.fromkeys(variables, 0.0),"zeros")):
        for sign in (-1, 1):
            rows += [({**base, n: sign * FAR * width(d)}, {},f"{w} {n} {sign}") for n, d in variables.items()]
            rows += [(base, {n: sign * FAR},f"{w} {n} {sign}") for n in inputs]
    clipped = [{n: np.clip(x, *(variables[n].bounds or (-np.inf, np.inf))) for n, x in s.items()} for s, _,_ in rows]
    s = {n: jnp.array([row[n] for row in clipped], float) for n in variables}
    x = {n: jnp.array([row.get(n, 0.0) for _, row,_ in rows], float) for n in inputs}
    return s, x, [r[2] for r in rows]


def finite(tree):
    return [jax.tree_util.keystr(k) for k, v in jax.tree_util.tree_leaves_with_path(tree) if not np.isfinite(v).all()]
