"""Haemodynamic response functions, and the BOLD signal as the convolution of activity with one of them."""

import math
from collections.abc import Hashable
from dataclasses import dataclass, fields
from typing import Any

import brainunit as u
import jax.numpy as jnp
import numpy as np

from brainmass.monitors.haemodynamics import Grid, Haemodynamics
from brainmass.monitors.signals import MonitorState, Signal, WindowSamples
from brainmass.spec import in_units
from brainmass.state_space import Values
from brainmass.units import UNITLESS, float_dtype, numbers, one_number

_UNITS: dict[str, u.Unit] = dict.fromkeys(("duration", "tau", "tau_s", "tau_f", "tau_1", "tau_2"), u.second)
_UNITS |= dict.fromkeys(("f_1", "f_2", "l"), u.Hz)
_FAR = 100.0  # times its default a bare number is taken for one in another unit


@dataclass(frozen=True, kw_only=True)
class HRFKernel:
    """Base of a response function: the signal at a time after a unit impulse of activity, per second.

    Time constants are in s, frequencies and rates in Hz; ``duration`` is where the response ends.
    """

    duration: Any = 20.0

    def __post_init__(self) -> None:
        for field in fields(self):
            label, value = f"{type(self).__name__}: {field.name}", getattr(self, field.name)
            bare = one_number(value, _UNITS.get(field.name, UNITLESS), label)
            if field.name in _UNITS and not bare > 0:
                raise ValueError(f"{label}={bare:g} must be positive.")
            usual: Any = field.default
            is_time = _UNITS.get(field.name) == u.second and isinstance(usual, int | float)
            if is_time and not isinstance(value, u.Quantity) and bare > _FAR * usual:
                raise ValueError(
                    f"{label}={bare:g} comes bare, which means s, and is far from the usual {usual:g}; "
                    f"write the unit that you mean, as {bare:g} * u.ms."
                )
            object.__setattr__(self, field.name, float(bare))

    def as_arguments(self) -> dict[str, Any]:
        """What the constructor is to be given to make the same again, by name; `to_spec` writes it down."""
        return in_units(self, _UNITS)

    def __call__(self, t: Any) -> np.ndarray:
        """The response at times ``t``, bare in ms; zero before 0 and after ``duration``."""
        s = np.asarray(numbers(t, u.ms, "t"), float) / 1e3
        return np.where((s >= 0) & (s <= self.duration), self.response(np.clip(s, 0, self.duration)), 0.0)

    def response(self, s: Any) -> Any:
        """The response at times in s, within the duration."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class FirstOrderVolterraHRFKernel(HRFKernel):
    r"""First Volterra kernel of the Balloon model (Friston et al. 2000, doi:10.1006/nimg.2000.0630).

    .. math:: h(t) = k_1 V_0\, c\, e^{-t / 2 \tau_s} \sin(\omega t) / \omega, \quad
              \omega = \sqrt{1 / \tau_f - 1 / 4 \tau_s^2}

    with the scaling c.
    """

    tau_s: float = 0.8
    tau_f: float = 0.4
    scaling: float = 1 / 3
    k_1: float = 5.6
    V_0: float = 0.02

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.tau_f < 4 * self.tau_s**2:
            limit = f"4 tau_s ** 2 = {4 * self.tau_s**2:g} s"
            raise ValueError(f"{type(self).__name__}: tau_f={self.tau_f:g} must lie between 0 and {limit}.")

    def response(self, s: Any) -> Any:
        omega = math.sqrt(1 / self.tau_f - 1 / (4 * self.tau_s**2))
        return self.k_1 * self.V_0 * self.scaling * np.exp(-s / (2 * self.tau_s)) * np.sin(omega * s) / omega


@dataclass(frozen=True, kw_only=True)
class GammaHRFKernel(HRFKernel):
    r"""Gamma function with the peak ``a`` (Boynton et al. 1996, doi:10.1523/JNEUROSCI.16-13-04207.1996).

    .. math:: h(t) \propto (t / \tau)^{n - 1} e^{-t / \tau}
    """

    tau: float = 1.08
    n: float = 3.0
    a: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.n > 1:
            raise ValueError(f"{type(self).__name__}: n={self.n:g} must be more than 1.")

    def response(self, s: Any) -> Any:
        x, peak = s / self.tau, self.n - 1
        return self.a * _power_and_decay(x / peak, peak, peak - x)


@dataclass(frozen=True, kw_only=True)
class DoubleExponentialHRFKernel(HRFKernel):
    r"""Difference of two damped oscillations with the peak ``a`` (Polonsky et al. 2000, doi:10.1038/80676).

    .. math:: h(t) \propto A_1 e^{-t / \tau_1} \sin(2 \pi f_1 t) - A_2 e^{-t / \tau_2} \sin(2 \pi f_2 t)
    """

    duration: Any = 40.0
    tau_1: float = 7.22
    tau_2: float = 7.4
    f_1: float = 0.03
    f_2: float = 0.12
    amp_1: float = 0.1
    amp_2: float = 0.1
    a: float = 0.1

    def response(self, s: Any) -> Any:
        peak = self._shape(np.linspace(0, 5 * max(self.tau_1, self.tau_2), 40_001)).max()
        return self.a * self._shape(s) / peak

    def _shape(self, s: Any) -> Any:
        first = self.amp_1 * np.exp(-s / self.tau_1) * np.sin(2 * np.pi * self.f_1 * s)
        return first - self.amp_2 * np.exp(-s / self.tau_2) * np.sin(2 * np.pi * self.f_2 * s)


@dataclass(frozen=True, kw_only=True)
class MixtureOfGammasHRFKernel(HRFKernel):
    r"""Peak and undershoot (Glover 1999, doi:10.1006/nimg.1998.0419).

    .. math:: h(t) = \frac{(l t)^{a_1 - 1} e^{-l t}}{\Gamma(a_1)} - c\, \frac{(l t)^{a_2 - 1} e^{-l t}}{\Gamma(a_2)}
    """

    a_1: float = 6.0
    a_2: float = 13.0
    l: float = 1.0
    c: float = 0.4

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("a_1", "a_2"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{type(self).__name__}: {name}={getattr(self, name):g} must be positive.")

    def response(self, s: Any) -> Any:
        x = self.l * s
        peak, undershoot = (_power_and_decay(x, n - 1, -x - math.lgamma(n)) for n in (self.a_1, self.a_2))
        return peak - self.c * undershoot


def _power_and_decay(x: Any, power: float, exponent: Any) -> Any:
    """x^power e^exponent, of which one may overflow alone."""
    with np.errstate(divide="ignore"):
        return np.exp((power * np.log(x) if power else 0.0) + exponent)


@dataclass(frozen=True)
class Convolution(Haemodynamics):
    """Activity convolved with a kernel.

    The signals at the next repetition times are summed up step by step: the state is (repetition, *shape, simulation),
    and what a step adds to each depends on how long before it the step lies.
    """

    kernel: HRFKernel

    def key(self) -> Hashable:
        return Convolution, self.kernel.duration

    def values(self, signal: Signal, grid: Grid) -> Values:
        """The kernel times the step in s, in the middle of each step before a repetition time, (step, repetition)."""
        lags = (np.arange(self._pending(grid) * grid.samples * grid.parts) + 0.5) * (grid.step / grid.parts)
        response = self.kernel(lags).reshape(-1, grid.parts).mean(1) * grid.step / 1e3
        return {"response": jnp.asarray(response.reshape(-1, grid.samples).T, float_dtype())}

    def begin(self, signal: Signal, simulations: int, grid: Grid) -> MonitorState:
        return jnp.zeros((self._pending(grid), *signal.shape, simulations), float_dtype())

    def enter(self, activity: WindowSamples, values: Values, grid: Grid) -> WindowSamples:
        left = -(activity.at // np.uint32(grid.every)).astype(jnp.int32) % grid.samples
        response = values["response"][left]
        weights = response.reshape(*response.shape, *(1,) * (activity.values.ndim - 1))
        return activity._replace(values=weights * activity.values[:, None])

    def advance(self, state: MonitorState, entered: Any, values: Values, grid: Grid) -> MonitorState:
        return state + entered

    def read(self, state: MonitorState, values: Values) -> Any:
        return state[0]

    def after(self, state: MonitorState) -> MonitorState:
        return jnp.concatenate([state[1:], jnp.zeros_like(state[:1])])

    def _pending(self, grid: Grid) -> int:
        return math.ceil(self.kernel.duration * 1e3 / (grid.samples * grid.step))


KERNELS: dict[str, HRFKernel] = {
    "volterra": FirstOrderVolterraHRFKernel(),
    "gamma": GammaHRFKernel(),
    "double_exponential": DoubleExponentialHRFKernel(),
    "mixture_of_gammas": MixtureOfGammasHRFKernel(),
}
