"""How the run of a folder was called, and with what: versions, device, and sources, which are compared first."""

from pathlib import Path
from typing import Any

from brainmass.results import environment
from brainmass.simulation.checkpoints import sources
from brainmass.simulation.checkpoints.folder import SETUP, open_folder
from brainmass.simulation.checkpoints.sealed_files import CheckedFile, pickled, read_checked
from brainmass.simulation.run import RunOptions

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
            data = self.file.data()
            self.about, self.sources, self.own = dict(data["about"]), data["sources"], str(data["own"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{str(self.folder)!r}: {error}") from None

    def read(self, *, strict: bool) -> dict[str, Any]:
        """The simulator and the options of the run.

        Raises
        ------
        ValueError
            ``strict``, and other versions, another device or other sources than now; or what is no setup.
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
        found = unpickled(self.file, self.folder)
        if not isinstance(found, dict) or not {"simulator", "options"} <= found.keys():
            raise ValueError(f"{str(self.folder)!r}: {SETUP} holds no simulator; start the run again.")
        return found

    def changed(self) -> dict[str, str | None]:
        """What is another now than when the run was begun, and may change a bit: what it was, by name.

        Raises
        ------
        ModuleNotFoundError
            A module that it needs is not here.
        """
        now = environment()
        found = {n: self.about.get(n) for n in now if n not in _LOOSE and now[n] != self.about.get(n)}
        if self.own != sources.own_checksum():
            found["source"] = "brainmass"
        try:
            return found | sources.changed(self.sources)
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(f"{str(self.folder)!r} cannot be resumed: {error}.", name=error.name) from None
        except (AttributeError, KeyError, TypeError):
            raise ValueError(f"{str(self.folder)!r}: {SETUP} lists no sources; start the run again.") from None


def unpickled(file: CheckedFile, folder: Path) -> Any:
    try:
        return file.code()
    except Exception as error:  # a pickle may raise anything
        raise ValueError(
            f"{str(folder)!r}: {file.path.name} cannot be read here ({type(error).__name__}: {error}); go on with the "
            "versions and the modules that wrote it."
        ) from None


def setup_of(simulator: Any, options: RunOptions) -> tuple[dict[str, Any], bytes]:
    """The data and the pickle of a setup.

    Raises
    ------
    TypeError
        An option that cannot be pickled.
    ValueError
        A module that was edited after it was loaded.
    """
    try:
        code, named = sources.pickled_with_names(dict(simulator=simulator, options=options))
    except Exception as error:  # what cannot be pickled says so in many ways
        given = {"the model": simulator.model}
        for name, value in options.items():
            inner = value if isinstance(value, dict) else {}
            given |= {f"{name}[{key!r}]": x for key, x in inner.items()} or {name: value}
        name = next((name for name, value in given.items() if not _is_picklable(value)), "one of them")
        raise TypeError(
            f"checkpoint= saves the arguments of the run, and {name} cannot be saved ({error}); give one without such "
            "a thing in it, or run without checkpoint=."
        ) from None
    try:
        found = sources.sources_of(named)
    except ValueError as error:
        raise ValueError(f"checkpoint= saves which sources the run has, and {error}.") from None
    return dict(about=environment(), sources=found, own=sources.own_checksum()), code


def _is_picklable(value: Any) -> bool:
    try:
        pickled(value)
    except Exception:
        return False
    return True
