"""The first file of a folder: how its run was called, and with which versions, device and sources, compared first."""

from dataclasses import replace
from typing import Any

import numpy as np

from brainmass.results import environment
from brainmass.simulation.checkpoints import sources
from brainmass.simulation.checkpoints.call import Call, call_as_data, call_of_data
from brainmass.simulation.checkpoints.folder import SETUP, as_written, open_folder
from brainmass.simulation.checkpoints.sealed_files import read_checked
from brainmass.simulation.run import (
    Run,
)
from brainmass.simulation.setup import (
    Place,
    RunOptions,
    kinds_of,
    write_place,
)
from brainmass.spec import SpecError
from brainmass.time_steps import resolve_dt

_LOOSE = ("commit",)


class Setup:
    """How the run of a folder was called, and with what.

    Raises
    ------
    FileNotFoundError
        The folder holds no run.
    ValueError
        A damaged file.
    """

    def __init__(self, folder: Any):
        self.folder = open_folder(folder)
        try:
            self.file = read_checked(self.folder / SETUP)
            self.data = self.file.data()
            self.about, self.sources = dict(self.data["about"]), self.data["sources"]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{str(self.folder)!r}: {error}") from None

    def read(self, *, strict: bool, trust: tuple[str, ...]) -> tuple[Any, RunOptions]:
        """The simulator, standing where the run began, and the options of the run.

        Raises
        ------
        ValueError
            ``strict``, and other versions, another device or other sources than now; what is no setup; what would run
            code that is not in ``trust``.
        ModuleNotFoundError
            A module that it needs is not here.
        """
        changed = self.changed()
        if changed and strict:
            name, then = next(iter(changed.items()))
            if name in self.sources or name == "source":
                raise ValueError(
                    f"{str(self.folder)!r} was begun with another {then}, whose source has changed since; put the old "
                    "one back, or go on with strict=False, which goes on with the new one."
                )
            raise ValueError(
                f"{str(self.folder)!r} was begun with {name} {then}, and this is {environment()[name]}; go on there, "
                "or with strict=False, which may round differently."
            )
        call = self._call(trust)
        with as_written(self.folder, SETUP):
            values = self.data["call"]["values"] | call.options["values"]
            options = RunOptions(**call.options | dict(values=values))
            return call.simulator, options if options.init_states else self._standing(call.simulator, options)

    def _call(self, trust: tuple[str, ...]) -> Call:
        try:
            call = call_of_data(self.data["call"], trust)
        except SpecError as error:
            raise ValueError(f"{str(self.folder)!r}: {SETUP} is not read: {error.problems[0]}") from None
        except Exception as error:  # a pickle may raise anything, and so may what was made up
            raise ValueError(
                f"{str(self.folder)!r}: {SETUP} cannot be read here ({type(error).__name__}: {error}); go on with the "
                "versions and the modules that wrote it."
            ) from None
        if not isinstance(call, Call):
            raise ValueError(f"{str(self.folder)!r}: {SETUP} holds no simulator; start the run again.")
        return call

    def _standing(self, simulator: Any, options: RunOptions) -> RunOptions:
        """Put the model where it stood; the options of a run that goes on from there."""
        start = self.data["start"]
        numbers = start["numbers"]
        place = Place(
            states=start["states"],
            history=start["history"],
            step=np.full(np.shape(numbers), start["step"]),
            seed=options.seed,
            simulations=numbers,
            kinds=kinds_of(simulator.model),
            dt=resolve_dt(simulator.dt),
        )
        write_place(simulator.model, place)
        return replace(options, simulations=None)

    def changed(self) -> dict[str, str | None]:
        """What is another now than when the run was begun, and may change a bit: what it was, by name.

        Raises
        ------
        ModuleNotFoundError
            A module that it needs is not here.
        """
        now = environment()
        found = {n: self.about.get(n) for n in now if n not in _LOOSE and now[n] != self.about.get(n)}
        if self.data["own"] != sources.own_checksum():
            found["source"] = "brainmass"
        try:
            return found | sources.changed(self.sources)
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(f"{str(self.folder)!r} cannot be resumed: {error}.", name=error.name) from None
        except (AttributeError, KeyError, TypeError):
            raise ValueError(f"{str(self.folder)!r}: {SETUP} lists no sources; start the run again.") from None


def setup_of(simulator: Any, options: RunOptions, run: Run) -> dict[str, Any]:
    """What a setup holds; ``start`` is where the model stands, for a run that goes on from there.

    Raises
    ------
    TypeError
        An option that cannot be saved.
    ValueError
        A module that was edited after it was loaded.
    """
    call, named = call_as_data(Call(simulator, {name: value for name, value in options.items() if value is not None}))
    try:
        found = sources.sources_of(named)
    except ValueError as error:
        raise ValueError(f"checkpoint= saves which sources the run has, and {error}.") from None
    states, history = run.state.states, run.state.history
    start = None if options.init_states else dict(step=run.start, numbers=run.numbers, states=states, history=history)
    return dict(about=environment(), sources=found, own=sources.own_checksum(), call=call, start=start)
