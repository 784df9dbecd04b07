"""A Network: a node bank, a coupling, and the delays between regions."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import brainstate
import brainunit as u
import jax.numpy as jnp
import numpy as np
from brainstate.nn import Param, call_order

from brainmass.display import Card
from brainmass.names import agreed, with_named_arguments
from brainmass.network.checks import (
    bank_for,
    check_phases,
    check_together,
    coupling_targets,
    link_units,
    weights_and_distance,
)
from brainmass.network.coupling import Coupling, name_of, resolve_coupling
from brainmass.network.delayed_reads import DelayPlan, EdgeGroupReader, PerEdgePre, undelayed_sums
from brainmass.network.wiring import Wiring
from brainmass.spec import signature_of
from brainmass.state_space import (
    Input,
    Parameter,
    StateSpace,
    Values,
    attach_noise,
    call_initializer,
    check_dt,
    network_card,
)
from brainmass.time_steps import resolve_dt
from brainmass.units import checked_switch, describe, float_dtype, is_concrete, mantissa, one_time


class Network(Wiring):
    """Regions coupled through a connectome with conduction delays.

    Parameters
    ----------
    node : StateSpace
        The node bank, one system per region; or its class, of which as many are made as ``conn`` has regions.
    conn : array (N, N) or (N²,), sparse matrix, table, Param, or Connectome
        ``weights[target, source]``, or True and False. The diagonal is zeroed unless ``self_connection``; a Param is
        used as it is; a Connectome brings its distances, for which ``speed`` is needed. A table with names (of pandas
        or xarray) must have the same in its rows and columns; they become the labels, and all other tables must have
        them.
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

    @with_named_arguments
    def __init__(
        self,
        node: StateSpace | type[StateSpace],
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
        self.node = node = bank_for(node, conn)
        self.n_node = int(node.varshape[0])
        self.self_connection = checked_switch(self_connection, "Network: self_connection")
        self.interpolate = checked_switch(interpolate, "Network: interpolate")
        self.delay_init = delay_init
        vars(self).update(labels=getattr(conn, "labels", None), numbered=False)
        self.links = coupling_targets(node, coupled_var, target)
        conn, distance = weights_and_distance(conn, distance, speed, delays)
        self._couple(node.coupling if coupling is None else coupling, conn, k)
        check_together(distance, speed, delays)
        self.distance, self.speed, self.delays = distance, speed, delays
        self.longest_delay = _checked_longest(longest_delay)
        self.noise = noise
        if noise is not None:
            self._attach(noise)
        self._check_delay_init()
        self._name_regions(labels)
        self._complete = True

    def _couple(self, coupling: str | Coupling, conn: Any, k: Any) -> None:
        self.coupling = resolve_coupling(coupling)
        self.given_conn = isinstance(conn, Param)  # a Param is used as it is, its diagonal too
        vars(self.coupling)["conn"] = self._held_weights(conn)
        if k is not None or isinstance(coupling, str):
            self.k = 1.0 if k is None else k
        check_phases(self.node, self.links, self.coupling)
        self.coupling.resolve_units(*link_units(self.node, self.links), self.n_node)

    def _attach(self, noise: Any) -> None:
        if len(self.links) > 1:
            raise ValueError(f"Network: noise would go to {', '.join(self.links.values())}; attach it to the node.")
        attach_noise(noise, self.node, self.node.declared[self.target], "Network: noise")
        if any(noise is other for other in self.node.attached().values()):
            raise ValueError("Network: noise is attached to the node already; make one for each.")

    def _name_regions(self, labels: Any) -> None:
        if labels is not None:
            known, self.labels = self.regions, labels
            agreed({"Network: labels": tuple(labels), "conn, or another table": known})
        self.check_regions()

    def as_arguments(self) -> Values:
        targets = list(self.links.values())
        usual = list(coupling_targets(self.node, list(self.links), None).values())
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

    def card(self) -> Card:
        return network_card(self)

    # -- the stateful shell -------------------------------------------------------------------------------------------

    @call_order(1)
    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Forget the clock and the history of earlier runs; where a global ``dt`` is set, be ready for `update`."""
        for name in ("history", "clock", "trace", "trace_dt"):
            vars(self).pop(name, None)
        if brainstate.environ.get("dt", default=None) is not None:
            vars(self)["trace_dt"] = resolve_dt(None)
            length = max(self._present_delay_plan(None).length, 1)
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

    def _present_delay_plan(self, history_length: int | None) -> DelayPlan:
        """The plan of the present values, of which weights and delays may be traced with a ``history_length``."""
        values, dt = self._own_values(), resolve_dt(None)
        delays = [values[name] for name in ("distance", "speed", "delays") if name in values]
        if history_length is not None and not all(map(is_concrete, delays)):
            return self.traced_delay_plan(values, history_length, dt)[0]
        return self.delay_plan(values, dt, all_edges=not is_concrete(values["conn"]))

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

    def per_edge_pre(self, values: Values, conn: Any) -> PerEdgePre | None:
        """``pre`` with the parameters of each edge, from bare values by name; None where all are of regions."""
        if not self.coupling.per_edge:
            return None
        shape = (self.n_node, self.n_node)  # (target, source): what belongs to a region belongs to the source
        given = values | {"strength": conn.sum(1)}
        return PerEdgePre(self.coupling.source, {n: jnp.broadcast_to(v, shape) for n, v in given.items()})

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
        delay_plan = self._present_delay_plan(trace.shape[-1])
        history = jnp.moveaxis(trace.reshape(-1, *trace.shape[-2:]), 0, -1)
        coupled = self._coupled()
        names = self.coupling.declarations(Parameter)
        per_edge = self.per_edge_pre({n: jnp.asarray(self.coupling.bare(n)) for n in names}, conn)
        sums = []
        for group in delay_plan.edge_groups:
            reader = EdgeGroupReader(replace(group, size=1), conn, history.shape[1], history.shape[2], per_edge)
            sums.append([total[0] for total in reader(history, history.shape[1] - 1)])
        if delay_plan.undelayed is not None:
            product = undelayed_sums(delay_plan.undelayed, conn, per_edge)
            channels = jnp.split(history[:, -1], len(history) // self.n_node)
            sums.append([total for sent in channels for total in product(sent)])
        totals = [jnp.stack(channel).sum(0).T.reshape(coupled[0].shape) for channel in zip(*sums, strict=True)]
        return self.currents(totals, coupled, self._coupling_values())


cast("Any", Network).__signature__ = signature_of(Network)  # that of brainstate's metaclass names no argument


def _checked_longest(delay: Any) -> float:
    longest = 0.0 if delay is None else one_time(delay, "Network: longest_delay")
    if longest < 0:
        raise ValueError(f"Network: longest_delay={describe(delay)} must be a time of zero or more.")
    return longest
