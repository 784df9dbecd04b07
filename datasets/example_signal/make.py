"""Write brainmass/datasets/data/example_signal.npz: needs example_connectome.npz."""

from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[2] / "brainmass" / "datasets" / "data"
DT = 1.0  # ms
STEPS, TRANSIENT = 500, 1000
DECAY = 0.02  # 1/ms
FREQUENCY = 0.02  # cycles per ms, 20 Hz
COUPLING = 0.05  # 1/ms
NOISE = 0.1  # 1/sqrt(ms)
SEED = 0


def build():
    """Damped oscillators z' = (-DECAY + i w) z + COUPLING sum_j W_ij (z_j - z_i) + noise, of which the real part."""
    with np.load(DATA / "example_connectome.npz", allow_pickle=False) as file:
        weights, labels = file["weights"], file["labels"]
    laplacian = weights - np.diag(weights.sum(1))
    turn = np.exp((-DECAY + 2j * np.pi * FREQUENCY) * DT)
    shape = (TRANSIENT + STEPS, len(labels), 2)
    noise = NOISE * np.sqrt(DT) * np.random.default_rng(SEED).standard_normal(shape) @ [1, 1j]
    z = np.zeros(len(labels), dtype=complex)
    samples = []
    for kick in noise:
        z = turn * (z + DT * COUPLING * laplacian @ z) + kick
        samples.append(z.real)
    return {
        "example_signal": {"signal": np.round(samples[TRANSIENT:], 5), "dt_ms": np.array(DT), "labels": labels},
    }


if __name__ == "__main__":
    for name, arrays in build().items():
        np.savez_compressed(DATA / f"{name}.npz", **arrays)
