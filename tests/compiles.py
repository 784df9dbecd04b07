"""Counts what XLA compiles, so that tests can say that a call compiles nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import jax


@contextmanager
def compilations() -> Iterator[list[str]]:
    """The names of the functions that are compiled inside the block."""
    names: list[str] = []

    def listen(event: str, seconds: float, **facts: object) -> None:
        if event.endswith("backend_compile_duration"):
            names.append(str(facts.get("fun_name")))

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        yield names
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)
