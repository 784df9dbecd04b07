"""What a Simulator is made of, how it shows itself, and how it is written down."""

from typing import Any

import brainstate
import brainunit as u

from brainmass.display import Card, WithCard
from brainmass.names import meant, with_named_arguments
from brainmass.results import Result
from brainmass.simulation.model_runs import ModelRuns
from brainmass.spec import hash_of, to_spec
from brainmass.state_space import Declared, StateSpace, Values, Variable
from brainmass.time_steps import resolve_dt
from brainmass.units import describe


class DeclaredSimulator(WithCard):
    """A model and a time step; `Simulator` says what they are for."""

    @with_named_arguments
    def __init__(self, model: Any, dt: Any = None):
        if not isinstance(model, brainstate.nn.Module) or not callable(getattr(model, "update", None)):
            raise TypeError(
                f"Simulator: model={describe(model)} must be a node bank, a Network, or a brainstate module "
                "with update."
            )
        if isinstance(model, StateSpace) and not model.declarations(Variable):
            raise TypeError(f"Simulator: {type(model).__name__} has no variables to run; attach it to a model.")
        if isinstance(model, StateSpace):
            _ = model.varshape  # refuses a noise that has none yet
        self._model = model
        self.dt = None if dt is None else resolve_dt(dt) * u.ms
        self._runs = ModelRuns(model)
        self.interrupted: Result | None = None
        """What a run had recorded that was stopped by Ctrl-C."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in ("dt", "interrupted") and not name.startswith("_"):
            known = hasattr(type(self), name)
            reason = "is settled at construction; make a new Simulator" if known else "does not exist"
            raise AttributeError(f"Simulator.{name} {reason}{meant(name, ['dt'])}; what can be set is dt.")
        super().__setattr__(name, value)

    @property
    def model(self) -> Any:
        """The model; for another one, make another Simulator."""
        return self._model

    def as_arguments(self) -> Values:
        """What the constructor is to be given to make the same again, by name; `to_spec` writes it down."""
        return dict(model=self.model, dt=self.dt)

    @property
    def spec_hash(self) -> str:
        """The SHA-256 of all that is declared, and of dt, the same in whatever units and however defaults are given.

        ``ValueError`` where something in it cannot be written down; see `to_spec`.
        """
        return hash_of(to_spec(self))

    def card(self) -> Card:
        dt = "the global dt" if self.dt is None else f"dt = {describe(self.dt)}"
        if not isinstance(self.model, Declared):
            return Card(f"Simulator of a {type(self.model).__name__}, {dt}")
        title, lines, tables = self.model.card()
        return Card(f"Simulator, {dt}: {title}", lines, tables)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_runs": ModelRuns(self.model), "interrupted": None}
