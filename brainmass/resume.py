"""Going on with a run that was stopped."""

from typing import Any

from brainmass.checkpoint import Checkpoint
from brainmass.result import Result


def resume(folder: Any, *, strict: bool = True, progress: bool = True) -> Result:
    """Go on with the run that was started with ``checkpoint=folder``, to its end, from where it last saved itself.

    The result is that of a run that was never stopped, to the bit. A checkpoint holds a pickle, which can run code:
    resume only what you made yourself.

    Parameters
    ----------
    folder : path
        The folder of the run.
    strict : bool
        Refuse other versions or another device than the run was begun with, which may round differently. If they are
        let through, the result's ``attrs`` name them, as in "begun_with_jax".
    progress : bool
        Show a progress bar where a run takes longer than a second and somebody can see it.

    Raises
    ------
    FileNotFoundError
        The folder holds no run.
    ValueError
        A damaged or foreign file, one of another format, or ``strict`` and other versions or another device.
    """
    store = Checkpoint(folder, 1)
    setup = store.setup(strict=strict)
    result = setup["simulator"]._run(setup["arguments"] | {"progress": progress}, store.folder, resumed=True)
    result.attrs |= {f"begun_with_{name}": str(then) for name, then in store.changed().items()}
    return result
