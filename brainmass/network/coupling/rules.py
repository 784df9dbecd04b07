"""The couplings that have a name, one class each."""

from typing import Any

import jax.numpy as jnp

from brainmass.names import meant
from brainmass.network.coupling.base import SOURCE, TARGET, Coupling, magnitude
from brainmass.numerics import logistic
from brainmass.state_space import Parameter
from brainmass.units import describe


class DiffusiveCoupling(Coupling):
    """k Σ_j w_ij (x_j − x_i)."""

    signals = ("x", "y", "conn")

    @staticmethod
    def post(total: Any, x: Any, p: Any) -> Any:
        return p.k * (total - p.strength * x)


class AdditiveCoupling(Coupling):
    """k Σ_j w_ij x_j + b."""

    signals = ("x", "conn")
    b = Parameter(0.0, TARGET, "constant current", bounds=(-1, 1))

    @staticmethod
    def post(total: Any, x: Any, p: Any) -> Any:
        return p.k * total + p.b


class LaplacianCoupling(Coupling):
    """k Σ_j L_ij x_j with L = W − D, D the in-strengths; a region's own term is undelayed."""

    signals = ("x", "y", "conn")

    @staticmethod
    def post(total: Any, x: Any, p: Any) -> Any:
        return p.k * (total - p.strength * x)


class SigmoidalCoupling(Coupling):
    """k σ(slope (a Σ_j w_ij x_j + b − midpoint))."""

    signals = ("x", "conn")
    k = Parameter(1.0, TARGET, "global coupling strength", bounds=(0, 2))
    a = Parameter(1.0, doc="gain inside the sigmoid", bounds=(0, 2))
    b = Parameter(0.0, SOURCE, "shift inside the sigmoid", bounds=(-1, 1))
    slope = Parameter(1.0, doc="slope per unit of the coupled variable", bounds=(0, 5))
    midpoint = Parameter(0.0, SOURCE, "midpoint", bounds=(-1, 1))

    @staticmethod
    def post(total: Any, x: Any, p: Any) -> Any:
        z = p.slope * magnitude(p.a * total + p.b - p.midpoint)
        return p.k * logistic(z)


class HyperbolicTangentCoupling(Coupling):
    """k tanh(scale Σ_j w_ij x_j)."""

    signals = ("x", "conn")
    k = Parameter(0.5, TARGET, "global coupling strength", bounds=(0, 2))
    scale = Parameter(2.0, doc="slope per unit of the coupled variable", bounds=(0, 5))

    @staticmethod
    def post(total: Any, x: Any, p: Any) -> Any:
        return p.k * jnp.tanh(p.scale * magnitude(total))


class SigmoidalJansenRitCoupling(Coupling):
    """k Σ_j w_ij (cmin + (cmax − cmin)/(1 + e^{r (midpoint − x_j)})) (Jansen & Rit 1995, doi:10.1007/BF00199471)."""

    signals = ("x", "conn")
    k = Parameter(1.0, TARGET, "global coupling strength", bounds=(0, 2))
    cmin = Parameter(0.0, doc="least output", bounds=(-1, 1))
    cmax = Parameter(0.005, doc="greatest output", bounds=(0, 1))
    midpoint = Parameter(6.0, SOURCE, "midpoint", bounds=(0, 10))
    r = Parameter(0.56, doc="slope per unit of the coupled variable", bounds=(0, 2))

    @staticmethod
    def pre(x: Any, p: Any) -> Any:
        return p.cmin + (p.cmax - p.cmin) * logistic(p.r * magnitude(magnitude(x) - p.midpoint))


class KuramotoCoupling(Coupling):
    """k Σ_j w_ij sin(θ_j − θ_i − α) (Kuramoto 1975, doi:10.1007/BFb0013365; α: Sakaguchi & Kuramoto 1986).

    Sources send sin θ and cos θ, so that a delayed edge costs no transcendental function.
    """

    signals = ("x", "y", "conn")
    k = Parameter(1.0, TARGET, "global coupling strength", bounds=(0, 2))
    alpha = Parameter(0.0, doc="phase lag", bounds=(-3, 3))

    @staticmethod
    def pre(x: Any, p: Any) -> Any:
        return jnp.sin(x), jnp.cos(x)

    @staticmethod
    def post(total: Any, x: Any, p: Any) -> Any:
        sine, cosine = total
        return p.k * (sine * jnp.cos(x + p.alpha) - cosine * jnp.sin(x + p.alpha))


class PreSigmoidalCoupling(Coupling):
    """k Σ_j w_ij H (Q + tanh(G (P x_j − θ))): each source passes through a sigmoid of its own.

    The static form of the pre-sigmoidal coupling of Sanz-Leon et al. 2013, doi:10.3389/fninf.2013.00010.
    """

    signals = ("x", "conn")
    k = Parameter(1.0, TARGET, "global coupling strength", bounds=(0, 2))
    H = Parameter(0.5, doc="scale", bounds=(-2, 2))
    Q = Parameter(1.0, doc="shift", bounds=(-2, 2))
    G = Parameter(60.0, doc="slope", bounds=(0, 100))
    P = Parameter(1.0, doc="gain of the source, per unit of the coupled variable", bounds=(0, 2))
    theta = Parameter(0.5, doc="threshold", bounds=(0, 1))

    @staticmethod
    def pre(x: Any, p: Any) -> Any:
        return p.H * (p.Q + jnp.tanh(p.G * (p.P * magnitude(x) - p.theta)))


COUPLINGS: dict[str, type[Coupling]] = {
    "diffusive": DiffusiveCoupling,
    "additive": AdditiveCoupling,
    "laplacian": LaplacianCoupling,
    "sigmoidal": SigmoidalCoupling,
    "tanh": HyperbolicTangentCoupling,
    "sigmoidal_jansen_rit": SigmoidalJansenRitCoupling,
    "kuramoto": KuramotoCoupling,
    "pre_sigmoidal": PreSigmoidalCoupling,
    "difference": DiffusiveCoupling,  # names that users of other tools look for
    "scaling": AdditiveCoupling,
}


def name_of(coupling: Coupling) -> str | None:
    """The name that makes the same coupling in a Network, but for ``k``; None where no name does."""
    name = next((name for name, kind in COUPLINGS.items() if kind is type(coupling)), None)
    return None if any(value is not None for value in coupling.as_arguments().values()) else name


def resolve_coupling(coupling: Any) -> Coupling:
    """A coupling from its name or as an object that no network has yet.

    Raises
    ------
    ValueError
        An unknown name, or an object that is wired already.
    TypeError
        Neither a name nor a Coupling.
    """
    if isinstance(coupling, str):
        if coupling not in COUPLINGS:
            near = meant(coupling, COUPLINGS)
            raise ValueError(
                f"coupling={coupling!r} is unknown{near}; use one of {', '.join(COUPLINGS)} or a Coupling object."
            )
        return COUPLINGS[coupling]()
    if not isinstance(coupling, Coupling):
        raise TypeError(f"coupling={describe(coupling)} must be a Coupling object or one of {', '.join(COUPLINGS)}.")
    if vars(coupling).get("conn") is not None:
        raise ValueError(f"coupling={type(coupling).__name__} is wired already; make one for each network.")
    return coupling
