"""Write brainmass/datasets/data/synthetic_{80,200,400}.npz and print the statistics that README.md shows."""

from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[2] / "brainmass" / "datasets" / "data"
DENSITY = {80: 0.6, 200: 0.3, 400: 0.2}
SEMI_AXES = np.array([60.0, 85.0, 55.0])  # mm: of the hull, to the side, the front and the top
CLEFT = 5.0  # mm between the medial wall and the midline
FOLDING = 0.75  # the deepest region lies at this fraction of the hull's radius
SCATTER = 2.0  # mm, s.d. of a position, so that the hemispheres are not mirror images
CALLOSUM = (-35.0, 25.0, 10.0)  # mm: back end, front end, height
DETOUR, WINDING = 1.15, 0.15  # a tract is DETOUR * exp(WINDING |normal|) longer than the path it follows
RATE = 0.04  # 1/mm
SPREAD = 1.5  # s.d. of the log-weights around the distance rule
HOMOTOPIC = 1.0  # added to the log-weight between mirror regions
SEED = 80200400


def positions(n, rng):
    """(n, 3) in mm: a Fibonacci lattice on each half of an ellipsoid, from front to back, the left half first."""
    k = np.arange(n // 2) + 0.5
    side = 1 - k / len(k)
    angle = np.pi * (3 - np.sqrt(5)) * k
    ring = np.sqrt(1 - side**2)
    sphere = np.stack([-side, ring * np.cos(angle), ring * np.sin(angle)], axis=1)
    left = sphere * SEMI_AXES * rng.uniform(FOLDING, 1, (len(k), 1)) - [CLEFT, 0, 0]
    left = left[np.argsort(-left[:, 1])]
    return np.concatenate([left, left * [-1, 1, 1]]) + SCATTER * rng.standard_normal((n, 3))


def tract_lengths(points, rng):
    """(n, n) in mm: straight inside a hemisphere, bent through the callosum across, times a winding factor."""
    n = len(points)
    straight = np.linalg.norm(points[:, None] - points, axis=2)
    back, front, height = CALLOSUM
    gate = np.zeros((n, n, 3))
    gate[..., 1] = np.clip((points[:, None, 1] + points[:, 1]) / 2, back, front)
    gate[..., 2] = height
    to_gate = np.linalg.norm(points[:, None] - gate, axis=2)
    left = np.arange(n) < n // 2
    path = np.where(left[:, None] == left, straight, to_gate + to_gate.T)
    winding = DETOUR * np.exp(WINDING * np.abs(symmetric_normal(n, rng)))
    return np.round(8 * path * winding) / 8  # eighths of a mm: exact in float32, and they compress well


def strengths(lengths, density, rng):
    """(n, n), largest 1: exponential distance rule with log-normal spread; the strongest ``density`` is kept."""
    n = len(lengths)
    log_weight = -RATE * lengths + SPREAD * symmetric_normal(n, rng)
    log_weight += HOMOTOPIC * np.eye(n, k=n // 2) + HOMOTOPIC * np.eye(n, k=-(n // 2))
    pairs = np.sort(log_weight[np.triu_indices(n, 1)])
    weakest = pairs[-round(density * len(pairs))]
    weights = np.where(log_weight >= weakest, np.exp(log_weight - pairs[-1]), 0.0)
    np.fill_diagonal(weights, 0.0)
    return weights


def symmetric_normal(n, rng):
    upper = np.triu(rng.standard_normal((n, n)), 1)
    return upper + upper.T


def connectome(n):
    """The arrays of one file, and the positions they were made from."""
    rng = np.random.default_rng([SEED, n])
    points = positions(n, rng)
    lengths = tract_lengths(points, rng)
    half = n // 2
    arrays = {
        "weights": strengths(lengths, DENSITY[n], rng).astype(np.float32),
        "distances_mm": lengths.astype(np.float32),
        "labels": np.array([f"{side}{i:0{len(str(half - 1))}d}" for side in "LR" for i in range(half)]),
    }
    return arrays, points


def build():
    return {f"synthetic_{n}": connectome(n)[0] for n in DENSITY}


def statistics(arrays, points):
    """What README.md tells about one connectome, as {line: text}."""
    n = len(points)
    pairs = np.triu_indices(n, 1)
    weight, length = arrays["weights"][pairs].astype(float), arrays["distances_mm"][pairs].astype(float)
    straight = np.linalg.norm(points[:, None] - points, axis=2)[pairs]
    across = (pairs[0] < n // 2) & (pairs[1] >= n // 2)
    mirror = pairs[1] - pairs[0] == n // 2
    kept = weight > 0
    homotopic, callosal = weight[mirror].mean(), weight[across & ~mirror].mean()
    log_weight = np.log(weight[kept])
    slope, _ = np.polyfit(length[kept], log_weight, 1)
    degree = np.count_nonzero(arrays["weights"], axis=1)
    return {
        "density": f"{kept.mean():.3f}",
        "connections of a region, least / mean / most": f"{degree.min()} / {degree.mean():.1f} / {degree.max()}",
        "weights, orders of magnitude": f"{(log_weight.max() - log_weight.min()) / np.log(10):.1f}",
        "s.d. of log10 weight": f"{log_weight.std() / np.log(10):.2f}",
        "all pairs: length min / median / mean / max (mm)": four(length),
        "connected pairs: length min / median / mean / max (mm)": four(length[kept]),
        "length over straight line, mean": f"{(length / straight).mean():.2f}",
        "correlation of length and straight line": f"{np.corrcoef(length, straight)[0, 1]:.2f}",
        "correlation of log weight and length": f"{np.corrcoef(log_weight, length[kept])[0, 1]:.2f}",
        "slope of log weight over length (1/mm)": f"{slope:.3f}",
        "mean weight: homotopic over other callosal pairs": f"{homotopic / callosal:.0f}",
        "mean weight: within over across hemispheres": f"{weight[~across].mean() / weight[across].mean():.1f}",
    }


def four(x):
    return f"{x.min():.1f} / {np.median(x):.1f} / {x.mean():.1f} / {x.max():.1f}"


def table():
    """The statistics of all sizes as Markdown."""
    columns = [statistics(*connectome(n)) for n in DENSITY]
    lines = ["| | " + " | ".join(f"synthetic_{n}" for n in DENSITY) + " |", "|---" * (1 + len(DENSITY)) + "|"]
    lines += [f"| {line} | " + " | ".join(column[line] for column in columns) + " |" for line in columns[0]]
    return "\n".join(lines)


if __name__ == "__main__":
    for name, arrays in build().items():
        np.savez_compressed(DATA / f"{name}.npz", **arrays)
    print(table())
