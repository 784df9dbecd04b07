"""Rate, mean potential and time constant of an exponential integrate-and-fire neuron under white noise.

``python datasets/aln/make.py`` writes brainmass/models/aln.npz. Threshold integration after Richardson 2007,
doi:10.1103/PhysRevE.76.021919, with the neuron of Augustin et al. 2017, doi:10.1371/journal.pcbi.1005545, and Cakan &
Obermayer 2020, doi:10.1371/journal.pcbi.1007822 (times in ms, potentials in mV, conductances in nS, capacitance in pF).
"""

from pathlib import Path

import numpy as np

C, G_L, E_L, DELTA_T, V_T, V_CUT, V_RESET, T_REF = 200.0, 10.0, -65.0, 1.5, -50.0, -40.0, -70.0, 1.5
MU = np.linspace(-1.0, 7.0, 161)
"""Mean input, mV/ms."""
SIGMA = np.linspace(0.5, 5.0, 46)
"""Its standard deviation, mV/√ms."""
LOWEST, STEPS = -200.0, 3200
FASTEST, NODES = 1.0, 512
"""The rate response is fitted between 0 and FASTEST (1/ms), at the nodes of a Gauss rule: weak noise has resonances."""
STATIC = 1e-7
"""A frequency (1/ms) that is as good as none."""
TAUS = np.geomspace(0.1, 40.0, 400)


def descend(frequency, mu, sigma):
    """Integrate flux and density from the cut-off down: (stationary rate, mean potential, response to mu).

    Each step is exact for a constant force. Where flux and density drive each other, half a step of flux is taken
    before and half after, so that the error is of second order.
    """
    h, omega = (V_CUT - LOWEST) / STEPS, 2 * np.pi * frequency
    reset, half = round((V_CUT - V_RESET) / h), 0.5j * omega * h
    zero = 0.0 * mu
    density, flux, weight, moment = zero, 1.0 + zero, zero, zero
    p_rate, j_rate = zero + 0j, 1.0 + zero + 0j  # answers to a unit of rate modulation
    p_mu, j_mu = zero + 0j, zero + 0j  # and to a unit of mu modulation, for a stationary flux of 1
    for k in range(STEPS):
        V = V_CUT - (k + 0.5) * h
        force = G_L * (E_L - V + DELTA_T * np.exp((V - V_T) / DELTA_T)) / C + mu
        slope, supply = -2.0 * force / sigma**2 * h, 2.0 * h / sigma**2
        flat, divisor = np.abs(slope) < 1e-3, np.where(slope == 0.0, 1.0, slope)
        grow, fill = np.exp(slope), np.where(slope == 0.0, 1.0, np.expm1(slope) / divisor) * supply
        if k == reset:
            flux = flux - 1.0
            j_rate = j_rate - np.exp(-1j * omega * T_REF)
        before, density = density, density * grow + flux * fill
        middle = np.where(flat, 0.5 * (before + density), (density - before - flux * supply) / divisor)
        weight, moment = weight + middle * h, moment + middle * V * h
        j_rate, j_mu = j_rate + half * p_rate, j_mu + half * p_mu
        p_rate, p_mu = p_rate * grow + j_rate * fill, p_mu * grow + (j_mu - middle) * fill
        j_rate, j_mu = j_rate + half * p_rate, j_mu + half * p_mu
    rate = 1.0 / (weight + T_REF)
    return rate, moment / weight, -rate * j_mu / j_rate


def time_constants(mu, sigma, static):
    """τ of the filter static / (1 + iωτ) that is nearest to the response, in the mean square over frequency."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    frequencies, errors = 0.5 * FASTEST * (nodes + 1.0), np.zeros((len(TAUS), *mu.shape))
    for f, weight in zip(frequencies, weights, strict=True):
        response, filters = descend(f, mu, sigma)[2] / static, 1.0 / (1.0 + 2j * np.pi * f * TAUS)
        errors += weight * np.abs(response - filters[:, None, None]) ** 2
    best = np.clip(errors.argmin(0), 1, len(TAUS) - 2)
    below, at, above = (np.take_along_axis(errors, (best + by)[None], 0)[0] for by in (-1, 0, 1))
    return TAUS[best] * (TAUS[1] / TAUS[0]) ** (0.5 * (below - above) / (below - 2.0 * at + above))


def main():
    mu, sigma = np.meshgrid(MU, SIGMA, indexing="ij")
    rate, potential, static = descend(STATIC, mu, sigma)
    arrays = dict(rate=rate, potential=potential, tau=time_constants(mu, sigma, static.real))
    out = Path(__file__).parents[2] / "brainmass" / "models" / "aln.npz"
    np.savez_compressed(out, mu=MU, sigma=SIGMA, **{n: np.asarray(v, np.float32) for n, v in arrays.items()})


if __name__ == "__main__":
    main()
