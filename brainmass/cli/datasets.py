"""``brainmass datasets``: the datasets."""

from __future__ import annotations

from brainmass.cli.base import print_table


def datasets() -> None:
    """List the datasets."""
    from brainmass.datasets import list_datasets

    print_table("dataset", "description", rows=list_datasets())
