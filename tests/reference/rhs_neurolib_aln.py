"""Right-hand sides, tables and regimes of neurolib's ALNModel: ``python rhs_neurolib_aln.py`` writes the npz beside it.

Needs an environment with neurolib 0.6.2, and the tables of brainmass, which neurolib is given for the right-hand sides.
neurolib has no function for those: one Euler step of 100 nodes without delays between them and noise is taken, and the
slope is the increment over dt, which is short enough for neurolib not to clip the variances.
"""

from importlib import metadata
from pathlib import Path

import mapping_aln
import numpy as np
from neurolib.models.aln import ALNModel

NODES, DT = 100, 0.01
TABLES = Path(__file__).parents[2] / "brainmass" / "models" / "aln.npz"
REGIMES = np.array([(0.2, 0.2), (0.8, 1.5), (0.8, 0.2), (0.8, 0.6), (1.2, 0.6), (1.6, 1.0), (1.6, 0.2), (2.5, 1.0)])
"""Mean external inputs of E and I, mV/ms: silence, oscillations, and asynchronous firing."""


def model(weights, **values):
    found = ALNModel(Cmat=weights, Dmat=np.zeros_like(weights))
    found.params.update(dict(sigma_ou=0.0) | values)
    nodes = np.ones(len(weights))
    found.params.update({f"mu{to}_ou": found.params[f"mu{to}_ext_mean"] * nodes for to in "ei"})
    return found


def begin(found, states, rE, rI):
    """Set the initial states and, for all earlier times, the rates (1/ms)."""
    for name, value in states.items():
        found.params[f"{name}_init"] = value[:, None] if name == "IA" else value
    found.params["rates_exc_init"], found.params["rates_inh_init"] = 1e3 * rE[:, None], 1e3 * rI[:, None]


def tables():
    with np.load(TABLES) as own:
        mu, sigma = own["mu"], own["sigma"]
        arrays = {
            theirs: own[n].astype(float)
            for n, theirs in (("rate", "precalc_r"), ("potential", "precalc_V"), ("tau", "precalc_tau_mu"))
        }
    return arrays | dict(Irange=mu, sigmarange=sigma, dI=mu[1] - mu[0], ds=sigma[1] - sigma[0])


def slopes(weights, states, rE, rI, values):
    """The increments of one step over dt, (variable, node), and the rates that the tables gave (1/ms)."""
    found = model(weights, dt=DT, duration=DT, **tables(), **values)
    begin(found, states, rE, rI)
    found.run()
    after = np.array([np.asarray(found.state[n]).reshape(NODES, -1)[:, -1] for n in states])
    rates = np.array([found.state[n][:, -1] for n in ("rates_exc", "rates_inh")]) / 1e3
    return (after - np.array(list(states.values()))) / DT, rates


def regimes(dt=0.1, duration=1500.0, last=500.0):
    """Least and greatest excitatory rate (Hz) and frequency (Hz, 0 at rest) with neurolib's own tables."""
    rows = []
    for mue, mui in REGIMES:
        found = model(np.zeros((1, 1)), dt=dt, duration=duration, mue_ext_mean=mue, mui_ext_mean=mui)
        begin(found, {n: np.full(1, start(n)) for n in mapping_aln.STATES}, np.full(1, 0.001), np.full(1, 0.001))
        found.run()
        rate = found.outputs["rates_exc"][0][-round(last / dt) :]
        ups = np.nonzero(np.diff((rate > rate.mean()).astype(int)) == 1)[0]
        rows.append([rate.min(), rate.max(), 1e3 / dt / np.diff(ups).mean() if np.ptp(rate) > 1.0 else 0.0])
    return np.array(rows)


def start(name):
    return 0.0 if name in ("mufe", "mufi", "IA") else 0.001 if name.endswith("v") else 0.05


def main():
    stored = {"version": metadata.version("neurolib"), "names": np.array(mapping_aln.STATES)}
    default = ALNModel().params
    for seed, variant in enumerate(("default", "moved")):
        rng = np.random.default_rng(3000 + seed)
        values = {n: float(default[mapping_aln.RENAMED.get(n, n)]) for n in (*mapping_aln.NAMES, *mapping_aln.RENAMED)}
        if variant == "moved":
            values = {n: v * rng.uniform(0.9, 1.1) if v else rng.uniform(10.0, 40.0) for n, v in values.items()}
        states = {n: rng.uniform(*mapping_aln.RANGES[n], NODES) for n in mapping_aln.STATES}
        rE, rI = rng.uniform(0.0, 0.1, (2, NODES))
        some = (rng.uniform(size=(NODES, NODES)) < 0.05).astype(float)
        np.fill_diagonal(some, 0.0)
        graded = some * rng.uniform(0.0, 1.0, some.shape)
        stored |= {f"{variant}/parameter/{n}": value for n, value in values.items()}
        stored |= {f"{variant}/states": np.array(list(states.values())), f"{variant}/late": np.array([rE, rI])}
        given = {mapping_aln.RENAMED.get(n, n): value for n, value in values.items()}
        for name, weights in (("alone", 0.0 * some), ("coupled", some), ("graded", graded)):
            stored[f"{variant}/{name}"], stored[f"{variant}/rates/{name}"] = slopes(weights, states, rE, rI, given)
            stored[f"{variant}/sum/{name}"] = np.array([weights @ rE, weights**2 @ rE])
    rng = np.random.default_rng(3002)
    at = rng.integers(len(default["Irange"]), size=NODES), rng.integers(len(default["sigmarange"]), size=NODES)
    stored["table/at"] = np.array([default["Irange"][at[0]], default["sigmarange"][at[1]]])
    for name, theirs in (("rate", "precalc_r"), ("potential", "precalc_V"), ("constant", "precalc_tau_mu")):
        stored[f"table/{name}"] = default[theirs][at]
    stored["regimes/inputs"], stored["regimes/rates"] = REGIMES, regimes()
    np.savez_compressed(Path(__file__).with_name("rhs_neurolib_aln.npz"), **stored)


if __name__ == "__main__":
    main()
