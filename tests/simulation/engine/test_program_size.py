"""How large the program of a gradient is, which decides how long it takes to compile."""

import jax
import jax.numpy as jnp
import pytest

import brainmass as bm
from brainmass.models import catalogue

pytestmark = pytest.mark.slow
LARGEST = 4000  # equations; nested derivatives of one model had 5568, compiled a minute and took 3 GB


def size(jaxpr):
    """The equations of a program and of what it calls."""
    inner = [p for e in jaxpr.eqns for q in e.params.values() for p in (q if isinstance(q, tuple | list) else [q])]
    return len(jaxpr.eqns) + sum(size(getattr(p, "jaxpr", p)) for p in inner if hasattr(getattr(p, "jaxpr", p), "eqns"))


@pytest.mark.parametrize("model", catalogue().values(), ids=catalogue().keys())
def test_the_gradient_of_a_drift_is_small(model):
    node = model(4)
    s = {n: jnp.full(4, 0.01) for n in model.declarations(bm.Variable)}

    def total(s, p):
        return sum(jnp.sum(slope) for slope in node.bare_drift(s, p, {}).values())

    program = jax.make_jaxpr(jax.grad(total, (0, 1)))(s, node.bare_parameters())
    assert size(program.jaxpr) < LARGEST
