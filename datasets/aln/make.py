"""Rate, mean potential and time constant of an exponential integrate-and-fire neuron under white noise.

``python datasets/aln/make.py`` writes brainmass/datasets/data/aln.npz. Threshold integration after Richardson 2007,
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
FREQUENCIES = np.linspace(0.002, 0.25, 16)
"""Where the rate response is fitted, 1/ms."""


def descend(omega, mu, sigma):
    """Integrate flux and density from the cut-off down: (stationary rate, mean potential, response to mu at omega)."""
    h = (V_CUT - LOWEST) / STEPS
    reset = round((V_CUT - V_RESET) / h)
    zero = 0.0 * mu
    density, flux, weight, moment = zero, 1.0 + zero, zero, zero
    p_rate, j_rate = zero + 0j, 1.0 + zero + 0j  # answers to a unit of rate modulation
    p_mu, j_mu = zero + 0j, zero + 0j  # and to a unit of mu modulation, for a stationary flux of 1
    for k in range(STEPS):
        V = V_CUT - (k + 0.5) * h
        force = G_L * (E_L - V + DELTA_T * np.exp((V - V_T) / DELTA_T)) / C + mu
        slope = -2.0 * force / sigma**2 * h
        grow = np.exp(slope)
        fill = (
            np.where(np.abs(slope) < 1e-9, 1.0, np.expm1(slope) / np.where(slope == 0, 1.0, slope)) * 2 * h / sigma**2
        )
        if k == reset:
            flux = flux - 1.0
            j_rate = j_rate - np.exp(-1j * omega * T_REF)
        before = density
        density = density * grow + flux * fill
        middle = 0.5 * (before + density)
        weight, moment = weight + middle * h, moment + middle * V * h
        p_rate, before_rate = p_rate * grow + j_rate * fill, p_rate
        p_mu, before_mu = p_mu * grow + (j_mu - middle) * fill, p_mu
        j_rate = j_rate + 1j * omega * h * 0.5 * (p_rate + before_rate)
        j_mu = j_mu + 1j * omega * h * 0.5 * (p_mu + before_mu)
    rate = 1.0 / (weight + T_REF)
    return rate, moment / weight, -rate * j_mu / j_rate


def main():
    mu, sigma = np.meshgrid(MU, SIGMA, indexing="ij")
    rate, potential, _ = descend(0.0, mu, sigma)
    static = descend(2e-7 * np.pi, mu, sigma)[2].real
    responses = np.array([descend(2 * np.pi * f, mu, sigma)[2] / static for f in FREQUENCIES])
    taus = np.geomspace(0.1, 40.0, 300)
    filters = 1.0 / (1.0 + 2j * np.pi * FREQUENCIES[:, None] * taus)
    errors = np.stack([(np.abs(responses - f[:, None, None]) ** 2).sum(0) for f in filters.T])
    out = Path(__file__).parents[2] / "brainmass" / "datasets" / "data" / "aln.npz"
    arrays = dict(rate=rate, potential=potential, tau=taus[errors.argmin(0)])
    np.savez_compressed(out, mu=MU, sigma=SIGMA, **{n: np.asarray(v, np.float32) for n, v in arrays.items()})


if __name__ == "__main__":
    main()
