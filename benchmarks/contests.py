"""Which contenders meet in which case, whose results must agree, and what the ratios are meant to reach."""

from __future__ import annotations

import dataclasses

from brainmass.models import catalogue


@dataclasses.dataclass(frozen=True)
class Bound:
    """Floor and goal of the ratio "time of the other / our time", the smallest over contenders beginning with `other`.

    With `cost` it is of something that should be cheap: the largest counts, and the floor is its upper limit. Where
    `other` is our own contender, the limit is on its seconds.
    """

    other: str
    floor: float
    goal: float
    cost: bool = False


@dataclasses.dataclass(frozen=True)
class Contest:
    """Our run of a case against others; `equal` are those whose result must equal the reference within `tolerance`."""

    case: str
    ours: str
    others: tuple[str, ...]
    equal: tuple[str, ...]
    tolerance: float
    reason: str
    bounds: tuple[Bound, ...] = ()
    samples: int = 300

    @property
    def contenders(self) -> tuple[str, ...]:
        return (self.ours, *self.others)


SAME_EULER = ("neurolib:loop", "neurolib:run", "tvboptim:roll", "tvboptim:circular", "tvboptim:preallocated")
WHY = "float32 beside float64 and other orders of summation, while a rounding error has not grown (300 steps)"


def _delayed(case: str, over_neurolib: tuple[Bound, Bound], full: bool) -> tuple[Contest, Contest]:
    """Euler, which every peer has, and our default method, for which neurolib still runs Euler."""

    def contest(method: str, others: tuple[str, ...], *bounds: Bound) -> Contest:
        pypi, scans = f"brainmass_pypi:{method}", (f"scan:tiled/{method}", f"scan:ring/{method}")
        others = (scans[0], *others, pypi, *scans[1:])
        equal = tuple(name for name in others if method == "euler" or not name.startswith("neurolib"))
        if full:
            bounds += (Bound(pypi, 4, 8), Bound(scans[0], 1 / 1.10, 1 / 1.02))
        return Contest(case, f"ours:{method}", others, equal, 1e-5, WHY, bounds)

    tvboptim = (Bound("tvboptim", 8, 15),) if full else ()
    return (
        contest("euler", SAME_EULER, over_neurolib[0], *tvboptim),
        contest("exp_euler", ("neurolib:loop", "brainmass_pypi:exp_euler/run"), over_neurolib[1]),
    )


_FINE = Bound("neurolib:loop", 4.5, 7), Bound("neurolib:loop", 3, 5)
_COARSE = Bound("neurolib:loop", 1.5, 4), Bound("neurolib:loop", 1.5, 4)

CONTESTS = (
    *_delayed("hopf_delayed_80", _FINE, True),
    *_delayed("hopf_delayed_400", _FINE, True),
    *_delayed("hopf_delayed_80_dt1", _COARSE, False),
    *_delayed("hopf_delayed_400_dt1", _COARSE, False),
    *(
        Contest(
            *("wong_wang_undelayed_100", f"ours:{method}", ("cubnm",), ("cubnm",), 5e-3),
            "mean and s.d. of S_e over time and regions, each under noise of its own",
            bounds,
        )
        for method, bounds in (("euler", (Bound("cubnm", 3, 6),)), ("exp_euler", ()))  # cuBNM runs Euler
    ),
    Contest(
        *("recording_80", "ours:everything", ("ours:nothing", "neurolib:bold", "tvboptim:bold"), (), 0.0),
        "nothing compared: the noise differs",
        (Bound("ours:nothing", 1 / 1.15, 1 / 1.05), Bound("neurolib:bold", 1, 4), Bound("tvboptim:bold", 1, 4)),
    ),
    Contest(
        *("tutorial", "ours:run", ("brainmass_pypi:run",), (), 0.0, "nothing compared: the initial values are random"),
        (Bound("ours:run", 0.010, 0.003, cost=True),),
    ),
    Contest(
        *("batch", "ours:together", ("ours:one_by_one",), ("ours:one_by_one",), 1e-5),
        "another layout of the batch rounds differently",
        (Bound("ours:one_by_one", 1.3, 2),),
    ),
    Contest(
        *("gradient", "ours:forward", ("ours:k_a", "ours:weights"), ("ours:k_a", "ours:weights"), 1e-5),
        "the mean square of x, with and without its gradient",
        (Bound("ours:k_a", 5, 2.5, cost=True), Bound("ours:weights", 8, 3.5, cost=True)),
    ),
    *(Contest(name, "ours:run", (), (), 0.0, "alone") for name in catalogue()),
)
