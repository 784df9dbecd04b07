"""What a run is doing, where somebody can see it: a bar of simulated time, and one line that stays."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any

DELAY = 1.0  # seconds before anything appears
TOLD = 3.0  # seconds from which on it is worth a line that stays
_BETWEEN = 0.2  # seconds between two pictures


def in_words(seconds: float) -> str:
    """A duration as one says it: 0.35 s, 35 s, 2 min 5 s, 3 h 20 min."""
    if seconds < 9.5:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


def time_text(ms: float) -> str:
    """A simulated time in the unit that suits it, whole."""
    return f"{ms:.10g} ms" if abs(ms) < 1e3 else f"{ms / 1e3:.10g} s"


@contextmanager
def progress_of(run: Any, dt: float, shown: bool) -> Iterator[Callable[[int], None]]:
    """A function that takes the steps that a run has done, and shows them; compiling is noticed by itself."""
    work = Work(run.steps * dt / 1e3, (max(run.state.step, run.start) - run.start) * dt / 1e3)
    program_for = run.program_for

    def noticed(shape: Any) -> Callable:
        program = program_for(shape)
        if not hasattr(program, "lower"):
            return program  # it is not compiled

        def call(*given: Any) -> Any:
            with work.compiling():  # what follows does not wait for the result, so this takes no time the next time
                return program(*given)

        return call

    with showing(work, shown):
        if work.is_shown:
            run.program_for = noticed
        yield lambda done: work.reached(done * dt / 1e3)


@contextmanager
def showing(work: "Work", shown: bool) -> Iterator["Work"]:
    """Show what is being done from the first second on, if somebody can see it, and at the end what was done."""
    screen = _screen() if shown else None
    if screen is None:
        yield work
        return
    work.is_shown, over = True, Event()

    def draw() -> None:
        if over.wait(DELAY):
            return
        with suppress(OSError):  # a terminal that was closed
            screen.show(work)
            while not over.wait(_BETWEEN):
                screen.show(work)

    thread = Thread(target=draw, name="brainmass progress", daemon=True)
    thread.start()
    try:
        yield work
        work.is_over = True
    finally:
        over.set()
        thread.join()
        with suppress(OSError):
            screen.close(work)


class Work:
    """How far a run is: simulated s of ``total``, the first of them ``done_before``; None where it is no run."""

    def __init__(self, total: float | None, done_before: float = 0.0):
        self.total, self.done_before, self.done = total, done_before, done_before
        self.is_shown = self.is_over = False
        self._since, self._compiling_since, self._compiled, self._computed = time.perf_counter(), None, 0.0, 0.0

    @contextmanager
    def compiling(self) -> Iterator[None]:
        """While something is compiled."""
        self._compiling_since = now = time.perf_counter()
        try:
            yield
        finally:
            self._compiled, self._compiling_since = self._compiled + time.perf_counter() - now, None

    def reached(self, done: float) -> None:
        """The run has come to ``done`` s."""
        self.done, self._computed = done, self.elapsed - self._compiled

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self._since

    def text(self) -> str:
        """What is being done, in one line."""
        waits = 0.0 if self._compiling_since is None else time.perf_counter() - self._compiling_since
        is_compiling = waits > _BETWEEN
        doing, seconds = ("compiling", self._compiled + waits) if is_compiling else ("computing", self.elapsed)
        now = f"{doing} … {in_words(round(seconds))}"
        if self.total is None:
            return f"estimating, {now}"
        digits = 0 if self.total >= 100 else 1 if self.total >= 10 else 2
        at = f"{100 * self.share:3.0f} %  {self.done:.{digits}f} of {self.total:.{digits}f} s"
        if is_compiling or self.done <= self.done_before:
            return f"{at}, {now}"
        speed = (self.done - self.done_before) / max(self._computed, 1e-9)
        return f"{at}, {_short(speed)} times real time, {in_words(round((self.total - self.done) / speed))} left"

    @property
    def share(self) -> float:
        return self.done / self.total if self.total else 0.0

    def summary(self) -> str | None:
        """What was done, in one line: none where it took no time to speak of, and None where it was stopped."""
        if not self.is_over or (self.total is not None and self.done < self.total):
            return None
        seconds = self.elapsed
        if seconds < TOLD:
            return ""
        if self.total is None:
            return f"estimated in {in_words(seconds)}"
        simulated = self.done - self.done_before
        told = f"{time_text(simulated * 1e3)} in {in_words(seconds)}, {_short(simulated / seconds)} times real time"
        return told + (f"; {in_words(self._compiled)} of it compiling" if self._compiled > DELAY else "")


def _short(number: float) -> str:
    return f"{number:.2g}" if number < 9.5 else f"{number:.0f}"


class _Terminal:
    """A line that is drawn anew in place."""

    live: Any = None

    def show(self, work: Work) -> None:
        from rich.console import Console
        from rich.live import Live

        if self.live is None:
            self.live = Live(console=Console(stderr=True), auto_refresh=False)
            self.live.start()
        self.live.update(_line(work), refresh=True)

    def close(self, work: Work) -> None:
        if self.live is not None:
            told = work.summary()
            self.live.transient = told is not None  # where a run was stopped, its bar stays
            self.live.stop()
            if told:
                self.live.console.print(told, highlight=False)


class _Notebook:
    """An output that is replaced: it needs no ipywidgets, and a saved notebook holds its last state alone."""

    handle: Any = None

    def show(self, work: Work) -> None:
        from IPython.display import display

        if self.handle is None:
            self.handle = display(_line(work), display_id=True)
        else:
            self.handle.update(_line(work))

    def close(self, work: Work) -> None:
        from rich.text import Text

        if self.handle is not None:
            told = work.summary()
            if told == "":
                self.handle.update({"text/plain": "", "text/html": ""}, raw=True)
            else:
                self.handle.update(_line(work) if told is None else Text(told))


def _line(work: Work) -> Any:
    """A bar and what is being done, which rich draws in terminals and notebooks alike."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    line = Table.grid(padding=(0, 1))
    if work.total is None:
        line.add_column(no_wrap=True)
        line.add_row(work.text())
    else:
        line.add_column(width=20)
        line.add_column(no_wrap=True, overflow="ellipsis")
        line.add_row(ProgressBar(1.0, work.share, width=20, style="bright_black"), work.text())
    return line


def _screen() -> "_Terminal | _Notebook | None":
    """A notebook or a terminal, if somebody looks at one."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if getattr(shell, "kernel", None) is not None:
        return _Notebook()
    return _Terminal() if sys.stderr is not None and sys.stderr.isatty() else None
