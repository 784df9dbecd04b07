"""Going on with a run that was stopped."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from brainmass.names import with_named_arguments
from brainmass.results import Result
from brainmass.simulation.checkpoints import Setup
from brainmass.simulation.simulator import Simulator
from brainmass.spec import checked_trust
from brainmass.units import checked_switch


@with_named_arguments
def resume(folder: Any, *, strict: bool = True, progress: bool = True, trust: Iterable[str] = ()) -> Result:
    """Go on with the run that was started with ``checkpoint=folder``, to its end, from where it last saved itself.

    The result is that of a run that was never stopped, to the bit. The whole folder is checked before anything is
    computed. It is data, and reading it executes nothing; only where the run holds what has no form as data, as a
    lambda does, its folder holds a pickle, which can run code.

    Parameters
    ----------
    folder : path
        The folder of the run.
    strict : bool
        Refuse other versions or another device than the run was begun with, which may round differently, and other
        sources of brainmass or of what the run uses outside of it. If they are let through, the result's ``attrs``
        name them, as in "begun_with_jax".
    progress : bool
        Show a progress bar where a run takes longer than a second and somebody can see it.
    trust : tuple of str
        Modules that may be imported to find classes and functions of the run, as ``("mymodels",)``; ``"pickle"`` for a
        folder that holds a pickle, if you made it yourself.

    Raises
    ------
    FileNotFoundError
        The folder holds no run, or a file of it is missing.
    ValueError
        A damaged or foreign file, one of another format, or ``strict`` and other versions, sources or another device;
        what would run code that is not in ``trust``.
    ModuleNotFoundError
        A module that the run needs is not here.
    BlockingIOError
        Another process goes on with it.
    """
    for name, value in (("strict", strict), ("progress", progress)):
        checked_switch(value, name)
    trust, setup = checked_trust(trust), Setup(folder)
    (simulator, options), changed = setup.read(strict=strict, trust=trust), setup.changed()
    if not isinstance(simulator, Simulator):
        raise ValueError(f"{str(setup.folder)!r} holds no simulator; start the run again.")
    result = simulator._run(replace(options, progress=progress), setup.folder, resumed=True)
    result.attrs |= {f"begun_with_{name}": str(then) for name, then in changed.items()}
    return result
