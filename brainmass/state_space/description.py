"""What node banks, noises, couplings and networks say of themselves."""

from typing import Any

import numpy as np

from brainmass.display import Card, CardTable, counted, plural, some, value_text
from brainmass.state_space.declarations import Input, Law, Parameter, Symbol, Variable
from brainmass.units import is_concrete, mantissa, unit_name


def bank_card(bank: Any) -> Card:
    """A node bank: method, what differs from the defaults, noise, and where it stands."""
    variables = list(bank.declarations(Variable))
    noises = [f"{_argument(bank, n)} = {inline(noise)}" for n, noise in bank.attached().items()]
    lines = [
        ("variables", ", ".join(variables) or "none"),
        ("values", ", ".join(_unusual(bank)) or "those of the model"),
        ("noise", "; ".join(noises) or "none"),
        ("run", f"{bank.method}, {where(bank)}"),
    ]
    return Card(f"{type(bank).__name__} of {_regions(bank.varshape)}", lines, _tables(bank))


def noise_card(noise: Any) -> Card:
    lines = [("level", ", ".join(_all_values(noise)) or "given values")]
    if noise.series is not None:
        lines.append(("series", f"{counted(noise.series.shape)} values"))
    if noise.correlation is not None:
        lines.append(("regions", "correlated"))
    return Card(f"{type(noise).__name__} of {_regions(noise.varshape)}", lines, [_parameters(noise)])


def coupling_card(coupling: Any) -> Card:
    formula = (type(coupling).__doc__ or "").strip().split("\n")[0]
    own = [
        f"own {name}" for name in ("pre", "post") if name in coupling.signals and vars(coupling).get(name) is not None
    ]
    lines = [("current", formula), ("values", ", ".join([*_all_values(coupling), *own]))]
    return Card(type(coupling).__name__, lines, [_parameters(coupling)])


def network_card(network: Any) -> Card:
    """A network: its node, coupling, delays, noise, and where it stands."""
    node, coupling = network.node, network.coupling
    weights = _host(network.conn.value())
    links = ", ".join(f"{source} → {target}" for source, target in network.links.items())
    edges = "traced weights" if weights is None else plural(int(np.count_nonzero(weights)), "edge")
    values = ", ".join(_all_values(coupling))
    noises = [f"{_argument(node, n)} = {inline(noise)}" for n, noise in node.attached().items()]
    noises += [] if network.noise is None else [f"{inline(network.noise)} on {network.target}"]
    names = "" if network.labels is None else f" ({some(network.labels)})"
    unusual = ", ".join(_unusual(node))
    lines = [
        (
            "node",
            f"{type(node).__name__} ({', '.join(node.declarations(Variable))})" + (f"; {unusual}" if unusual else ""),
        ),
        ("coupling", f"{type(coupling).__name__}, {links}, {values}, {edges}"),
        ("delays", _delays(network, weights)),
        ("noise", "; ".join(noises) or "none"),
        ("run", f"{node.method}, {where(network)}"),
    ]
    own = [_parameters(coupling, f"{type(coupling).__name__}: parameters"), _parameters(network, "Delays")]
    return Card(
        f"Network of {plural(network.n_node, 'region')}{names}", lines, [*_tables(node, type(node).__name__), *own]
    )


def inline(noise: Any) -> str:
    """A noise in one word with its values."""
    return f"{type(noise).__name__}({', '.join(_all_values(noise))})"


def where(model: Any) -> str:
    """Where the States of a model stand."""
    clock = vars(model).get("clock")
    node = vars(model).get("node", model)
    begun = any(name in vars(node) for name in node.declarations(Variable))
    return f"at t = {clock[1] * clock[2]:.10g} ms" if clock is not None else "begun" if begun else "not begun"


def _delays(network: Any, weights: np.ndarray | None) -> str:
    if not network.has_delays:
        return "none"
    values = {n: network.bare(n) for n in network.declarations(Parameter) if vars(network)[n] is not None}
    if weights is None or not all(map(is_concrete, values.values())):
        return "traced"
    known = {n: np.asarray(v) for n, v in values.items()}
    at = weights != 0
    if not at.any():
        return "of no edge"
    times = np.asarray(network.delay_times(known))[at]
    how = "given"
    if "distance" in known:
        lengths = np.broadcast_to(known["distance"], at.shape)[at]
        how = f"lengths of {lengths.min():.3g} to {lengths.max():.3g} mm at {value_text(known['speed'], None)} mm/ms"
    return f"{times.min():.3g} to {times.max():.3g} ms, {how}" + (", interpolated" if network.interpolate else "")


def _regions(shape: tuple[int, ...]) -> str:
    return plural(shape[0], "region") if len(shape) == 1 else f"{counted(shape)} regions"


def _argument(bank: Any, name: str) -> str:
    return bank.declared[name].argument


def _held(owner: Any, name: str) -> Any:
    held = vars(owner).get(name)
    return held.value() if held is not None and hasattr(held, "value") else held


def _host(value: Any) -> np.ndarray | None:
    """A bare array on the host; None where it is traced."""
    return np.asarray(value) if is_concrete(value) else None


def _all_values(owner: Any) -> list[str]:
    return [f"{n} = {_text(owner, d, _held(owner, n))}" for n, d in owner.declarations(Parameter).items()]


def _text(owner: Any, declaration: Any, value: Any, *, named: bool = True) -> str:
    """A value of a declaration; in its own unit as long as a symbol stands for an open one."""
    is_open = isinstance(declaration.unit, Symbol) and not vars(owner).get("symbols")
    return value_text(value, None if is_open else owner.unit_of(declaration), named=named)


def _unusual(bank: Any) -> list[str]:
    """The parameters and initial values that are not those of the model."""
    found = []
    for name, d in bank.declarations(Parameter).items():
        value = _held(bank, name)
        if not _is_same(value, d.default, bank.unit_of(d)):
            found.append(f"{name} = {_text(bank, d, value)}")
    for name, d in bank.declarations(Variable).items():
        if not _is_same(bank.initial[name], d.value, bank.unit_of(d)):
            found.append(f"{d.argument} = {_text(bank, d, bank.initial[name])}")
    return found


def _is_same(value: Any, default: Any, unit: Any) -> bool:
    if value is default:
        return True
    if value is None or default is None:
        return False
    if any(callable(x) or isinstance(x, Law) for x in (value, default)):
        return repr(value) == repr(default)  # of a copy, too
    bare = [_host(mantissa(x, unit, "")) for x in (value, default)]
    return all(x is not None for x in bare) and bool(np.all(bare[0] == bare[1]))


def _parameters(owner: Any, title: str = "Parameters") -> CardTable:
    rows = [
        [n, _text(owner, d, _held(owner, n), named=False), _unit(owner, d), d.doc]
        for n, d in owner.declarations(Parameter).items()
        if vars(owner).get(n) is not None
    ]
    return CardTable(title, ["name", "value", "unit", "meaning"], rows)


def _unit(owner: Any, declaration: Any) -> str:
    is_open = isinstance(declaration.unit, Symbol) and not vars(owner).get("symbols")
    return declaration.unit.meaning if is_open else unit_name(owner.unit_of(declaration))


def _tables(bank: Any, owner: str = "") -> list[CardTable]:
    of = f"{owner}: " if owner else ""
    variables = [
        [n, _text(bank, d, bank.initial[n], named=False), _unit(bank, d), d.doc]
        for n, d in bank.declarations(Variable).items()
    ]
    inputs = [[n, _noise_of(bank, d), _unit(bank, d), d.doc] for n, d in bank.declarations(Input).items()]
    return [
        _parameters(bank, f"{of}parameters" if of else "Parameters"),
        CardTable(f"{of}variables" if of else "Variables", ["name", "initial value", "unit", "meaning"], variables),
        CardTable(f"{of}inputs" if of else "Inputs", ["name", "noise", "unit", "meaning"], inputs),
    ]


def _noise_of(bank: Any, declaration: Any) -> str:
    noise = vars(bank).get(declaration.argument)
    return "none" if noise is None else inline(noise)
