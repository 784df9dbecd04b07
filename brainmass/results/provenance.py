"""What a result says about the machine and the versions that made it."""

import json
import subprocess
import sys
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jax
import numpy as np

from brainmass.units import float_dtype

_PACKAGES = ("brainmass", "jax", "jaxlib", "brainstate", "brainunit", "braintools", "numpy")


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the packages a run depends on; the commit where brainmass runs from its repository."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    repository = Path(__file__).parents[2]
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


def summary(values: dict[str, Any]) -> str:
    """The values of a run as JSON: single numbers, and shape and SHA-256 of larger arrays."""

    def shown(value: Any) -> Any:
        array = np.asarray(value)
        if array.size == 1:
            return float(array.reshape(-1)[0])
        return {"shape": array.shape, "sha256": sha256(np.ascontiguousarray(array).tobytes()).hexdigest()}

    return json.dumps({path: shown(value) for path, value in values.items()})


def environment() -> dict[str, str]:
    """Versions, device and precision."""
    device = jax.devices()[0]
    return versions() | {"device": f"{device.platform} ({device.device_kind})", "precision": str(float_dtype())}
