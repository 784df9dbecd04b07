"""Write brainmass/datasets/data/example_connectome.npz."""

from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[2] / "brainmass" / "datasets" / "data"
N = 8
RADIUS = 40.0  # mm
DECAY = 20.0  # mm over which a weight falls to 1/e
SPREAD = 0.8  # s.d. of the log of the random factor on each weight
STRONGEST = 0.95
SEED = 0


def build():
    region = np.arange(N)
    apart = np.abs(region[:, None] - region)
    distances = 2 * RADIUS * np.sin(np.pi * apart / N)  # chords of the ring
    factor = np.triu(np.exp(SPREAD * np.random.default_rng(SEED).standard_normal((N, N))), 1)
    weights = np.exp(-distances / DECAY) * (factor + factor.T)
    return {
        "example_connectome": {
            "weights": np.round(STRONGEST * weights / weights.max(), 4),
            "distances_mm": np.round(distances, 6),
            "labels": np.array([f"R{i}" for i in region]),
        }
    }


if __name__ == "__main__":
    for name, arrays in build().items():
        np.savez_compressed(DATA / f"{name}.npz", **arrays)
