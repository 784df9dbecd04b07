"""The plane of two variables: where everything goes, and where it stays."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.names import with_named_arguments
from brainmass.simulation import Simulator
from brainmass.state_space import Delayed
from brainmass.time_steps import resolve_dt
from brainmass.units import describe
from brainmass.viz._axes import axes, titled, unit_text
from brainmass.viz._bank import beginning, copies, steady
from brainmass.viz._cut import Cut, cut
from brainmass.viz._fixed import FixedPoint, fixed_points

_FINE, _COARSE = 241, 30  # points along an axis: of the nullclines, of the streamlines
_STEPS = 5_000
_MARKS = {  # of fixed points: face, marker
    "stable fixed point": ("black", "o"),
    "unstable fixed point": ("white", "o"),
    "saddle": ("white", "s"),
    "neutral fixed point": ("0.6", "o"),
    "fixed point": ("0.6", "D"),
}


@with_named_arguments
def plot_phase_plane(
    model: Any,
    x: str | None = None,
    y: str | None = None,
    *,
    held: dict[str, Any] | None = None,
    inputs: dict[str, Any] | None = None,
    xlim: Any = None,
    ylim: Any = None,
    starts: Any = None,
    duration: Any = None,
    dt: Any = None,
    ax: Any = None,
) -> Any:
    """Draw the plane of two variables: flow, nullclines, fixed points with their stability, and trajectories.

    Parameters
    ----------
    model : StateSpace
        A node bank. Its first region is drawn, with the parameters that it has now and without noise.
    x, y : str, optional
        Variables; by default the two of a model that has no more, the primary one on the x axis. With more than two
        the plane is a cut: the others are held, and no trajectories are drawn, since they would leave it.
    held : dict, optional
        Values of the others, by name; by default where they begin, or the middle of their span if that is random.
    inputs : dict, optional
        Constant values by input name; zero by default.
    xlim, ylim : (low, high), optional
        Ends of the axes; a little more than the declared span by default.
    starts : array (n, 2), optional
        Where trajectories begin, bare, as (x, y); four points by default, ``[]`` for none.
    duration, dt : optional
        Of the trajectories, bare in ms; 5000 steps of the model's ``dt`` by default. The method is the model's.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        A stable fixed point is filled, an unstable one open, a saddle an open square. If the model has delays inside
        the region, the flow is that without them: nullclines and fixed points hold, their stability is left open.

    Raises
    ------
    TypeError, ValueError
        Not a node bank, fewer than two variables, unknown names, other units, no span and no limits.
    """
    plane = cut(model, x, y, held, inputs, xlim, ylim)
    begin = _starts(plane, starts)
    with jax.enable_x64(True):  # roots to 12 digits, whatever the precision of runs
        field = plane.field()
        fine, coarse = (_grid(field, plane, points) for points in (_FINE, _COARSE))
        fixed = fixed_points(field, *fine)
        paths = _paths(plane, begin, duration, dt) if len(begin) else ()
    if model.declarations(Delayed):
        fixed = [point._replace(kind="fixed point") for point in fixed]
    ax = axes(ax)
    _draw_flow(ax, *coarse)
    _draw_nullclines(ax, plane.pair, *fine)
    _draw_paths(ax, plane, paths)
    _draw_fixed_points(ax, fixed)
    labels = [titled(name, unit_text(model.unit_of(model.declared[name]))) for name in plane.pair]
    ax.set(xlabel=labels[0], ylabel=labels[1], xlim=plane.windows[0], ylim=plane.windows[1])
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    return ax


def _starts(plane: Cut, starts: Any) -> np.ndarray:
    if starts is None:
        quarters = [[0.75 * low + 0.25 * high, 0.25 * low + 0.75 * high] for low, high in plane.windows]
        return np.empty((0, 2)) if plane.others else np.array([(a, b) for a in quarters[0] for b in quarters[1]])
    points = np.asarray(starts, float)
    if not points.size:
        return np.empty((0, 2))
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise ValueError(f"starts={describe(starts)} must be a list of ({', '.join(plane.pair)}).")
    if plane.others:
        raise ValueError(f"starts: trajectories leave the plane, where {', '.join(plane.others)} are held; give none.")
    return points


def _grid(field: Any, plane: Cut, points: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    xs, ys = (np.linspace(low, high, points) for low, high in plane.windows)
    return xs, ys, np.asarray(field(jnp.asarray(np.stack(np.meshgrid(xs, ys)))))


def _paths(plane: Cut, begin: np.ndarray, duration: Any, dt: Any) -> np.ndarray:
    """Runs from each start, (2, time, start)."""
    step = resolve_dt(plane.model.dt if dt is None else dt)
    duration = _STEPS * step if duration is None else duration
    states = beginning(plane.model, dict(zip(plane.pair, begin.T, strict=True)))
    simulator = Simulator(copies(plane.model, len(begin), **states), dt=step)
    try:
        run: Any = simulator.run(duration, monitors=list(plane.pair), inputs=steady(plane.drive), seed=0)
    except FloatingPointError as error:  # it left the plane for good
        run = error.result  # type: ignore[attr-defined]
    later = np.stack([np.asarray(getattr(run[name], "mantissa", run[name])) for name in plane.pair])
    return np.concatenate([begin.T[:, None], later], axis=1)


def _draw_flow(ax: Any, xs: np.ndarray, ys: np.ndarray, slopes: np.ndarray) -> None:
    u, v = np.ma.masked_invalid(slopes)
    ax.streamplot(xs, ys, u, v, color="0.8", linewidth=0.7, arrowsize=0.7, density=1.1, zorder=1)


def _draw_nullclines(ax: Any, pair: tuple[str, str], xs: np.ndarray, ys: np.ndarray, slopes: np.ndarray) -> None:
    for name, slope, colour in zip(pair, slopes, ("C0", "C1"), strict=True):
        if np.nanmin(slope) <= 0 <= np.nanmax(slope):  # contour warns of a level that is not there
            ax.contour(xs, ys, slope, levels=[0.0], colors=colour, linewidths=1.8, zorder=2)
        ax.plot([], [], color=colour, linewidth=1.8, label=f"d{name}/dt = 0")


def _draw_paths(ax: Any, plane: Cut, paths: Any) -> None:
    if not len(paths):
        return
    away = [np.abs(path - np.mean(ends)) / np.ptp(ends) for path, ends in zip(paths, plane.windows, strict=True)]
    x, y = np.where(np.maximum(*away) < 5, paths, np.nan)  # matplotlib cannot draw to 1e30
    ax.plot(x, y, color="C2", linewidth=0.9, zorder=3)
    ax.plot(x[0], y[0], "o", color="C2", markersize=3, zorder=3, label="start")


def _draw_fixed_points(ax: Any, fixed: list[FixedPoint]) -> None:
    for kind, (face, marker) in _MARKS.items():
        at = [(point.x, point.y) for point in fixed if point.kind == kind]
        if at:
            style = dict(facecolor=face, edgecolor="black", marker=marker, s=42, linewidth=1.2)
            ax.scatter(*np.transpose(at), **style, zorder=4, clip_on=False, label=kind)
