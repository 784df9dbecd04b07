"""Connectomes from files and into files: ``load_connectome("connectivity_76.zip")``, whatever program wrote it."""

from brainmass.formats.door import load_connectome
from brainmass.formats.saving import save_connectome

__all__ = ["load_connectome", "save_connectome"]
