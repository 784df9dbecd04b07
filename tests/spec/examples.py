"""Objects of every kind with random valid arguments, as strategies of hypothesis, by name."""

import functools

import brainunit as u
import jax.numpy as jnp
import numpy as np
from brainstate.nn import Param
from braintools.init import Normal, Uniform
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def for_all(strategy, check, count):
    """Check so many examples, the same in each run of the tests."""

    @settings(max_examples=count, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
    @given(strategy)
    def on_one(one):
        check(one)

    on_one()


def example(strategy):
    """One that is not the simplest."""
    found = []
    for_all(strategy, found.append, 3)
    return found[-1]


# -- values ------------------------------------------------------------------------------------------------------------


def scalars(low, high):
    return st.floats(low, high, allow_subnormal=False)


def arrays(low, high, *shape):
    count = int(np.prod(shape))
    return st.lists(scalars(low, high), min_size=count, max_size=count).map(lambda x: np.reshape(x, shape))


@st.composite
def numbers(draw, low, high, unit):
    """Values in a range: bare or with a unit, one or for each region, in float64 or float32."""
    value = draw(st.one_of(scalars(low, high), arrays(low, high, N)))
    form = draw(st.sampled_from(["plain", "list", "single", "unit"]))
    if form == "list":
        return np.asarray(value).tolist()
    if form == "single":
        return jnp.asarray(value, jnp.float32)
    return with_unit(value, unit) if form == "unit" else value


@st.composite
def some(draw, table):
    """A part of the arguments, in another order."""
    found = draw(st.fixed_dictionaries({}, optional=table))
    return {name: found[name] for name in draw(st.permutations(list(found)))}


def ranges(kind):
    """Values of declared parameters, by name."""
    declared = {n: d for n, d in kind.declarations(bm.Parameter).items() if d.bounds is not None}
    units = {n: d.unit if isinstance(d.unit, u.Unit) else u.UNITLESS for n, d in declared.items()}
    return {n: numbers(*d.bounds, units[n]) for n, d in declared.items()}


def initial(kind):
    """Random initial values by argument: numbers, quantities, laws of braintools, functions."""

    def values(d):
        low, high = map(float, np.clip(d.span or d.bounds, *(d.bounds or (-np.inf, np.inf))))
        found = [numbers(low, high, d.unit)]
        if d.unit.is_unitless and low <= 0.125 <= high:
            found += [st.builds(Uniform, st.just(low), st.just(high)), st.just(begin)]
            found += [st.builds(Normal, st.just((low + high) / 2), st.just(0.0))]
        return st.one_of(found)

    return some({d.argument: values(d) for d in kind.declarations(bm.Variable).values()})


# -- models ------------------------------------------------------------------------------------------------------------


@st.composite
def banks(draw, kind):
    """Node banks, some with noise."""
    inputs = list(kind.declarations(bm.Input).values())[::-1]  # of several with one noise, it is the first's
    noises = {
        d.argument: st.builds(bm.OUProcess, st.just(N), sigma=st.just(0.01 * d.unit), tau=numbers(1, 100, u.ms))
        for d in inputs
    }
    methods = st.sampled_from([name for name in METHODS if name != "symplectic"])
    tables = some(ranges(kind)), initial(kind), some(noises), some({"method": methods, "name": st.just("bank")})
    given = [draw(table) for table in tables]
    return kind(in_size=N, **{name: value for table in given for name, value in table.items()})


@st.composite
def noises(draw, kind, attached=False):
    """Noises, with an amplitude in the unit of their place where they are to be ``attached``."""
    if kind is bm.NoiseSeries:
        values = draw(st.integers(9, 60).flatmap(lambda rows: arrays(-1, 1, rows, N)))
        spacing = {"dt": 2.5 * u.ms} if attached or draw(st.booleans()) else {}  # a run of 20 ms needs it
        return kind(N, values=values, **spacing, **draw(some({"scale": st.just(2)})))
    correlations = scalars(0.0, 0.9).map(lambda c: np.full((N, N), c) + (1 - c) * np.eye(N))
    given = draw(some(ranges(kind) | {"correlation": correlations}))
    amplitude = {"sigma": draw(ranges(kind)["sigma"])} if attached else {}
    return kind(in_size=N, **(given | amplitude))


@st.composite
def couplings(draw, kind):
    own = {"pre": st.just(doubled)} if kind is bm.Coupling else {}
    return kind(**draw(some(ranges(kind))), **draw(some(own)))


@st.composite
def networks(draw, size=N):
    """Networks of random wiring."""
    weights = draw(arrays(0, 1, size, size)) * draw(arrays(0, 1, size, size)).round()
    lengths = np.where(weights == 0, np.nan, draw(arrays(1, 50, size, size)))
    ways = [
        {},
        dict(distance=lengths, speed=draw(scalars(2, 20))),
        dict(distance=lengths * u.mm, speed=np.inf),
        dict(distance=np.nan_to_num(lengths) / 10 * u.cm, speed=jnp.float32(7.5) * u.meter / u.second),
        dict(delays=np.nan_to_num(lengths) / 10),
        dict(delays=2.0 * u.ms),
    ]
    node = draw(banks(bm.HopfStep)) if size == N else bm.HopfStep(size)
    options = {
        "self_connection": st.just(True),
        "interpolate": st.just(True),
        "longest_delay": st.just(30.0 * u.ms),
        "labels": st.just([f"{i} ms" for i in range(size)]),
        "k": scalars(0, 0.1),
        "delay_init": arrays(-0.5, 0.5, size),
    }
    return bm.Network(node, conn=weights, **draw(st.sampled_from(ways)), **draw(some(options)))


@st.composite
def edges(draw, size=12):
    """Networks whose sources pass through a function that differs by edge, with weights that are trained."""
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    weights = rng.random((size, size))
    own = bm.SigmoidalJansenRitCoupling(r=rng.random((size, size)), midpoint=draw(scalars(0, 6)))
    conns = [lambda: weights, lambda: Param(weights), lambda: bm.LaplacianConnParam(weights, normalize="rw")]
    noise = bm.WhiteNoise(size, sigma=draw(scalars(0, 0.1)))
    return bm.Network(bm.HopfStep(size, a=Param(0.2)), conn=draw(st.sampled_from(conns))(), coupling=own, noise=noise)


# -- stimuli -----------------------------------------------------------------------------------------------------------

S = bm.stimulus
LEVEL = st.one_of(scalars(0, 1).map(lambda x: x / u.ms), scalars(0, 1000).map(lambda x: x * u.Hz))
REGIONS = st.one_of(st.none(), arrays(0, 1, N))
EARLY, LATE = scalars(0, 10), scalars(11, 100)
WAVEFORMS = {
    "Step": st.builds(S.Step, LEVEL, EARLY, LATE, weights=REGIONS),
    "PulseTrain": st.builds(S.PulseTrain, LEVEL, LATE, scalars(0.1, 10), onset=EARLY),
    "Sine": st.builds(S.Sine, LEVEL, scalars(1, 40).map(lambda x: x * u.Hz), phase=scalars(0, 6)),
    "Chirp": st.builds(S.Chirp, LEVEL, scalars(1, 3), scalars(3, 40), EARLY, LATE),
    "Ramp": st.builds(S.Ramp, LEVEL, LEVEL, EARLY, LATE),
    "Gaussian": st.builds(S.Gaussian, LEVEL, LATE, scalars(1, 9).map(lambda x: x * u.ms)),
    "Alpha": st.builds(S.Alpha, LEVEL, scalars(0.01, 0.1).map(lambda x: x * u.second)),
    "Noise": st.builds(S.Noise, LEVEL, scalars(1, 9), seed=st.integers(0, 2**40), weights=REGIONS),
    "Series": st.builds(
        S.Series,
        st.integers(2, 60).flatmap(lambda rows: arrays(-1, 1, rows, N)).map(lambda x: x / u.ms),
        scalars(0.1, 9),
        onset=EARLY,
    ),
}
ONE = st.one_of(*WAVEFORMS.values())
STIMULI = WAVEFORMS | {
    "sum": st.builds(lambda a, b: a + b, ONE, ONE),
    "scaled and followed": st.builds(lambda a, b, c, at: (2 * a).then(b + c, at=at), ONE, ONE, ONE, LATE),
    "moved": st.builds(lambda a, b, c, by: (a.then(b, 20) + -c).delayed(by * u.second), ONE, ONE, ONE, scalars(0, 1)),
}


# -- monitors ----------------------------------------------------------------------------------------------------------


class Shelf(bm.Monitor):
    """Monitors by name, which can be written down together."""

    keeps_identity = False

    def __init__(self, monitors):
        self.monitors = monitors


KERNELS = {
    "GammaHRFKernel": st.builds(bm.GammaHRFKernel, tau=scalars(0.5, 2)),
    "DoubleExponentialHRFKernel": st.builds(bm.DoubleExponentialHRFKernel, f_1=scalars(0.01, 0.1)),
    "FirstOrderVolterraHRFKernel": st.builds(
        bm.FirstOrderVolterraHRFKernel, tau_s=scalars(500, 900).map(lambda x: x * u.ms)
    ),
    "MixtureOfGammasHRFKernel": st.builds(bm.MixtureOfGammasHRFKernel, l=scalars(0.5, 2), duration=st.just(30)),
}


@st.composite
def shelves(draw):
    """Monitors of every kind, and some that watch each other."""
    period = st.integers(1, 20).map(lambda n: n * 0.1 * u.ms)
    field, potentials = draw(arrays(-1, 1, 4, N)), draw(arrays(-1, 1, 30, N)) * u.uvolt
    seen = bm.EEG("x", field, noise=draw(scalars(0, 1)))
    bold = bm.Bold("x", tr=10.0 * u.ms, tau=draw(numbers(0.5, 3, u.second)), kappa=draw(scalars(0.3, 0.9)))
    found = [
        bm.Sample("x", draw(period)),
        bm.Sample(read_x, draw(period)),
        bm.TemporalAverage("node.x", draw(period)),
        bm.GlobalAverage(bm.Sample("x", 1.0), 4.0 * u.ms),
        bm.Afferent(),
        bm.Afferent("x_inp"),
        bold,
        bm.Bold("x", 20 * u.ms, "heinzle2016"),
        bm.Bold("x", 0.02 * u.second, draw(st.one_of(*KERNELS.values()))),
        bm.StreamingFC(bold),
        seen,
        bm.Sample(seen, 2.0),
        bm.TemporalAverage(seen, 2.0),
        bm.StreamingFCD(bm.TemporalAverage(bm.Sample("x", 0.2), 2.0), 4, draw(st.integers(1, 3))),
        bm.StreamingPSD("x", 0.01 * u.second, overlap=draw(st.sampled_from([0.0, 0.25, 0.5]))),
        bm.EEG("x", field, noise=draw(arrays(0, 1, 4)), reference=None),
        bm.EEG("x", field, 2.0, names=["inf", "1 ms", "c", "d"], reference="1 ms"),
        bm.SEEG("x", potentials, noise=0.1 * u.uvolt),
        bm.MEG(bm.TemporalAverage("x", 1.0), field, noise=np.eye(4) * draw(scalars(0, 1))),
    ]
    return Shelf({str(i): monitor for i, monitor in enumerate(found)})


# -- everything --------------------------------------------------------------------------------------------------------

MODELS = {name: banks(kind) for name, kind in catalogue().items()}
NOISE_KINDS = {name: noises(kind) for name, kind in NOISES.items()}
ATTACHED = {name: noises(kind, attached=True) for name, kind in NOISES.items()}
COUPLING_KINDS = {kind.__name__: couplings(kind) for kind in [bm.Coupling, *COUPLINGS.values()]}
NETWORKS = {"Network": networks(), "large Network": networks(size=12), "edges": edges()}
KINDS = {
    **MODELS,
    **NOISE_KINDS,
    **COUPLING_KINDS,
    **NETWORKS,
    **{f"stimulus {name}": strategy for name, strategy in STIMULI.items()},
    **KERNELS,
    "monitors": shelves(),
    "Balloon": st.builds(bm.Balloon, st.just(2), tau=scalars(0.5, 2)),
    "Simulator": st.builds(bm.Simulator, networks(), dt=st.just(0.1 * u.ms)),
    "Connectome": st.builds(bm.datasets.load_dataset, st.just("synthetic_80")),
    "own Connectome": arrays(0, 1, 9, 9).map(
        lambda rows: bm.datasets.Connectome(rows, rows * 10, [f"{i} s" for i in range(9)])
    ),
}


@functools.cache
def one_of_each():
    """An object of every kind, by name."""
    return {name: example(strategy) for name, strategy in KINDS.items()}
