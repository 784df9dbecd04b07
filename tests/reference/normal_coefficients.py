"""Fits the polynomials of ``brainmass/numerics/random_numbers.py`` and prints them with their errors.

Two functions are approximated, each with the smallest largest error (Lawson's reweighted least squares):

- log(1 + m)/m for m in ±1/3, where the mantissa of a float lies after its exponent is split off;
- z/(1 − 2t), z the normal quantile of the upper tail probability t, in s = √(w + 6) − middle with w = −log 4t(1 − t).
  It is even in 1 − 2t and smooth in s from t = 1/2 to the smallest t of a 31-bit word, so one polynomial serves all.
"""

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial
from scipy.special import ndtri

SHIFT = 6.0
SMALLEST = 0.5 * 2.0**-32
"""The tail probability of the word 0."""


def fit(function, low, high, degree, weight, iterations=60):
    """The polynomial on [low, high] with the least largest ``weight * error``, and that error."""
    x = (low + high) / 2 + (high - low) / 2 * np.cos(np.linspace(0, np.pi, 20001))
    y, scale, emphasis = function(x), weight(x), np.ones_like(x)
    best = np.inf, None
    for _ in range(iterations):
        candidate = Chebyshev.fit(x, y, degree, w=np.sqrt(emphasis) * scale)
        error = np.abs(candidate(x) - y) * scale
        best = min(best, (error.max(), candidate), key=lambda pair: pair[0])
        emphasis = emphasis * error
        emphasis /= emphasis.sum()
    error, polynomial = best
    return polynomial.convert(kind=Polynomial), error


def logarithm(m):
    """log(1 + m)/m."""
    return np.where(np.abs(m) < 1e-12, 1.0, np.log1p(m) / np.where(m == 0, 1.0, m))


def tail(w):
    """(t, 1 − 2t) from w = −log 4t(1 − t), without cancellation."""
    signed = np.sqrt(-np.expm1(-w))
    return np.exp(-w) / (2 * (1 + signed)), signed


def span():
    """The range of √(w + SHIFT)."""
    return np.sqrt(SHIFT), np.sqrt(SHIFT - np.log(4 * SMALLEST * (1 - SMALLEST)))


def quantile(root):
    """z/(1 − 2t) of √(w + SHIFT)."""
    t, signed = tail(np.maximum(root**2 - SHIFT, 1e-14))
    return -ndtri(t) / signed


def fit_logarithm():
    """(coefficients from the highest power, largest error)."""
    polynomial, error = fit(logarithm, -1 / 3, 1 / 3, 8, np.ones_like)
    return polynomial.coef[::-1], error


def fit_quantile():
    """(coefficients from the highest power of √(w + SHIFT) − middle, middle, largest error of z)."""
    low, high = span()
    middle = (low + high) / 2
    polynomial, error = fit(
        lambda s: quantile(s + middle),
        low - middle,
        high - middle,
        9,
        lambda s: tail(np.maximum((s + middle) ** 2 - SHIFT, 1e-14))[1],
    )
    return polynomial.coef[::-1], middle, error


if __name__ == "__main__":
    coefficients, error = fit_logarithm()
    print(f"log(1 + m)/m, error {error:.1e}:", [float(f"{c:.10g}") for c in coefficients])
    coefficients, middle, error = fit_quantile()
    print(f"z/(1 - 2t) in s = sqrt(w + {SHIFT}) - {middle}, error of z {error:.1e}:")
    print([float(f"{c:.10g}") for c in coefficients])
