"""How a network is wired: weights and lengths with their names, and the delays that follow from them."""

from dataclasses import replace
from typing import Any, cast

import brainunit as u
import jax.numpy as jnp
import numpy as np
from brainstate.nn import Module, Param

from brainmass.dimensions import MATRIX, arranged
from brainmass.names import Names, agreed, check_once, is_numbering, square_names
from brainmass.network.checks import check_longest, checked_lengths, checked_weights
from brainmass.network.coupling import Coupling
from brainmass.network.delayed_reads import BLOCK, WINDOW, DelayPlan, plan_delayed_reads, traced_delay_plan
from brainmass.numerics import absent, check_lengths_known
from brainmass.state_space import Declaration, Declared, Parameter, StateSpace, Values, as_const, refuse_traced
from brainmass.units import describe, is_concrete, numbers, with_unit

_GROUP_SIZES = (WINDOW, BLOCK, 1)


class Wiring(Declared, Module):
    """The connectome of a `Network`: values of regions and edges that agree in their names, and how delays are read."""

    n_node: int
    node: StateSpace
    coupling: Coupling
    links: dict[str, str]
    noise: Any
    delay_init: Any
    given_conn: bool
    self_connection: bool
    interpolate: bool
    longest_delay: float
    distance = Parameter(None, u.mm, "tract lengths")
    speed = Parameter(None, u.mm / u.ms, "conduction speed", bounds=(1, 20))
    delays = Parameter(None, u.ms, "delays")

    def _check_delay_init(self) -> None:
        past = self.delay_init
        if past is None or callable(past):
            return
        unit = self.node.unit_of(self.node.declared[next(iter(self.links))])
        shape = np.shape(numbers(past, unit, "Network: delay_init"))
        if shape not in ((), (1,), (self.n_node,)):
            raise ValueError(f"Network: delay_init has the shape {shape}; it must be one number or ({self.n_node},).")

    @property
    def coupled_var(self) -> Any:
        """What the sources send; a tuple where it is several."""
        return next(iter(self.links)) if len(self.links) == 1 else tuple(self.links)

    @property
    def target(self) -> Any:
        """The Input that receives the current; a tuple where it is several."""
        return next(iter(self.links.values())) if len(self.links) == 1 else tuple(self.links.values())

    @property
    def k(self) -> Param:
        """The global coupling strength; assigning checks its unit."""
        return self.coupling.k

    @k.setter
    def k(self, value: Any) -> None:
        self.coupling.k = value

    @property
    def conn(self) -> Param:
        """The weights; assigning checks them."""
        return self.coupling.conn

    @conn.setter
    def conn(self, value: Any) -> None:
        if not isinstance(value, Param) and not self.conn.fit:
            refuse_traced(self.conn.value(), value, "Network: conn")
        vars(self)["given_conn"] = isinstance(value, Param)
        vars(self.coupling)["conn"] = self._held_weights(value)

    def _held_weights(self, value: Any) -> Param:
        value = arranged(value, MATRIX, "Network: conn")
        self._take_names(value, "Network: conn")
        is_param = isinstance(value, Param)
        own, keeps_diagonal = value.value() if is_param else value, self.self_connection or is_param
        weights = checked_weights(own, self.n_node, self_connection=keeps_diagonal)
        if is_param and np.ndim(own) == 1:
            raise ValueError(f"Network: conn is a flat Param; give one of shape ({self.n_node}, {self.n_node}).")
        self.known_weights(weights)
        return value if is_param else as_const(weights)

    def known_lengths(self, lengths: Any, weights: Any, label: str) -> Any:
        """Lengths or delays with 0 for those of edges that do not exist; refuses to miss one of an edge that does."""
        if not is_concrete(lengths) or np.isfinite(lengths).all():
            return lengths
        if is_concrete(weights):
            check_lengths_known(lengths, (np.asarray(weights) != 0) & self._readable(), label)
        return np.where(absent(lengths), 0.0, lengths)

    def known_weights(self, weights: Any) -> Any:
        """Weights (..., N, N) for the present lengths; traced ones are NaN where an edge has no length."""
        for name in ("distance", "delays"):
            if vars(self).get(name) is not None and is_concrete(self.bare(name)):
                self.known_lengths(self.bare(name), weights, f"Network: {name}")
                unknown = absent(self.bare(name)) & self._readable()
                if not is_concrete(weights) and unknown.any():
                    weights = jnp.where(unknown, jnp.where(weights != 0, jnp.nan, 0.0), weights)
        return weights

    def _readable(self) -> Any:
        """The places of a matrix that delays are read for: not the diagonal, by default."""
        return self.self_connection | ~np.eye(self.n_node, dtype=bool)

    def _take_names(self, table: Any, label: str) -> None:
        """The names of a table are the labels, or must be them."""
        names = square_names(table.value() if isinstance(table, Param) else table, label)
        if names is None or len(names) != self.n_node:
            return
        self._agree(names, label)

    def _agree(self, names: Names, label: str) -> None:
        names = cast("Names", agreed({label: names, "the labels of the Network": self.regions}))
        if is_numbering(names):
            vars(self)["numbered"] = True
        elif self.labels is None:
            vars(self)["labels"] = np.array(names)

    def check_regions(self) -> None:
        """Refuse values of regions whose names are not the labels.

        Raises
        ------
        ValueError
            Says whose, and how they differ.
        """
        parts = {"node": self.node, "noise": self.noise, **self.node.attached(), "coupling": self.coupling}
        for part in parts.values():
            for name, names in vars(part).get("region_names", {}).items() if part is not None else ():
                self._agree(names, f"{type(part).__name__}: {name}")

    @property
    def regions(self) -> Names | None:
        """What the regions are called: the labels, or the numbers of a table that came without names."""
        if self.labels is not None:
            return tuple(map(str, self.labels))
        return tuple(map(str, range(self.n_node))) if vars(self)["numbered"] else None

    @property
    def labels(self) -> Any:
        """The region names of results and pictures; those of the Connectome, or assigned."""
        return vars(self)["labels"]

    @labels.setter
    def labels(self, value: Any) -> None:
        refuse_traced(None, value, "Network: labels")
        if value is not None:
            listed = isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim == 1)
            if not listed or not all(isinstance(name, str) for name in value):
                raise TypeError(f"Network: labels={describe(value)} must be a list of texts, one for each region.")
            if len(value) != self.n_node:
                raise ValueError(f"Network: labels has {len(value)} names; {self.n_node} regions need as many.")
            check_once(value, "Network: labels")
        vars(self)["labels"] = value

    def settable(self) -> list[str]:
        return [*super().settable(), "k", "conn", "labels"]

    def set_parameter(self, declaration: Parameter, value: Any) -> None:
        if self._complete and (value is None) != (vars(self)[declaration.name] is None):
            raise ValueError(
                f"Network: {declaration.name}={describe(value)} would change how delays are given; make a new Network."
            )
        super().set_parameter(declaration, value)

    def _checked(self, declaration: Declaration, value: Any) -> Any:
        shape, label = () if declaration.name == "speed" else (self.n_node,) * 2, f"Network: {declaration.name}"
        value = arranged(value, MATRIX, label)
        bare = checked_lengths(value, declaration.unit, shape, declaration.name)
        self._take_names(value, label)
        if declaration.name != "speed":
            self.known_lengths(bare, self.conn.value(), label)
        return with_unit(bare, declaration.unit) if isinstance(value, u.Quantity) else bare

    @property
    def has_delays(self) -> bool:
        return self.delays is not None or self.distance is not None

    def delay_times(self, values: Values) -> Any:
        """Delays in ms, (N, N), from the values of "distance", "speed", "delays"."""
        if not self.has_delays:
            return np.zeros((self.n_node, self.n_node))
        times = values["delays"] if self.delays is not None else values["distance"] / values["speed"]
        times = times * np.ones((self.n_node, self.n_node))
        return times if self.self_connection else times * (1.0 - np.eye(self.n_node))

    def delay_plan(self, values: Values, dt: float, *, all_edges: bool = False) -> DelayPlan:
        """How the delays are read at ``dt`` ms, from concrete values.

        ``all_edges`` keeps the edges whose weight is zero now, for weights that change or are differentiated.
        """
        off = ~np.eye(self.n_node, dtype=bool) | self.self_connection | self.given_conn
        pattern = off if all_edges else np.asarray(values["conn"]) != 0
        steps = np.asarray(self.delay_times(values), np.float64) / dt
        check_longest(np.max(steps, initial=0.0), self.n_node, dt)
        delay_plan = plan_delayed_reads(steps, pattern, interpolate=self.interpolate, sizes=_GROUP_SIZES)
        return replace(
            delay_plan,
            length=max(delay_plan.length, self.history_length(self.longest_delay, dt) if self.longest_delay else 0),
        )

    def history_length(self, longest: float, dt: float) -> int:
        """Columns of history that reach back ``longest`` ms, between two steps too, and `longest_delay`."""
        longest = max(longest, self.longest_delay)
        check_longest(longest / dt, self.n_node, dt)
        return -(-int(np.ceil(longest / dt) + 2) // WINDOW) * WINDOW

    def traced_delay_plan(self, values: Values, history_length: int, dt: float) -> tuple[DelayPlan, Any]:
        """The plan where delays are data, and whether all of them fit into ``history_length`` of history."""
        steps = self.delay_times(values) / dt
        return traced_delay_plan(steps if self.interpolate else jnp.rint(steps), history_length), jnp.all(
            steps < history_length - 1
        )
