"""EEG, MEG and SEEG: what sensors see of the regions through a lead field."""

from typing import Any, ClassVar

import brainunit as u
import jax.numpy as jnp
import numpy as np

from brainmass.dimensions import SENSORS, arranged
from brainmass.monitors.sampling import TemporalAverage
from brainmass.monitors.signals import MonitorState, Signal, WindowSamples
from brainmass.names import Names, agreed, is_numbering, names_along
from brainmass.state_space import Values
from brainmass.units import describe, float_dtype, is_concrete, is_whole, numbers, unit_of, with_unit

MICROVOLT, FEMTOTESLA = u.uvolt, u.ftesla


class Sensors(TemporalAverage):
    """Base of what sees sources through a lead field: the mean over each ``period``, with sensor noise.

    Parameters
    ----------
    what
        The sources, one number per region: a name ("x"), a dotted path, a callable of the model, or another monitor.
    leadfield
        (sensor, region); a table of pandas or xarray names both. A Quantity times the unit of the sources must be a
        voltage (MEG: a magnetic field); bare, it is in µV (fT) per unit of the sources.
    period
        Time between samples, bare in ms; a whole number of steps.
    noise : optional
        Of each sample, independent in time: a standard deviation, one per sensor, or a covariance (sensor, sensor);
        bare in µV (fT) or its square.
    names : optional
        One text per sensor, the coordinate of the result; they are numbered by default.

    Raises
    ------
    ValueError, TypeError
        Shapes that do not fit, another dimension, or a covariance that is not symmetric and positive.
    """

    unit: ClassVar[u.Unit]
    takes_phases = False

    def __init__(self, what: Any, leadfield: Any, period: Any = 1.0 * u.ms, *, noise: Any = None, names: Any = None):
        super().__init__(what, period)
        label = f"{self._label}: leadfield"
        leadfield = arranged(leadfield, SENSORS, label)
        bare = numbers(leadfield, unit_of(leadfield), label)
        if np.ndim(bare) != 2 or not np.size(bare):
            raise ValueError(f"{label}={describe(leadfield)} must be a matrix (sensor, region).")
        self.leadfield, self.noise = with_unit(bare, unit_of(leadfield)), noise
        self.regions = names_along(leadfield, 1)
        if noise is not None:
            numbers(noise, unit_of(noise), f"{self._label}: noise")
        self.names = self._agreed(None if names is None else tuple(self._checked(names)), names_along(leadfield, 0))
        self.draws = noise is not None
        self.root = None if noise is None else self._root(noise)

    def traceable_arguments(self) -> dict[str, tuple[Any, u.Unit]]:
        return {"leadfield": (u.get_mantissa(self.leadfield), unit_of(self.leadfield))}

    def referencing(self) -> np.ndarray:
        """What turns potentials at the sensors into those that are recorded, (sensor, sensor)."""
        return np.eye(self.sensors)

    @property
    def sensors(self) -> int:
        return np.shape(u.get_mantissa(self.leadfield))[0]

    def key(self) -> Any:
        return repr(self.period), self.sensors, self.draws

    def output_signal(self, signal: Signal) -> Signal:
        if signal.shape != np.shape(u.get_mantissa(self.leadfield))[1:]:
            raise ValueError(
                f"{self._label}: leadfield={describe(self.leadfield)} needs a column for each of {signal.shape} "
                "regions."
            )
        return signal._replace(shape=(self.sensors,), unit=self.unit)

    def axes(self, signal: Signal, before: dict[str, Any]) -> dict[str, Any]:
        return {"sensor": np.arange(self.sensors) if self.names is None else np.array(self.names)}

    def values(self, signal: Signal) -> Values:
        bare = numbers(self._leadfield_in(signal.unit), self.unit, f"{self._label}: leadfield times its sources")
        found = {"leadfield": self.referencing() @ (np.asarray(bare, float) if is_concrete(bare) else bare)}
        if self.root is not None:
            found["root"] = self.referencing() @ self.root
        return {name: jnp.asarray(x, float_dtype()) for name, x in found.items()}

    def push(
        self, state: MonitorState, rows: WindowSamples, signal: Signal, values: Values
    ) -> tuple[MonitorState, WindowSamples]:
        potentials = jnp.einsum("mn,kns->kms", values["leadfield"], rows.values, precision="highest")
        if self.draws:
            drawn = values["normals"](rows.at, self.sensors)
            potentials += jnp.einsum("mn,kns->kms", values["root"], drawn, precision="highest")
        return state, rows._replace(values=potentials)

    def named(self) -> dict[str, Names | None]:
        return {f"{self._label}: leadfield": self.regions}

    def names_of(self, before: dict[str, Names | None]) -> dict[str, Names | None]:
        return {f"the sensors of {self._label}": None if self.names is None else tuple(self.names)}

    def _agreed(self, names: Names | None, rows: Names | None) -> list[str] | None:
        """What the sensors are called by all that names them; None where they are numbered."""
        label = self._label
        named = {f"{label}: names": names, f"the rows of {label}: leadfield": rows}
        if self.noise is not None and np.ndim(u.get_mantissa(self.noise)):
            last = np.ndim(u.get_mantissa(self.noise)) - 1
            named |= {f"axis {i} of {label}: noise": names_along(self.noise, i) for i in range(last + 1)}
        found = agreed(named, "sensor")
        return list(found) if found is not None and (names is not None or not is_numbering(found)) else None

    def _checked(self, names: Any) -> list[str]:
        is_list = isinstance(names, list | tuple) or (isinstance(names, np.ndarray) and names.ndim == 1)
        listed = list(names) if is_list else [names]
        texts = all(isinstance(n, str) for n in listed)
        if len(listed) != self.sensors or not texts or len(set(listed)) != len(listed):
            raise ValueError(f"{self._label}: names={describe(names)} must be {self.sensors} texts, each once.")
        return [str(name) for name in listed]

    def _leadfield_in(self, sources: u.Unit) -> Any:
        if unit_of(self.leadfield).is_unitless:
            return u.get_mantissa(self.leadfield)
        return self.leadfield * u.Quantity(1.0, unit=sources)

    def _root(self, noise: Any) -> np.ndarray:
        """A matrix times which independent normals have the covariance of the noise."""
        label, size = f"{self._label}: noise", self.sensors
        bare = numbers(noise, unit_of(noise), label)
        if np.ndim(bare) < 2:
            deviations = np.asarray(numbers(noise, self.unit, label), float)
            if deviations.shape not in ((), (size,)) or (deviations < 0).any():
                raise ValueError(f"{label}={describe(noise)} must be zero or more, one number or one per sensor.")
            return np.diag(np.broadcast_to(deviations, (size,)))
        covariance = np.asarray(numbers(noise, self.unit**2, label), float)
        if covariance.shape != (size, size) or not np.allclose(covariance, covariance.T):
            raise ValueError(f"{label}={describe(noise)} must be a symmetric matrix ({size}, {size}).")
        powers, patterns = np.linalg.eigh(covariance)
        if powers.min() < -1e-9 * abs(powers).max():
            raise ValueError(f"{label} has the eigenvalue {powers.min():g} and is no covariance; it must be positive.")
        return patterns * np.sqrt(powers.clip(0))

    @property
    def _label(self) -> str:
        return type(self).__name__


class EEG(Sensors):
    """The electroencephalogram in µV, against the average of all electrodes.

    See `Sensors` for the parameters; with ``reference=None`` potentials stay as the lead field gives them, and the
    number or name of an electrode makes that one the reference.
    """

    unit = MICROVOLT

    def __init__(
        self,
        what: Any,
        leadfield: Any,
        period: Any = 1.0 * u.ms,
        *,
        noise: Any = None,
        names: Any = None,
        reference: Any = "average",
    ):
        super().__init__(what, leadfield, period, noise=noise, names=names)
        self.reference = reference
        named = isinstance(reference, str) and reference in (self.names or ())
        self.against = self.names.index(reference) if self.names and named else reference
        is_number = is_whole(self.against) and 0 <= int(self.against) < self.sensors
        if not (reference is None or is_number or (isinstance(reference, str) and reference == "average")):
            raise ValueError(
                f'{self._label}: reference={describe(reference)} must be "average", None, or the number or name of an '
                "electrode."
            )

    def referencing(self) -> np.ndarray:
        weights = np.zeros(self.sensors)
        if self.against == "average":
            weights[:] = 1 / self.sensors
        elif self.against is not None:
            weights[int(self.against)] = 1
        return np.eye(self.sensors) - weights


class SEEG(EEG):
    """The stereotactic EEG in µV, the potentials at contacts in the brain; see `EEG`. Not referenced by default."""

    def __init__(
        self,
        what: Any,
        leadfield: Any,
        period: Any = 1.0 * u.ms,
        *,
        noise: Any = None,
        names: Any = None,
        reference: Any = None,
    ):
        super().__init__(what, leadfield, period, noise=noise, names=names, reference=reference)


class MEG(Sensors):
    """The magnetoencephalogram in fT; see `Sensors`."""

    unit = FEMTOTESLA
