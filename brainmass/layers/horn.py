"""Trainable recurrent networks of harmonic oscillators (Effenberger et al. 2025, doi:10.1073/pnas.2412830122)."""

from collections.abc import Callable, Sequence
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from brainstate.nn import Linear, Module, Param

from brainmass.models import HORNStep
from brainmass.names import square_names
from brainmass.network import Network
from brainmass.network.coupling import AdditiveCoupling
from brainmass.simulation import Simulator
from brainmass.time_steps import resolve_dt
from brainmass.units import checked_function, describe, float_dtype, is_concrete, is_count, numbers


def kaiming_normal(shape: tuple[int, ...]) -> Any:
    """Normal weights of variance 2 / fan-in (He et al. 2015, doi:10.1109/ICCV.2015.123)."""
    from braintools.init import KaimingNormal  # takes half as long to import as all of this package

    return KaimingNormal()(shape)


def zeros(shape: tuple[int, ...]) -> Any:
    """No bias."""
    return jnp.zeros(shape, float_dtype())


class HORNSeqLayer(Module):
    r"""A bank of oscillators driven by a sequence and by each other's velocities.

    .. math:: \dot y = \alpha \tanh(W_\mathrm{in} u + b_\mathrm{in} + W y(t - d) + b + v x) - 2\gamma y - \omega^2 x,
              \quad \dot x = y

    one step of brainstate's global ``dt`` per element of the sequence. All weights are trainable ``ParamState``\ s.

    Parameters
    ----------
    n_input, n_hidden : int
    alpha, omega, gamma, v, x_init, y_init
        Of `HORNStep`; one value or (n_hidden,).
    delay : optional
        Of the recurrent connections: one time or (n_hidden, n_hidden), bare in ms.
    delay_init : optional
        Velocities before the sequence, as in `Network`; the initial ones held by default.
    rec_w_init, rec_b_init, inp_w_init, inp_b_init : callable
        Initial weights and biases, called with their shapes; recurrent weights are (target, source).
    """

    def __init__(
        self,
        n_input: int,
        n_hidden: int,
        alpha: Any = 0.04,
        omega: Any = 0.2243994752564138,
        gamma: Any = 0.01,
        v: Any = 0.0,
        delay_init: Any = None,
        x_init: Any = 0.0,
        y_init: Any = 0.0,
        delay: Any = None,
        rec_w_init: Callable = kaiming_normal,
        rec_b_init: Callable = zeros,
        inp_w_init: Callable = kaiming_normal,
        inp_b_init: Callable = zeros,
    ):
        super().__init__()
        _check_counts(type(self).__name__, n_input=n_input, n_hidden=n_hidden)
        self.n_input, self.n_hidden = n_input, n_hidden
        makers = dict(rec_w_init=rec_w_init, rec_b_init=rec_b_init, inp_w_init=inp_w_init, inp_b_init=inp_b_init)
        for name, maker in makers.items():
            checked_function(maker, f"{type(self).__name__}: {name}", "(shape)")
        if delay is not None:
            _check_delay(delay, n_hidden, f"{type(self).__name__}: delay")
        self.horn = HORNStep(n_hidden, alpha=alpha, omega=omega, gamma=gamma, v=v, x_init=x_init, y_init=y_init)
        self.i2h = Linear(n_input, n_hidden, w_init=inp_w_init, b_init=inp_b_init)
        weights = Param(jnp.asarray(rec_w_init((n_hidden, n_hidden))), fit=True)
        bias = Param(jnp.asarray(rec_b_init((n_hidden,))), fit=True)
        self.h2h = Network(
            self.horn,
            conn=weights,
            delays=delay,
            delay_init=delay_init,
            coupling=AdditiveCoupling(b=bias),
            coupled_var="y",
            target="x_inp",
            self_connection=True,
        )
        self.simulator = Simulator(self.h2h)

    def update(self, inputs: Any, record_state: bool = False) -> Any:
        """The amplitudes x (time, n_hidden) that a sequence (time, n_input) evokes from the initial state.

        A batch is (time, batch, n_input) and gives (time, batch, n_hidden). ``record_state`` gives, before them, a dict
        of the series of x and y.

        Raises
        ------
        ValueError
            Another shape, or no global ``dt``.
        """
        inputs = jnp.asarray(numbers(inputs, u.UNITLESS, f"{type(self).__name__}: inputs"), float_dtype())
        if inputs.ndim not in (2, 3) or inputs.shape[-1] != self.n_input or not len(inputs):
            raise ValueError(
                f"{type(self).__name__}: inputs has the shape {inputs.shape}; "
                f"it must be (time, {self.n_input}) or (time, batch, {self.n_input})."
            )
        drive = self.i2h(inputs)
        evoked = self._evoked(drive) if inputs.ndim == 2 else jax.vmap(self._evoked, 1, 1)(drive)
        return (evoked, evoked["x"]) if record_state else evoked["x"]

    def _evoked(self, drive: Any) -> dict[str, Any]:
        duration = len(drive) * resolve_dt(None)
        run = self.simulator.run(duration, inputs={"x_inp": drive}, monitors=["x", "y"], seed=0)
        return {"x": jnp.asarray(run["x"]), "y": run["y"]}


class HORNSeqNetwork(Module):
    """Layers of oscillators one after another, and a linear readout of the last amplitudes.

    Parameters
    ----------
    n_input, n_output : int
    n_hidden : int or sequence of int
        Oscillators of each layer.
    **layer
        As in `HORNSeqLayer`, for every layer; the readout is made with ``inp_w_init`` and ``inp_b_init``, too.
    """

    def __init__(self, n_input: int, n_hidden: int | Sequence[int], n_output: int, **layer: Any):
        super().__init__()
        given: Any = n_hidden
        several = isinstance(given, list | tuple) or (isinstance(given, np.ndarray) and given.ndim > 0)
        sizes: list[Any] = list(given) if several else [given]
        for size in sizes or [0]:
            _check_counts(type(self).__name__, n_input=n_input, n_output=n_output, n_hidden=size)
        before = [n_input, *sizes[:-1]]
        self.layers = [HORNSeqLayer(n, size, **layer) for n, size in zip(before, sizes, strict=True)]
        w_init, b_init = layer.get("inp_w_init", kaiming_normal), layer.get("inp_b_init", zeros)
        self.h2o = Linear(sizes[-1], n_output, w_init=w_init, b_init=b_init)

    def update(self, inputs: Any) -> Any:
        """The readout ([batch,] n_output) of a sequence (time, [batch,] n_input)."""
        return self.h2o(self.hidden_activation(inputs)[-1][-1])

    def hidden_activation(self, inputs: Any) -> list[Any]:
        """The amplitudes of every layer, (time, [batch,] n_hidden) each."""
        found = []
        for layer in self.layers:
            inputs = layer(inputs)
            found.append(inputs)
        return found


def _check_delay(delay: Any, n: int, label: str) -> None:
    times = numbers(delay, u.ms, label)
    square_names(delay, label)
    if np.shape(times) not in ((), (n, n)) or (is_concrete(times) and np.min(times) < 0):
        raise ValueError(f"{label}={describe(delay)} must be zero or more, one time or a matrix {(n, n)}.")


def _check_counts(owner: str, **counts: Any) -> None:
    for name, value in counts.items():
        if not is_count(value) or value >= 2**31:
            raise ValueError(f"{owner}: {name}={describe(value)} must be a positive integer.")
