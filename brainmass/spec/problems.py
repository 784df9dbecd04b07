"""What is wrong with a spec: every problem with the path where it stands."""

from typing import Any, NamedTuple


class Problem(NamedTuple):
    """One sentence, and the path inside the spec that it is about."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}" if self.path else self.sentence


class SpecError(ValueError):
    """A spec that cannot be read, or an object that cannot be written; ``problems`` holds each with its path."""

    def __init__(self, problems: list[Problem], source: str = ""):
        self.problems = list(problems)
        head = f"{source or 'the spec'} has {len(self.problems)} problems:"
        lines = [str(problem) for problem in self.problems]
        one = f"{source}: {lines[0]}" if source and lines else "".join(lines)
        super().__init__(one if len(lines) < 2 else "\n  ".join([head, *lines]))

    def __reduce__(self) -> tuple:
        return rebuilt, (str(self), self.problems)

    def __str__(self) -> str:
        return str(self.args[0])


def rebuilt(text: str, problems: list[Problem]) -> SpecError:
    """An error as it was, in another process."""
    error = SpecError(problems)
    error.args = (text,)
    return error


def below(path: str, name: Any) -> str:
    """The path of a part: ``network.node``, ``terms[0]``, ``values["node.a"]``."""
    if isinstance(name, int):
        return f"{path}[{name}]"
    if not str(name).isidentifier():
        return f'{path}["{name}"]'
    return f"{path}.{name}" if path else str(name)


def sentence_of(error: BaseException) -> str:
    """What an exception says, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else "it says no more"
    return text if isinstance(error, ValueError | TypeError | KeyError) else f"{type(error).__name__}: {text}"
