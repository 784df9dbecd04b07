"""Trainable recurrent layers of oscillators."""

from brainmass.layers.horn import HORNSeqLayer, HORNSeqNetwork

__all__ = ["HORNSeqLayer", "HORNSeqNetwork"]
