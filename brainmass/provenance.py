"""What a result says about the machine and the versions that made it."""

import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import jax

from brainmass.units import float_dtype

_PACKAGES = ("brainmass", "jax", "jaxlib", "brainstate", "brainunit", "braintools", "numpy")


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the packages a run depends on; the commit where brainmass runs from its repository."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    repository = Path(__file__).parents[1]
    if (repository / ".git").exists():
        command = ["git", "describe", "--always", "--dirty"]
        try:
            done = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=5)
            found["commit"] = done.stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            found["commit"] = "unknown"
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def environment() -> dict[str, str]:
    """Versions, device and precision."""
    device = jax.devices()[0]
    return versions() | {"device": f"{device.platform} ({device.device_kind})", "precision": str(float_dtype())}
