"""Objects of every kind with random valid arguments."""

import functools

import brainunit as u
import jax.numpy as jnp
import numpy as np
from braintools.init import Normal, Uniform

import brainmass as bm
from brainmass.models import catalogue
from brainmass.network.coupling import COUPLINGS
from brainmass.noise import NOISES
from brainmass.state_space.methods import METHODS
from brainmass.units import with_unit

N = 3


def begin(shape):
    """Initial values from a module."""
    return jnp.full(shape, 0.125)


def read_x(model):
    """A monitor from a module."""
    return model.node.x.value


def doubled(x, p):
    """A part of a coupling from a module."""
    return 2.0 * x


def number(rng, low, high, unit, size=N):
    """Values in a range: bare or with a unit, one or for each region, in float64 or float32."""
    shape = () if rng.random() < 0.5 else (size,)
    value = rng.uniform(low, high, shape)
    form = rng.choice(["plain", "list", "single", "unit"])
    if form == "list":
        return value.tolist()
    if form == "single":
        return jnp.asarray(value, jnp.float32)
    return with_unit(value, unit) if form == "unit" else value


def some(rng, arguments, share=0.5):
    """A part of the arguments, in another order."""
    kept = [name for name in arguments if rng.random() < share]
    rng.shuffle(kept)
    return {name: arguments[name] for name in kept}


def parameters(rng, kind):
    """Random values of declared parameters, by name."""
    found = {}
    for name, d in kind.declarations(bm.Parameter).items():
        unit = d.unit if isinstance(d.unit, u.Unit) else u.UNITLESS
        if d.bounds is not None:
            found[name] = number(rng, *d.bounds, unit)
    return some(rng, found)


def initial(rng, kind):
    """Random initial values by argument: numbers, quantities, laws of braintools, functions."""
    found = {}
    for d in kind.declarations(bm.Variable).values():
        low, high = np.clip(d.span or d.bounds, *(d.bounds or (-np.inf, np.inf)))
        found[d.argument] = number(rng, low, high, d.unit)
        if d.unit.is_unitless and low <= 0.125 <= high and rng.random() < 0.3:
            mean = (low + high) / 2
            found[d.argument] = [Uniform(float(low), float(high)), Normal(mean, 0.0), begin][rng.integers(3)]
    return some(rng, found, 0.4)


def bank(rng, kind):
    """A node bank, perhaps with noise."""
    noises = {}
    for d in list(kind.declarations(bm.Input).values())[::-1]:
        noises[d.argument] = bm.OUProcess(N, sigma=0.01 * d.unit, tau=number(rng, 1, 100, u.ms))
    options = some(rng, {"method": str(rng.choice([m for m in METHODS if m != "symplectic"])), "name": "bank"}, 0.3)
    given = parameters(rng, kind) | initial(rng, kind) | some(rng, noises, 0.3) | options
    return kind(in_size=N, **given)


def noise(rng, kind):
    """A noise process with a unit of its own."""
    options = {"correlation": np.full((N, N), 0.5) + 0.5 * np.eye(N)}
    if kind is bm.NoiseSeries:
        values = with_unit(rng.normal(size=(rng.integers(4, 60), N)), u.nA)
        return kind(N, values=values, **some(rng, {"dt": 2.5 * u.ms, "scale": 2}))
    given = parameters(rng, kind) | some(rng, options, 0.3)
    return kind(in_size=N, **given)


def coupling(rng, kind):
    own = some(rng, {"pre": doubled}, 0.5) if kind is bm.Coupling else {}
    return kind(**parameters(rng, kind), **own)


def network(rng, kind=bm.HopfStep, size=N):
    """A network of random wiring."""
    weights = np.where(rng.random((size, size)) < 0.3, 0.0, rng.random((size, size)))
    lengths = np.where(weights == 0, np.nan, rng.uniform(1, 50, (size, size)))
    ways = [
        {},
        dict(distance=lengths, speed=rng.uniform(2, 20)),
        dict(distance=lengths * u.mm, speed=np.inf),
        dict(distance=np.nan_to_num(lengths) / 10 * u.cm, speed=jnp.float32(7.5) * u.meter / u.second),
        dict(delays=np.nan_to_num(lengths) / 10),
        dict(delays=2.0 * u.ms),
    ]
    node = bank(rng, kind) if size == N else kind(size)
    start = node.declared[node.coupled or node.primary]
    options = {
        "self_connection": True,
        "interpolate": True,
        "longest_delay": 30.0 * u.ms,
        "labels": [f"{i} ms" for i in range(size)],
        "k": 0.02,
        "delay_init": with_unit(np.full(size, 0.1), node.unit_of(start)),
    }
    return bm.Network(node, conn=weights, **ways[rng.integers(len(ways))], **some(rng, options))


def edges(rng, size=12):
    """A network whose sources pass through a function that differs by edge, with weights that are trained."""
    from brainstate.nn import Param

    weights = rng.random((size, size))
    own = bm.SigmoidalJansenRitCoupling(r=rng.random((size, size)), midpoint=5.0)
    conn = [weights, Param(weights), bm.LaplacianConnParam(weights, normalize="rw")][rng.integers(3)]
    return bm.Network(bm.HopfStep(size, a=Param(0.2)), conn=conn, coupling=own, noise=bm.WhiteNoise(size, sigma=0.01))


def stimuli(rng):
    """Stimuli of every kind, and of several that follow, add, scale and move."""
    s, region = bm.stimulus, rng.random(N)
    at = np.sort(rng.uniform(0, 100, 2))
    one = [
        s.Step(rng.random() * u.nA, *at, weights=region),
        s.PulseTrain(rng.random() * u.nA, at[1], at[1] / 3, onset=at[0]),
        s.Sine(rng.random() * u.nA, rng.uniform(1, 40) * u.Hz, phase=1.5),
        s.Chirp(0.2 * u.uA, 2.0, rng.uniform(3, 40), *at),
        s.Ramp(0 * u.nA, 2 * u.nA, *at),
        s.Gaussian(rng.random() * u.nA, at[0], 4.0 * u.ms),
        s.Alpha(rng.random() * u.nA, 0.01 * u.second),
        s.Noise(rng.random() * u.nA, 2.0, seed=int(rng.integers(2**40)), weights=region),
        s.Series(rng.normal(size=(rng.integers(2, 60), N)) * u.nA, 0.3, onset=at[0]),
    ]
    a, b, c = (one[i] for i in rng.choice(len(one), 3, replace=False))
    return [*one, a + b, (2 * a).then(b + c, at=50), (a.then(b, 20) + -c).delayed(0.5 * u.second)]


class Shelf(bm.Monitor):
    """Monitors by name, which can be written down together."""

    keeps_identity = False

    def __init__(self, monitors):
        self.monitors = monitors


def kernels(rng):
    return [
        bm.GammaHRFKernel(tau=rng.uniform(0.5, 2)),
        bm.DoubleExponentialHRFKernel(f_1=0.05),
        bm.FirstOrderVolterraHRFKernel(tau_s=900 * u.ms),
        bm.MixtureOfGammasHRFKernel(l=rng.uniform(0.5, 2), duration=30),
    ]


def monitors(rng):
    """Monitors of every kind, and some that watch each other."""
    fields = [rng.normal(size=(4, N)), rng.normal(size=(30, N)) * u.uvolt]
    seen = bm.EEG("x", fields[0], noise=rng.random())
    bold = bm.Bold("x", tr=10.0 * u.ms, tau=number(rng, 0.5, 3, u.second), kappa=0.6)
    return [
        bm.Sample("x", 2.0 * u.ms),
        bm.Sample(read_x, 0.3 * u.ms),
        bm.TemporalAverage("node.x", 5.0),
        bm.GlobalAverage(bm.Sample("x", 1.0), 4.0 * u.ms),
        bm.Afferent(),
        bm.Afferent("x_inp"),
        bold,
        bm.Bold("x", 20 * u.ms, "heinzle2016"),
        bm.Bold("x", 0.02 * u.second, kernels(rng)[rng.integers(4)]),
        bm.StreamingFC(bold),
        seen,
        bm.Sample(seen, 2.0),
        bm.TemporalAverage(seen, 2.0),
        bm.StreamingFCD(bm.TemporalAverage(bm.Sample("x", 0.2), 2.0), 4, 2),
        bm.StreamingPSD("x", 0.01 * u.second, overlap=0.25),
        bm.EEG("x", fields[0], noise=rng.random(4), reference=None),
        bm.EEG("x", fields[0], 2.0, names=["inf", "1 ms", "c", "d"], reference="1 ms"),
        bm.SEEG("x", fields[1], noise=0.1 * u.uvolt),
        bm.MEG(bm.TemporalAverage("x", 1.0), fields[0], noise=np.eye(4) * rng.random()),
    ]


def everything(seed):
    """One object of every kind, by name."""
    rng = np.random.default_rng(seed)
    found = {name: bank(rng, kind) for name, kind in catalogue().items()}
    found |= {name: noise(rng, kind) for name, kind in NOISES.items()}
    found |= {kind.__name__: coupling(rng, kind) for kind in [bm.Coupling, *COUPLINGS.values()]}
    found |= {f"stimulus {i} {type(one).__name__}": one for i, one in enumerate(stimuli(rng))}
    found |= {f"monitor {i} {type(one).__name__}": one for i, one in enumerate(monitors(rng))}
    found |= {type(one).__name__: one for one in kernels(rng)}
    found |= {"Network": network(rng), "large Network": network(rng, size=12), "edges": edges(rng)}
    found |= {"Balloon": bm.Balloon(2, tau=rng.uniform(0.5, 2)), "Simulator": bm.Simulator(network(rng), dt=0.1 * u.ms)}
    found["Connectome"] = bm.datasets.load_dataset("synthetic_80")
    rows = rng.random((9, 9))
    found["own Connectome"] = bm.datasets.Connectome(rows, rows * 10, [f"{i} s" for i in range(9)])
    return found


KINDS = functools.lru_cache(8)(everything)
