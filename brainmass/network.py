"""A Network: a node bank, a coupling, and the delays between regions."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import brainstate
import brainunit as u
import jax.numpy as jnp
import numpy as np
from brainstate.nn import Module, Param, call_order

from brainmass.cards import network_card
from brainmass.coupling import Coupling, name_of, resolve_coupling
from brainmass.declarations import Declaration, Input, Parameter
from brainmass.declared import Declared, hold, refuse_traced
from brainmass.edges import absent, check_lengths_known
from brainmass.history import BLOCK, WINDOW, EachEdge, Plan, Reader, plan_reads, traced_plan, undelayed_sums
from brainmass.naming import Names, agreed, check_once, is_numbering, square_names, with_named_arguments
from brainmass.shown import Card
from brainmass.spec.arguments import signature_of
from brainmass.statespace import StateSpace, Values, attach_noise, call_initializer, check_dt
from brainmass.units import (
    checked_switch,
    describe,
    float_dtype,
    is_concrete,
    mantissa,
    numbers,
    one_time,
    resolve_dt,
    with_unit,
)
from brainmass.wiring import (
    check_longest,
    check_phases,
    check_together,
    checked_lengths,
    checked_weights,
    link_units,
    links_of,
)

_LEVELS = (WINDOW, BLOCK, 1)


class Network(Declared, Module):
    """Regions coupled through a connectome with conduction delays.

    Parameters
    ----------
    node : StateSpace
        The node bank, one system per region.
    conn : array (N, N) or (N²,), sparse matrix, table, Param, or Connectome
        ``weights[target, source]``, or True and False. The diagonal is zeroed unless ``self_connection``; a Param is
        used as it is; a Connectome brings its distances where ``speed`` is given. A table with names (of pandas or
        xarray) must have the same in its rows and columns; they become the labels, and all other tables must have them.
    distance : array (N, N), optional
        Tract lengths, bare in mm; with ``speed``, the delays are ``distance / speed``. Those of edges that do not exist
        may be NaN or infinite.
    speed : optional
        Conduction speed, bare in mm/ms; an infinite one leaves no delays.
    delays : array (N, N) or one time, optional
        The delays themselves, bare in ms, in place of ``distance`` and ``speed``.
    coupling : str or Coupling, optional
        "diffusive", "additive", "laplacian", "sigmoidal", "tanh", "sigmoidal_jansen_rit", "kuramoto", "pre_sigmoidal",
        or an object; by default that of the model, for most "diffusive".
    coupled_var : str or list of str, optional
        The Variable or Output of the node that the sources send; the model's own choice by default. Several are coupled
        each by itself, with the same weights, delays and coupling.
    target : str or list of str, optional
        The Input that receives the current, one for each coupled variable; the model's own, or ``<coupled_var>_inp``,
        by default.
    k : optional
        Global coupling strength, bare in (unit of the target)/(unit of the coupled variable), or in the unit of the
        target where the coupling saturates; 1, or that of the coupling object, by default.
    delay_init : optional
        History before t = 0: one number, ``(N,)`` values, or a callable of the shape ``(time, N)`` whose row r is r
        steps before 0; the initial state held by default.
    self_connection : bool
        Keep the diagonal of the weights, with its lengths.
    noise : Noise, optional
        Added to the target Input.
    interpolate : bool
        Read a delay between two steps instead of rounding it to the nearest, which makes speed and lengths
        differentiable.
    longest_delay : optional
        Keep so much history, bare in ms, that a run may go on with delays or new edges up to it; what the present
        delays need by default. A history that is longer than needed costs time.
    labels : list of str, optional
        The names of the regions; those of the Connectome or of a table by default, which must be the same.

    Raises
    ------
    ValueError, TypeError
        A shape, unit, name or value that does not fit, in one sentence.
    """

    trace: Any
    trace_dt: float
    n_node: int
    distance = Parameter(None, u.mm, "tract lengths")
    speed = Parameter(None, u.mm / u.ms, "conduction speed", bounds=(1, 20))
    delays = Parameter(None, u.ms, "delays")

    @with_named_arguments
    def __init__(
        self,
        node: StateSpace,
        *,
        conn: Any,
        distance: Any = None,
        speed: Any = None,
        delays: Any = None,
        coupling: str | Coupling | None = None,
        coupled_var: str | Sequence[str] | None = None,
        target: str | Sequence[str] | None = None,
        k: Any = None,
        delay_init: Any = None,
        self_connection: bool = False,
        noise: Any = None,
        interpolate: bool = False,
        longest_delay: Any = None,
        labels: Any = None,
    ):
        super().__init__()
        if not isinstance(node, StateSpace) or len(node.varshape) != 1:
            came = (
                f"{type(node).__name__} of in_size={node.varshape}" if isinstance(node, StateSpace) else describe(node)
            )
            raise TypeError(f"Network: node={came} must be a bank of one dimension, for example HopfStep(in_size=8).")
        self.node, self.n_node = node, int(node.varshape[0])
        self.self_connection = checked_switch(self_connection, "Network: self_connection")
        self.interpolate = checked_switch(interpolate, "Network: interpolate")
        self.delay_init = delay_init
        vars(self).update(labels=getattr(conn, "labels", None), numbered=False)
        self.links = links_of(node, coupled_var, target)
        if hasattr(conn, "distances"):
            distance = conn.distances if distance is None and speed is not None else distance
            conn = conn.weights
        coupling = node.coupling if coupling is None else coupling
        self.coupling = resolve_coupling(coupling)
        self.given_conn = isinstance(conn, Param)  # a Param is used as it is, its diagonal too
        vars(self.coupling)["conn"] = self._held_weights(conn)
        if k is not None or isinstance(coupling, str):
            self.k = 1.0 if k is None else k
        check_phases(node, self.links, self.coupling)
        self.coupling.settle(*link_units(node, self.links), self.n_node)
        check_together(distance, speed, delays)
        self.distance, self.speed, self.delays = distance, speed, delays
        self.longest_delay = 0.0 if longest_delay is None else one_time(longest_delay, "Network: longest_delay")
        if self.longest_delay < 0:
            raise ValueError(f"Network: longest_delay={describe(longest_delay)} must be a time of zero or more.")
        self.noise = noise
        if noise is not None:
            if len(self.links) > 1:
                raise ValueError(f"Network: noise would go to {', '.join(self.links.values())}; attach it to the node.")
            attach_noise(noise, node, node.declared[self.target], "Network: noise")
            if any(noise is other for other in node.attached().values()):
                raise ValueError("Network: noise is attached to the node already; make one for each.")
        self._check_delay_init()
        if labels is not None:
            known, self.labels = self.regions, labels
            agreed({"Network: labels": tuple(labels), "conn, or another table": known})
        self.check_regions()
        self._complete = True

    def _check_delay_init(self) -> None:
        past = self.delay_init
        if past is None or callable(past):
            return
        unit = self.node.unit_of(self.node.declared[next(iter(self.links))])
        shape = np.shape(numbers(past, unit, "Network: delay_init"))
        if shape not in ((), (1,), (self.n_node,)):
            raise ValueError(f"Network: delay_init has the shape {shape}; it must be one number or ({self.n_node},).")

    def card(self) -> Card:
        return network_card(self)

    def as_arguments(self) -> Values:
        targets = list(self.links.values())
        usual = list(links_of(self.node, list(self.links), None).values())
        return dict(
            node=self.node,
            conn=self.conn if self.given_conn else self.conn.value(),
            **self.as_given(),
            coupling=name_of(self.coupling) or self.coupling,
            coupled_var=list(self.links) if len(self.links) > 1 else self.coupled_var,
            target=None if targets == usual else targets if len(targets) > 1 else self.target,
            k=self.coupling.given("k"),
            delay_init=self.delay_init,
            self_connection=self.self_connection,
            noise=self.noise,
            interpolate=self.interpolate,
            longest_delay=self.longest_delay * u.ms if self.longest_delay else None,
            labels=self.labels if self.labels is None else np.array(self.labels),
        )

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
        self._take_names(value, "Network: conn")
        is_param = isinstance(value, Param)
        own, keeps_diagonal = value.value() if is_param else value, self.self_connection or is_param
        weights = checked_weights(own, self.n_node, self_connection=keeps_diagonal)
        if is_param and np.ndim(own) == 1:
            raise ValueError(f"Network: conn is a flat Param; give one of shape ({self.n_node}, {self.n_node}).")
        self.known_weights(weights)
        return value if is_param else hold(weights)

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
        shape = () if declaration.name == "speed" else (self.n_node, self.n_node)
        bare, label = checked_lengths(value, declaration.unit, shape, declaration.name), f"Network: {declaration.name}"
        self._take_names(value, label)
        if declaration.name != "speed":
            self.known_lengths(bare, self.conn.value(), label)
        return with_unit(bare, declaration.unit) if isinstance(value, u.Quantity) else bare

    # -- delays -------------------------------------------------------------------------------------------------------

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

    def plan(self, values: Values, dt: float, *, all_edges: bool = False) -> Plan:
        """How the delays are read at ``dt`` ms, from concrete values.

        ``all_edges`` keeps the edges whose weight is zero now, for weights that change or are differentiated.
        """
        off = ~np.eye(self.n_node, dtype=bool) | self.self_connection | self.given_conn
        pattern = off if all_edges else np.asarray(values["conn"]) != 0
        steps = np.asarray(self.delay_times(values), np.float64) / dt
        check_longest(np.max(steps, initial=0.0), self.n_node, dt)
        plan = plan_reads(steps, pattern, interpolate=self.interpolate, sizes=_LEVELS)
        return replace(plan, length=max(plan.length, self.columns(self.longest_delay, dt) if self.longest_delay else 0))

    def columns(self, longest: float, dt: float) -> int:
        """Columns of history that reach back ``longest`` ms, between two steps too, and `longest_delay`."""
        longest = max(longest, self.longest_delay)
        check_longest(longest / dt, self.n_node, dt)
        return -(-int(np.ceil(longest / dt) + 2) // WINDOW) * WINDOW

    def traced_plan(self, values: Values, columns: int, dt: float) -> tuple[Plan, Any]:
        """The plan where delays are data, and whether all of them fit into ``columns`` of history."""
        steps = self.delay_times(values) / dt
        return traced_plan(steps if self.interpolate else jnp.rint(steps), columns), jnp.all(steps < columns - 1)

    # -- the stateful shell -------------------------------------------------------------------------------------------

    @call_order(1)
    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Forget the clock and the history of earlier runs; where a global ``dt`` is set, be ready for `update`."""
        for name in ("history", "clock", "trace", "trace_dt"):
            vars(self).pop(name, None)
        if brainstate.environ.get("dt", default=None) is not None:
            vars(self)["trace_dt"] = resolve_dt(None)
            length = max(self._own_plan(None).length, 1)
            vars(self)["trace"] = brainstate.HiddenState(self._early(length, batch_size))

    def _early(self, length: int, batch_size: int | None) -> Any:
        """The sources before t = 0, (batch?, channel·N, time), the newest last: ``delay_init`` or the initial state."""
        now, past = self._sources(), self.delay_init
        shape = (*now.shape, length)
        if past is None:
            return jnp.broadcast_to(now[..., None], shape)
        variable, q = next(iter(self.links)), self._coupling_values()
        unit, size = self.node.unit_of(self.node.declared[variable]), (*now.shape[:-1], self.n_node, length)

        def draw() -> Any:
            if not callable(past):
                value = jnp.asarray(mantissa(past, unit, "delay_init"), float_dtype())
                return jnp.broadcast_to(value[:, None] if value.ndim else value, size)
            drawn = [call_initializer(past, (length, self.n_node), brainstate.random) for _ in range(batch_size or 1)]
            rows = jnp.stack([jnp.asarray(mantissa(one, unit, "delay_init"), float_dtype()) for one in drawn])
            if rows.shape[1:] != (length, self.n_node):
                raise ValueError(f"delay_init returned the shape {rows.shape[1:]}; it must be {(length, self.n_node)}.")
            return rows[:, ::-1].swapaxes(-1, -2).reshape(size)

        spread = SimpleNamespace(**{n: v[..., None] if jnp.ndim(v) else v for n, v in vars(q).items()})
        sent = jnp.concatenate(self.channels([draw() for _ in self.links], spread), -2)
        return sent.at[..., -1].set(now)

    def update(self, *inputs: Any, **named: Any) -> Any:
        """Advance the States by brainstate's global ``dt``, and return the primary variable or output of the node.

        Inputs come in the declared order without the coupled one, or by name. A `Simulator` does the same for many
        steps at once, much faster.
        """
        if "trace" not in vars(self):
            raise ValueError(
                "Network.update needs a delay history: set brainstate's global dt and call init_all_states()."
            )
        check_dt(resolve_dt(None), self.trace_dt)
        free = [n for n in self.node.declarations(Input) if n not in self.links.values()]
        if len(inputs) > len(free):
            raise TypeError(f"Network.update takes at most {len(free)} inputs: {', '.join(free)}.")
        given = self.node.bare_inputs((), {**dict(zip(free, inputs, strict=False)), **named})
        for target, current in self._currents().items():
            given[target] = given.get(target, 0.0) + current
        noises = list(self.node.attached().items()) + ([(self.target, self.noise)] if self.noise is not None else [])
        out = self.node.advance(given, noises)
        self.trace.value = jnp.concatenate([self.trace.value[..., 1:], self._sources()[..., None]], -1)
        return out

    def _own_plan(self, columns: int | None) -> Plan:
        """The plan of the present values, of which weights and delays may be traced where ``columns`` are kept."""
        values, dt = self._own_values(), resolve_dt(None)
        delays = [values[name] for name in ("distance", "speed", "delays") if name in values]
        if columns is not None and not all(map(is_concrete, delays)):
            return self.traced_plan(values, columns, dt)[0]
        return self.plan(values, dt, all_edges=not is_concrete(values["conn"]))

    def _own_values(self) -> Values:
        names = [n for n in self.declarations(Parameter) if vars(self)[n] is not None]
        conn = self.conn.value()
        lengths = {n: self.known_lengths(self.bare(n), conn, f"Network: {n}") for n in names}
        return {"conn": conn, **lengths}

    def _coupling_values(self) -> SimpleNamespace:
        names = [n for n in self.coupling.declarations(Parameter) if n not in self.coupling.per_edge]
        values = {n: jnp.asarray(self.coupling.bare(n)) for n in names}
        return SimpleNamespace(**values, strength=jnp.asarray(self.conn.value()).sum(1))

    # -- what the regions send and receive ----------------------------------------------------------------------------

    def coupled(self, s: Values, p: Values) -> list[Any]:
        """The coupled variables, bare, one by one."""
        return [self.node.bare_read(variable, s, p) for variable in self.links]

    def channels(self, coupled: list[Any], q: Any) -> list[Any]:
        """What is sent: ``pre`` of each coupled variable, which may be several things; itself where edges do that."""
        if self.coupling.per_edge:
            return coupled
        sent = [self.coupling.source(x, q) for x in coupled]
        return [channel for one in sent for channel in (one if isinstance(one, tuple) else (one,))]

    def each_edge(self, values: Values, conn: Any) -> EachEdge | None:
        """``pre`` with the parameters of each edge, from bare values by name; None where all are of regions."""
        if not self.coupling.per_edge:
            return None
        shape = (self.n_node, self.n_node)  # (target, source): what belongs to a region belongs to the source
        given = values | {"strength": conn.sum(1)}
        return EachEdge(self.coupling.source, {n: jnp.broadcast_to(v, shape) for n, v in given.items()})

    def currents(self, totals: list[Any], coupled: list[Any], q: Any) -> Values:
        """The current into each target, from the sum of each channel over its sources."""
        several = len(totals) // len(coupled)
        found = {}
        for i, (target, x) in enumerate(zip(self.links.values(), coupled, strict=True)):
            mine = tuple(totals[i * several : (i + 1) * several])
            current = self.coupling.current(mine if self.coupling.sends_several else mine[0], x, q)
            found[target] = found[target] + current if target in found else current
        return found

    def _coupled(self) -> list[Any]:
        return self.coupled(self.node.bare_states(), self.node.bare_parameters())

    def _sources(self) -> Any:
        return jnp.concatenate(self.channels(self._coupled(), self._coupling_values()), -1)

    def _currents(self) -> Values:
        """The coupling currents (batch?, N) by Input from the trace (batch?, channel·N, time)."""
        conn, trace = jnp.asarray(self.conn.value(), float_dtype()), self.trace.value
        plan = self._own_plan(trace.shape[-1])
        history = jnp.moveaxis(trace.reshape(-1, *trace.shape[-2:]), 0, -1)
        coupled = self._coupled()
        names = self.coupling.declarations(Parameter)
        each = self.each_edge({n: jnp.asarray(self.coupling.bare(n)) for n in names}, conn)
        sums = []
        for level in plan.levels:
            reader = Reader(replace(level, size=1), conn, history.shape[1], history.shape[2], each)
            sums.append([total[0] for total in reader(history, history.shape[1] - 1)])
        if plan.undelayed is not None:
            product = undelayed_sums(plan.undelayed, conn, each)
            channels = jnp.split(history[:, -1], len(history) // self.n_node)
            sums.append([total for sent in channels for total in product(sent)])
        totals = [jnp.stack(channel).sum(0).T.reshape(coupled[0].shape) for channel in zip(*sums, strict=True)]
        return self.currents(totals, coupled, self._coupling_values())


cast("Any", Network).__signature__ = signature_of(Network)  # that of brainstate's metaclass names no argument
