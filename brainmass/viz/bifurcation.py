"""What a model does in the long run, over one of its parameters."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from brainmass.display import warn
from brainmass.numerics import checked_seed
from brainmass.simulation import Simulator
from brainmass.state_space import Input, Output, Parameter, Variable
from brainmass.time_steps import resolve_dt, step_count
from brainmass.units import describe, is_count, numbers
from brainmass.viz._axes import axes, bare, line_style, titled, unit_text
from brainmass.viz._bank import beginning, check_model, constants, copies, home, known, steady

_VALUES = 100
_STEPS = 20_000
_STILL = 2e-3  # of what there is to see: less than this between highest and lowest is rest
_COLOURS = {"maximum": "C3", "minimum": "C0", "rest": "black", "not settled": "0.6"}


def plot_bifurcation(
    model: Any,
    parameter: str,
    values: Any = None,
    *,
    variable: str | None = None,
    starts: int = 4,
    inputs: dict[str, Any] | None = None,
    duration: Any = None,
    transient: Any = None,
    dt: Any = None,
    seed: int = 0,
    ax: Any = None,
    **kw: Any,
) -> Any:
    """Draw where a variable rests, or its local maxima and minima, over a parameter, by simulation.

    All values run at once, each from the same random initial states, so branches that exist side by side show if
    some state leads to each. What is drawn is stable; `plot_phase_plane` finds unstable fixed points. The method is
    that of the model, so a run with the same ``dt`` does what is drawn.

    Parameters
    ----------
    model : StateSpace
        A node bank. Its first region is simulated, with the parameters that it has now and without noise.
    parameter : str
        A Parameter, or an Input with a constant value.
    values : array (n,), optional
        In the declared unit or as a Quantity; 100 over the declared bounds of the Parameter by default.
    variable : str, optional
        A Variable or Output; the primary one by default.
    starts : int
        Number of initial states, drawn from the spans of the variables.
    inputs : dict, optional
        Constant values by input name; zero by default.
    duration, transient, dt : optional
        As in `Simulator`, bare in ms; 20 000 steps of the model's ``dt`` by default, half of them transient. Where
        there is slow change, near a bifurcation or by the model's nature, give more.
    seed : int
        Decides the initial states.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    kw
        Goes to ``Axes.plot``.

    Returns
    -------
    matplotlib.axes.Axes
        "rest" varies by less than 0.2 % of the span of the variable or of all that the diagram shows; "not settled" is
        the last value of a series that varies more but turns nowhere.

    Raises
    ------
    TypeError, ValueError
        Not a node bank, unknown names, other units, no bounds and no values.
    FloatingPointError
        Every run diverged. Those that do beside others are left out with a warning.
    """
    check_model(model)
    d = known(model, (Parameter, Input), parameter, "parameter")
    shown = known(model, (Variable, Output), model.primary if variable is None else variable, "variable")
    values, drive = _values(model, d, values), constants(model, inputs)
    if parameter in drive:
        raise ValueError(f"inputs fixes {parameter!r}, which is to vary; leave it out of inputs.")
    if not is_count(starts):
        raise ValueError(f"starts={describe(starts)} must be a positive whole number of initial states.")
    own = abs(checked_seed(seed))  # NumPy takes no negative one
    begin = {name: np.tile(_random(model, name, starts, own), len(values)) for name in model.declarations(Variable)}
    each, arguments = np.repeat(values, starts), beginning(model, begin)
    if isinstance(d, Input):
        drive[parameter] = jnp.asarray(each, float)
    else:
        arguments[parameter] = each
    bank = copies(model, len(each), **arguments)
    series = _settled(bank, shown.name, steady(drive), duration, transient, model.dt if dt is None else dt)
    ax = axes(ax)
    width = np.ptp(home(model, shown.name)) if isinstance(shown, Variable) else 0.0
    _draw(ax, each, series, float(width), kw)
    ax.set(xlabel=_label(model, d), ylabel=_label(model, shown))
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    return ax


def _values(model: Any, d: Any, values: Any) -> np.ndarray:
    bounds: Any = getattr(d, "bounds", None)
    if values is None and bounds is None:
        raise ValueError(f"{type(model).__name__}: {d.name} has no bounds; give values.")
    if values is None:
        return np.linspace(bounds[0], bounds[1], _VALUES)
    found = numbers(values, model.unit_of(d), "values")
    if np.ndim(found) != 1 or not len(found):
        raise ValueError(f"values has the shape {np.shape(found)}; give a list of numbers.")
    return np.asarray(found, float)


def _random(model: Any, name: str, n: int, seed: int) -> np.ndarray:
    place = list(model.declarations(Variable)).index(name)
    return np.random.default_rng([seed, place]).uniform(*home(model, name), n)


def _settled(bank: Any, variable: str, inputs: Any, duration: Any, transient: Any, dt: Any) -> np.ndarray:
    """The variable after the transient, (time, region), NaN in regions that diverged."""
    dt = resolve_dt(dt)
    duration = _STEPS * dt if duration is None else duration
    transient = step_count(duration, dt) // 2 * dt if transient is None else transient
    simulator = Simulator(bank, dt=dt)
    try:
        run: Any = simulator.run(duration, transient=transient, monitors=variable, inputs=inputs, seed=0)
    except FloatingPointError as error:
        run = error.result  # type: ignore[attr-defined]
        lost = int(np.sum(~np.isfinite(bare(run["output"])[0]).all(axis=0)))
        if lost == bank.varshape[0]:
            raise
        text = f"{lost} of {bank.varshape[0]} runs diverged and are left out; try a smaller dt."
        warn(text)
    return bare(run["output"])[0]


def _draw(ax: Any, each: np.ndarray, series: np.ndarray, width: float, kw: dict[str, Any]) -> None:
    seen = series[np.isfinite(series)]
    low, high = seen.min(), seen.max()
    still = _STILL * max(high - low, width or np.abs(seen).max())
    if high - low < still:  # or rounding would fill the axis
        ax.set_ylim(low - still, high + still)
    at: dict[str, list] = {kind: [] for kind in _COLOURS}
    for value, column in zip(each, series.T, strict=True):
        for kind, heights in _extremes(column, still).items():
            at[kind] += [(value, height) for height in heights]
    for kind, points in at.items():
        style = line_style(kw, color=_COLOURS[kind], linestyle="none", marker="o", markersize=2.5)
        if points:
            ax.plot(*np.transpose(points), **{"label": kind} | style)


def _extremes(series: np.ndarray, still: float) -> dict[str, np.ndarray]:
    """The different heights of maxima and minima of one series, or where it ends."""
    from scipy.signal import find_peaks

    if not np.isfinite(series).all():
        return {}
    if np.ptp(series) <= still:
        return {"rest": series[-1:]}
    peaks = {"maximum": find_peaks(series, prominence=still)[0], "minimum": find_peaks(-series, prominence=still)[0]}
    if not any(map(len, peaks.values())):
        return {"not settled": series[-1:]}
    heights = {kind: series[where] for kind, where in peaks.items()}
    return {kind: h[np.unique(np.round(h / still), return_index=True)[1]] for kind, h in heights.items()}


def _label(model: Any, d: Any) -> str:
    return titled(d.name, unit_text(model.unit_of(d)))
