"""``brainmass info``: versions, devices and precision."""

from __future__ import annotations

from brainmass.cli.base import print_table


def info() -> None:
    """Show versions, devices and precision."""
    import platform
    from importlib.metadata import version

    import jax

    import brainmass

    packages = ("jax", "jaxlib", "brainstate", "brainunit", "braintools", "numpy")
    devices = ", ".join(f"{device.device_kind} ({device})" for device in jax.devices())
    print_table(
        "what",
        "value",
        rows=[
            ("brainmass", brainmass.__version__),
            *((name, version(name)) for name in packages),
            ("Python", platform.python_version()),
            ("devices", devices),
            ("precision", str(jax.numpy.result_type(float))),
        ],
    )
