"""``brainmass models``: the neural-mass models."""

from __future__ import annotations

from brainmass.cli.base import print_table


def models() -> None:
    """List the neural-mass models."""
    from brainmass import list_models

    rows = [(model.name, model.n_state_vars, model.use_case) for model in list_models()]
    print_table("model", "states", "meaning", rows=rows)
