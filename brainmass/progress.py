"""A progress bar of simulated time, where somebody can see it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

DELAY = 1.0  # seconds before the bar appears


@contextmanager
def progress_of(duration: float, shown: bool, begun: float = 0.0) -> Iterator[Callable[[float], None]]:
    """A function that takes the ms simulated so far of ``duration``, of which ``begun`` were there before."""
    if not shown:
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.fields[at]}"),
        BarColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(compact=True),
    )
    bar = Progress(*columns, console=console, disable=not (console.is_terminal or console.is_jupyter), transient=True)
    task = bar.add_task("", total=duration, at="", speed="")
    began = time.perf_counter()

    def report(done: float) -> None:
        seconds = time.perf_counter() - began
        if seconds < DELAY and not bar.live.is_started:
            return
        if not bar.live.is_started:
            bar.start()
        at = f"{done / 1e3:.1f} of {duration / 1e3:.1f} s"
        bar.update(task, completed=done, at=at, speed=f"{(done - begun) / 1e3 / seconds:.3g} times real time")

    try:
        yield report
    finally:
        bar.stop()
