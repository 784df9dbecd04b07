"""Noise processes: state spaces with a diffusion, attached to an Input of a model or to a Network."""

from brainmass.noise.base import LEVEL, OWN, Noise
from brainmass.noise.filtered import BlueNoise, BrownianNoise, ColoredNoise, OUProcess, PinkNoise, VioletNoise
from brainmass.noise.series import NoiseSeries
from brainmass.noise.white import GaussianNoise, MultiplicativeNoise, WhiteNoise

NOISES: dict[str, type[Noise]] = {
    kind.__name__: kind
    for kind in (
        OUProcess,
        WhiteNoise,
        MultiplicativeNoise,
        BrownianNoise,
        ColoredNoise,
        PinkNoise,
        BlueNoise,
        VioletNoise,
        NoiseSeries,
    )
}
"""Every noise by name: what the manual lists."""

__all__ = [
    "LEVEL",
    "NOISES",
    "OWN",
    "BlueNoise",
    "BrownianNoise",
    "ColoredNoise",
    "GaussianNoise",
    "MultiplicativeNoise",
    "Noise",
    "NoiseSeries",
    "OUProcess",
    "PinkNoise",
    "VioletNoise",
    "WhiteNoise",
]
