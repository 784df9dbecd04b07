"""The BOLD signal of any observable, computed while the run goes on."""

import math
from typing import Any

import brainunit as u
import numpy as np

from brainmass.monitors.balloon import PARAMETERS, Balloon, Windkessel
from brainmass.monitors.base import Monitor, checked_source
from brainmass.monitors.haemodynamics import Grid
from brainmass.monitors.hrf import KERNELS, Convolution, HRFKernel
from brainmass.monitors.signals import MonitorState, Signal, WindowSamples, checked_period, folded, steps_of
from brainmass.names import Names, meant
from brainmass.spec import is_default
from brainmass.state_space import Parameter, Values
from brainmass.units import UNITLESS, describe, mantissa, with_unit

STEP = 1.0  # ms
SHORTEST = 10.0  # ms; a bare repetition time below was meant in s
MODELS = ("balloon", *PARAMETERS, *KERNELS)


class Bold(Monitor):
    """The BOLD signal at whole multiples of ``tr`` counted from t = 0, as a relative change from rest.

    The activity is averaged over steps of 1 ms (or the longest part of ``tr`` below that), by which the haemodynamics
    advance; what comes more slowly is held. They start at rest and run through the transient. Activity that would make
    the flow of the Balloon negative, as −1 does for some seconds, is warned of.

    Parameters
    ----------
    what
        The activity: a name ("rE"), a dotted path, or a callable of the model; its number is taken in its own unit.
    tr
        Repetition time, bare in ms, of which it must be 10 or more.
    model : str or HRFKernel
        The Balloon–Windkessel model: "balloon" or "friston2003" (Friston, Harrison & Penny 2003, 1.5 T), "heinzle2016"
        (3 T, TE = 30 ms). Or the convolution with a response function: "volterra", "gamma", "double_exponential",
        "mixture_of_gammas", or a kernel of your own.
    **parameters
        Other values of the parameters of `Balloon`, one number or one per region.

    Raises
    ------
    ValueError, TypeError
        An unknown model or parameter, another unit or shape, or a ``tr`` that is no whole number of steps.
    """

    complains = True

    def __init__(self, what: Any, tr: Any = 720.0 * u.ms, model: Any = "balloon", **parameters: Any):
        if not isinstance(model, HRFKernel) and not (isinstance(model, str) and model in MODELS):
            near = meant(model, MODELS)
            raise ValueError(
                f"Bold: model={describe(model)} is unknown{near}; use one of {', '.join(MODELS)}, or an HRFKernel."
            )
        kernel: HRFKernel | None = model if isinstance(model, HRFKernel) else KERNELS.get(str(model))
        unknown = next((name for name in parameters if name not in Balloon.declarations(Parameter)), None)
        if unknown is not None:
            own = ["tr", "model", *Balloon.declarations(Parameter)]
            raise TypeError(f"Bold has no argument {unknown!r}{meant(unknown, own)}; it takes what, {', '.join(own)}.")
        if kernel is not None and parameters:
            raise TypeError(
                f"Bold: {next(iter(parameters))} is a parameter of the balloon; give a kernel its own values."
            )
        self.what, self.model = checked_source(what, "Bold"), model
        self.parameters = parameters
        self.tr = checked_period(tr, "Bold: tr", SHORTEST)
        if kernel is None:
            self.haemodynamics = Windkessel({**PARAMETERS.get(str(model), {}), **parameters})
        else:
            self.haemodynamics = Convolution(kernel)

    def as_arguments(self) -> Values:
        given = self.haemodynamics.parameters if isinstance(self.haemodynamics, Windkessel) else {}
        declared = Balloon.declarations(Parameter)
        usual = {n: d.default for n, d in declared.items()} | PARAMETERS.get(str(self.model), {})
        own = {n: v for n, v in given.items() if not is_default(v, usual[n], declared[n].unit)}
        bare = {n: np.asarray(v) for n, v in own.items() if isinstance(v, int | float | list | tuple | np.ndarray)}
        units = {n: with_unit(v, declared[n].unit) for n, v in bare.items()}
        return dict(what=self.what, tr=self.tr, model=self.model) | own | units

    def traceable_arguments(self) -> dict[str, tuple[Any, u.Unit]]:
        if not isinstance(self.haemodynamics, Windkessel):
            return {}
        given, declared = self.haemodynamics.parameters, Balloon.declarations(Parameter)
        return {n: (mantissa(given.get(n, d.default), d.unit, n), d.unit) for n, d in declared.items()}

    def key(self) -> Any:
        return self.haemodynamics.key(), repr(self.tr)

    def averaging_steps(self, signal: Signal) -> int:
        samples = steps_of(self.tr, signal, "Bold: tr") // signal.every
        most = max(1, int(STEP / (signal.dt * signal.every) + 1e-9))
        return max(n for n in range(1, most + 1) if samples % n == 0) * signal.every

    def output_signal(self, signal: Signal) -> Signal:
        every = steps_of(self.tr, signal, "Bold: tr")
        self.haemodynamics.check(signal)
        return Signal(signal.shape, UNITLESS, signal.dt, every)

    def named(self) -> dict[str, Names | None]:
        return {f"Bold: {name}": names for name, names in self.haemodynamics.named().items()}

    def values(self, signal: Signal) -> Values:
        return self.haemodynamics.values(signal, self._grid(signal))

    def begin(self, signal: Signal, simulations: int) -> MonitorState:
        return self.haemodynamics.begin(signal, simulations, self._grid(signal))

    def push(
        self, state: MonitorState, rows: WindowSamples, signal: Signal, values: Values
    ) -> tuple[MonitorState, WindowSamples]:
        blood, grid = self.haemodynamics, self._grid(signal)

        def advance(state: MonitorState, entered: Any) -> MonitorState:
            return blood.advance(state, entered, values, grid)

        entered, every = blood.enter(rows, values, grid), grid.samples * grid.every
        return folded(entered, signal, every, state, advance, lambda s: blood.read(s, values), blood.after)

    def complaint(self, state: MonitorState, signal: Signal, labels: Any, simulations: Any = None) -> str | None:
        return self.haemodynamics.complaint(state, signal, labels, simulations)

    def acknowledged(self, state: MonitorState) -> MonitorState:
        return self.haemodynamics.acknowledged(state)

    def _grid(self, signal: Signal) -> Grid:
        step = signal.every * signal.dt
        samples = steps_of(self.tr, signal, "Bold: tr") // signal.every
        return Grid(step, samples, signal.every, max(1, math.ceil(step / STEP - 1e-9)))
