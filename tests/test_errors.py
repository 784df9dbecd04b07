"""Each mistake gets one sentence, before anything is compiled: the argument, the value, what is accepted."""

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass
from brainmass import (
    Bold,
    HopfStep,
    JansenRitStep,
    Network,
    OUProcess,
    Simulator,
    WhiteNoise,
    WilsonCowanStep,
    models,
    resume,
)
from brainmass.datasets import load_dataset, register_dataset
from brainmass.network.coupling.rules import DiffusiveCoupling

N = 8
CONN = load_dataset("example_connectome")
LENGTHS = CONN.distances.mantissa
HOLE = np.where(np.eye(N) > 0, 0.0, np.nan)
SPEED = 10.0 * u.mm / u.ms


def hopf(n=N, **given):
    return HopfStep(in_size=n, **given)


def noise(n=N, sigma=0.1, **given):
    return OUProcess(in_size=n, sigma=sigma, **given)


def network(node=None, **given):
    """The network of the tutorial, with the arguments of one mistake."""
    wiring = dict(conn=CONN.weights, distance=CONN.distances, speed=SPEED)
    return Network(node or hopf(), **{**wiring, "coupling": "diffusive", "coupled_var": "x", "k": 0.5, **given})


def delayed(delays):
    return network(distance=None, speed=None, delays=delays)


def run(duration=3.0 * u.ms, *, model=None, dt=0.1 * u.ms, **given):
    return Simulator(model or network(), dt=dt).run(duration, **given)


def function(values, seed=0, vary=("k",)):
    return Simulator(network(), dt=0.1 * u.ms).function(3.0 * u.ms, vary=vary)(values, seed)


# Each row: the call, the exception, and what the message must hold: the argument, the value, what is accepted.
LISTED = {
    "distance in seconds": (lambda: network(distance=LENGTHS * u.second), ValueError, ["distance", "the unit s", "mm"]),
    "speed 0": (lambda: network(speed=0.0 * u.mm / u.ms), ValueError, ["speed=0", "greater than 0"]),
    "speed negative": (lambda: network(speed=-1.0), ValueError, ["speed=-1", "greater than 0"]),
    "speed without distance": (
        lambda: network(distance=None),
        ValueError,
        ["speed=10", "without distance", "give both"],
    ),
    "negative distance": (lambda: network(distance=-CONN.distances), ValueError, ["distance", "-80", "zero or more"]),
    "NaN weight": (lambda: network(conn=HOLE), ValueError, ["conn", "nan", "[0, 1]", "finite"]),
    "weights 8x7": (lambda: network(conn=np.ones((8, 7))), ValueError, ["conn", "(8, 7)", "(8, 8)"]),
    "distance of another shape": (
        lambda: network(distance=np.ones((7, 7))),
        ValueError,
        ["distance", "(7, 7)", "(8, 8)"],
    ),
    "nodes and weights differ in N": (lambda: network(hopf(7)), ValueError, ["conn", "(8, 8)", "7 regions", "(7, 7)"]),
    "unknown coupling": (
        lambda: network(coupling="difusive"),
        ValueError,
        ["coupling='difusive'", "diffusive, additive, laplacian, sigmoidal, tanh, sigmoidal_jansen_rit"],
    ),
    "unknown coupled_var": (lambda: network(coupled_var="z"), ValueError, ["coupled_var='z'", "HopfStep", "x, y"]),
    "unknown monitor": (lambda: run(monitors="z"), ValueError, ["monitors='z'", "x, y", "callable"]),
    "monitor ts": (lambda: run(monitors={"ts": "x"}), ValueError, ["monitors", '"ts"', "choose another name"]),
    "k with a wrong unit": (lambda: network(k=0.5 * u.mV), ValueError, ["k=0.5 mV", "1/ms", "bare number"]),
    "noise of a wrong unit": (
        lambda: hopf(noise_x=noise(sigma=0.1 * u.mV)),
        ValueError,
        ["noise_x", "mV", "1/ms", "bare number"],
    ),
    "noise of another size": (lambda: hopf(noise_x=noise(3)), ValueError, ["noise_x", "(3,)", "(8,)", "same size"]),
    "white noise inside a sigmoid": (
        lambda: WilsonCowanStep(in_size=N, noise_E=WhiteNoise(in_size=N, sigma=0.1)),
        ValueError,
        ["noise_E", "white noise", "rE_inp", "OUProcess"],
    ),
    "dt not set": (lambda: run(dt=None), ValueError, ["dt is not set", "dt=0.1 * u.ms", "brainstate.environ.set"]),
    "dt negative": (lambda: run(dt=-0.1 * u.ms), ValueError, ["dt=-0.1 ms", "positive time"]),
    "duration in mV": (lambda: run(300.0 * u.mV), ValueError, ["duration=300.0 mV", "ms"]),
    "duration not a multiple of dt": (
        lambda: run(3.05 * u.ms),
        ValueError,
        ["duration=3.05 ms", "dt=0.1 ms", "3 and 3.1 ms"],
    ),
    "transient as long as the run": (lambda: run(transient=3.0 * u.ms), ValueError, ["transient=3.0 ms", "shorter"]),
    "transient longer than the run": (lambda: run(transient=4.0 * u.ms), ValueError, ["transient=4.0 ms", "shorter"]),
    "int transient": (lambda: run(transient=1), ValueError, ["transient=1", "steps or ms", "1 * u.ms"]),
    "unknown argument of a model": (lambda: hopf(omega=0.3), TypeError, ["HopfStep", "'omega'", "in_size, a, w, beta"]),
    "parameter of a wrong shape": (lambda: hopf(a=np.ones(3)), ValueError, ["HopfStep: a", "(3,)", "(8,)"]),
    "unknown dataset": (lambda: load_dataset("example"), KeyError, ["'example'", "example_connectome"]),
    "unknown method": (lambda: hopf(method="rk5"), ValueError, ["method='rk5'", "exp_euler", "heun", "rk4"]),
}

OF_THE_MODEL = {
    "no size": (lambda: HopfStep(), TypeError, ["HopfStep", "'in_size'", "in_size, a, w, beta"]),
    "size doubled": (lambda: HopfStep(2, in_size=3), TypeError, ["HopfStep", "'in_size'"]),
    "size 0": (lambda: hopf(0), ValueError, ["in_size", "0", "positive"]),
    "size negative": (lambda: hopf(-1), ValueError, ["in_size", "-1", "positive"]),
    "size 2.5": (lambda: hopf(2.5), (TypeError, ValueError), ["in_size", "2.5"]),
    "size a string": (lambda: hopf("8"), (TypeError, ValueError), ["in_size", "'8'"]),
    "size empty": (lambda: hopf(()), (TypeError, ValueError), ["in_size", "()"]),
    "parameter with a unit of another kind": (lambda: hopf(a=0.2 * u.mV), ValueError, ["a=0.2 mV", "1/ms"]),
    "parameter NaN": (lambda: hopf(a=np.nan), ValueError, ["HopfStep: a", "nan", "finite"]),
    "parameter infinite": (lambda: hopf(a=np.inf), ValueError, ["HopfStep: a", "inf", "finite"]),
    "parameter NaN in one region": (
        lambda: hopf(a=np.array([0.2] * 7 + [np.nan])),
        ValueError,
        ["HopfStep: a", "finite"],
    ),
    "parameter a string": (lambda: hopf(a="0.2"), TypeError, ["HopfStep: a='0.2'", "number"]),
    "parameter complex": (lambda: hopf(a=1j), TypeError, ["HopfStep: a=1j", "number"]),
    "parameter None": (lambda: hopf(a=None), (TypeError, ValueError), ["HopfStep: a", "None"]),
    "parameter empty": (lambda: hopf(a=np.array([])), ValueError, ["HopfStep: a", "(0,)", "(8,)"]),
    "initial value of a wrong shape": (lambda: hopf(init_x=np.ones(3)), ValueError, ["init_x", "(3,)", "(8,)"]),
    "initial value NaN": (lambda: hopf(init_x=np.nan), ValueError, ["init_x", "nan", "finite"]),
    "initial value with a unit": (lambda: hopf(init_x=1 * u.mV), ValueError, ["init_x=1 mV", "bare number"]),
    "initial value a string": (lambda: hopf(init_x="zero"), TypeError, ["init_x='zero'", "number"]),
    "initial value None": (lambda: hopf(init_x=None), (TypeError, ValueError), ["init_x", "None"]),
    "noise a number": (lambda: hopf(noise_x=0.1), TypeError, ["noise_x=0.1", "OUProcess"]),
    "noise a class": (lambda: hopf(noise_x=OUProcess), TypeError, ["noise_x", "OUProcess()"]),
    "noise a model": (lambda: hopf(noise_x=hopf()), TypeError, ["noise_x", "HopfStep", "OUProcess"]),
    "noise in its default unit": (lambda: hopf(noise_x=OUProcess(in_size=N)), ValueError, ["noise_x", "nA", "1/ms"]),
    "noise of another input": (lambda: hopf(**dict.fromkeys(("noise_x", "noise_y"), noise())), ValueError, ["noise_y"]),
    "tau of a noise in mV": (lambda: noise(tau=1 * u.mV), ValueError, ["tau=1 mV", "ms"]),
    "mean of a noise in another unit": (lambda: noise(sigma=1 * u.mV, mean=1 * u.nA), ValueError, ["mean=1 nA", "mV"]),
    "method None": (lambda: hopf(method=None), ValueError, ["method=None", "exp_euler"]),
    "method a list": (lambda: hopf(method=["euler"]), (TypeError, ValueError), ["method=['euler']", "exp_euler"]),
    "assigned a wrong unit": (lambda: setattr(hopf(), "a", 1 * u.mV), ValueError, ["a=1 mV", "1/ms"]),
    "assigned a wrong shape": (lambda: setattr(hopf(), "a", np.ones(3)), ValueError, ["a", "(3,)", "(8,)"]),
    "assigned NaN": (lambda: setattr(hopf(), "a", np.nan), ValueError, ["HopfStep: a", "nan", "finite"]),
    "assigned None": (lambda: setattr(hopf(), "a", None), (TypeError, ValueError), ["HopfStep: a", "None"]),
    "assigned to a name it has not": (lambda: setattr(hopf(), "alpha", 0.2), AttributeError, ["alpha", "HopfStep"]),
    "assigned to a Simulator": (
        lambda: setattr(Simulator(hopf()), "dtt", 1.0),
        AttributeError,
        ["Simulator.dtt does not exist (did you mean 'dt'?)", "what can be set is dt"],
    ),
    "BOLD with a name near its own": (
        lambda: Bold("x", tr_=500.0),
        TypeError,
        ["Bold has no argument 'tr_' (did you mean 'tr'?)", "tau"],
    ),
    "read before initialisation": (lambda: hopf().x, AttributeError, ["HopfStep.x", "init_all_states"]),
    "updated before initialisation": (lambda: hopf().update(), AttributeError, ["HopfStep.x", "init_all_states"]),
    "updated with too many inputs": (lambda: hopf().update(1, 2, 3), TypeError, ["update", "x_inp, y_inp"]),
    "updated with an unknown input": (lambda: hopf().update(z=1), (TypeError, KeyError), ["'z'", "x_inp, y_inp"]),
    "derivative of one variable": (
        lambda: hopf().derivative((1.0,), 0.0),
        (TypeError, ValueError),
        ["derivative", "x, y"],
    ),
    "derivative with three inputs": (
        lambda: hopf().derivative((1.0, 1.0), 0.0, 1, 2, 3),
        TypeError,
        ["derivative", "x_inp, y_inp"],
    ),
}

OF_THE_NETWORK = {
    "distance without speed": (lambda: network(speed=None), ValueError, ["distance", "without speed", "give both"]),
    "distance NaN": (lambda: network(distance=HOLE), ValueError, ["distance", "nan", "finite"]),
    "distance one number": (lambda: network(distance=10.0), ValueError, ["distance", "()", "(8, 8)"]),
    "distance a string": (lambda: network(distance="far"), (TypeError, ValueError), ["distance='far'", "mm"]),
    "distance complex": (lambda: network(distance=LENGTHS * 1j), (TypeError, ValueError), ["distance", "mm"]),
    "speed in ms": (lambda: network(speed=10 * u.ms), ValueError, ["speed=10 ms", "mm/ms"]),
    "speed a string": (lambda: network(speed="fast"), (TypeError, ValueError), ["speed='fast'", "mm/ms"]),
    "speed of each edge": (lambda: network(speed=np.ones((8, 8))), ValueError, ["speed", "(8, 8)", "one number"]),
    "speed NaN": (lambda: network(speed=np.nan), ValueError, ["speed", "nan", "finite"]),
    "delays and distance": (lambda: network(delays=1 * u.ms), ValueError, ["delays", "distance", "speed"]),
    "delays of edges where there is one": (
        lambda: Simulator(delayed(1.0), dt=0.1).run(1.0, values={"delays": np.ones((8, 8))}),
        ValueError,
        ["values['delays']", "(8, 8)", "one delay for all edges", "np.full((8, 8)"],
    ),
    "strict of resume": (lambda: resume("nowhere", strict=None), TypeError, ["strict=None", "True or False"]),
    "delays negative": (lambda: delayed(-1 * u.ms), ValueError, ["delays", "-1", "zero or more"]),
    "delays in mm": (lambda: delayed(1 * u.mm), ValueError, ["delays=1 mm", "ms"]),
    "delays of a wrong shape": (lambda: delayed(np.ones((7, 7))), ValueError, ["delays", "(7, 7)", "(8, 8)"]),
    "conn None": (lambda: network(conn=None), (TypeError, ValueError), ["conn=None"]),
    "conn a string": (lambda: network(conn="sc"), (TypeError, ValueError), ["conn='sc'"]),
    "conn the labels": (lambda: network(conn=CONN.labels), (TypeError, ValueError), ["conn"]),
    "conn ragged": (lambda: network(conn=[[0, 1], [1]]), (TypeError, ValueError), ["conn"]),
    "conn complex": (lambda: network(conn=CONN.weights * 1j), (TypeError, ValueError), ["conn"]),
    "conn with a unit": (lambda: network(conn=CONN.weights * u.mV), ValueError, ["conn", "mV", "bare number"]),
    "conn empty": (lambda: network(conn=np.zeros((0, 0))), ValueError, ["conn", "(0, 0)", "(8, 8)"]),
    "conn infinite": (lambda: network(conn=np.full((8, 8), np.inf)), ValueError, ["conn", "inf", "[0, 0]", "finite"]),
    "conn a Param with NaN": (lambda: network(conn=brainstate.nn.Param(HOLE)), ValueError, ["conn", "nan", "finite"]),
    "conn a Param of a wrong shape": (
        lambda: network(conn=brainstate.nn.Param(np.ones((8, 7)))),
        ValueError,
        ["conn", "(8, 7)", "(8, 8)"],
    ),
    "node None": (lambda: Network(None, conn=CONN.weights), TypeError, ["node=None", "HopfStep(in_size=8)"]),
    "node a class and no matrix": (
        lambda: Network(HopfStep, conn=np.ones(64)),
        ValueError,
        ["node", "HopfStep(in_size=8)"],
    ),
    "node a grid": (lambda: network(hopf((2, 4))), (TypeError, ValueError), ["node", "(2, 4)", "one dimension"]),
    "coupling a number": (lambda: network(coupling=3), TypeError, ["coupling=3", "Coupling object", "diffusive"]),
    "coupling a class": (
        lambda: network(coupling=DiffusiveCoupling),
        TypeError,
        ["coupling", "DiffusiveCoupling", "object"],
    ),
    "coupling of another network": (
        lambda: network(coupling=network().coupling),
        ValueError,
        ["coupling=DiffusiveCoupling", "wired already"],
    ),
    "unknown argument of a coupling": (lambda: DiffusiveCoupling(b=1.0), TypeError, ["DiffusiveCoupling", "'b'", "k"]),
    "coupled_var a parameter": (lambda: network(coupled_var="a"), ValueError, ["coupled_var='a'", "x, y"]),
    "unknown target": (lambda: network(target="x"), ValueError, ["target='x'", "x_inp, y_inp"]),
    "k of a wrong shape": (lambda: network(k=np.ones(3)), ValueError, ["k", "(3,)", "(8,)"]),
    "k NaN": (lambda: network(k=np.nan), ValueError, ["k", "nan", "finite"]),
    "k a string": (lambda: network(k="strong"), TypeError, ["k='strong'", "number"]),
    "k of an EEG in mV": (
        lambda: network(JansenRitStep(in_size=N), coupled_var="eeg", k=1 * u.mV),
        ValueError,
        ["k=1 mV", "Hz/mV"],
    ),
    "noise a number": (lambda: network(noise=0.1), TypeError, ["noise=0.1", "OUProcess"]),
    "noise of another size": (lambda: network(noise=noise(3)), ValueError, ["noise", "(3,)", "(8,)"]),
    "noise of a wrong unit": (lambda: network(noise=noise(sigma=1 * u.mV)), ValueError, ["noise", "mV", "1/ms"]),
    "delay_init with a unit": (lambda: network(delay_init=1 * u.mV), ValueError, ["delay_init=1 mV"]),
    "delay_init of a wrong shape": (lambda: network(delay_init=np.ones(3)), ValueError, ["delay_init", "(3,)"]),
    "delay_init a string": (lambda: network(delay_init="zero"), (TypeError, ValueError), ["delay_init='zero'"]),
    "k assigned a wrong unit": (lambda: setattr(network(), "k", 1 * u.mV), ValueError, ["k=1 mV", "1/ms"]),
    "speed assigned 0": (lambda: setattr(network(), "speed", 0.0), ValueError, ["speed=0", "greater than 0"]),
    "conn assigned a wrong shape": (
        lambda: setattr(network(), "conn", np.ones((3, 3))),
        ValueError,
        ["conn", "(3, 3)", "(8, 8)"],
    ),
    "labels of another length": (lambda: setattr(network(), "labels", ["a"]), ValueError, ["labels", "1", "8"]),
}

OF_THE_RUN = {
    "dt 0": (lambda: run(dt=0.0), ValueError, ["dt=0", "positive time"]),
    "dt NaN": (lambda: run(dt=np.nan), ValueError, ["dt=nan", "finite"]),
    "dt in mV": (lambda: run(dt=0.1 * u.mV), ValueError, ["dt=0.1 mV", "ms"]),
    "dt a string": (lambda: run(dt="0.1 ms"), (TypeError, ValueError), ["dt='0.1 ms'", "ms"]),
    "dt two numbers": (lambda: run(dt=np.array([0.1, 0.2])), ValueError, ["dt", "(2,)", "ms"]),
    "duration negative": (lambda: run(-3 * u.ms), ValueError, ["duration=-3 ms", "ms"]),
    "duration 0": (lambda: run(0 * u.ms), ValueError, ["duration=0 ms", "dt=0.1 ms"]),
    "duration NaN": (lambda: run(np.nan), ValueError, ["duration=nan"]),
    "duration infinite": (lambda: run(np.inf), ValueError, ["duration=inf"]),
    "duration None": (lambda: run(None), (TypeError, ValueError), ["duration=None", "ms"]),
    "duration a string": (lambda: run("3 ms"), (TypeError, ValueError), ["duration='3 ms'", "ms"]),
    "duration three numbers": (lambda: run(np.ones(3)), (TypeError, ValueError), ["duration", "(3,)"]),
    "duration a bool": (lambda: run(True), (TypeError, ValueError), ["duration=True"]),
    "transient in mV": (lambda: run(transient=1 * u.mV), ValueError, ["transient=1 mV", "ms"]),
    "transient negative": (lambda: run(transient=-1 * u.ms), ValueError, ["transient=-1 ms", "zero or more"]),
    "transient not a multiple of dt": (lambda: run(transient=0.05 * u.ms), ValueError, ["transient=0.05 ms", "dt=0.1"]),
    "transient a string": (lambda: run(transient="1 ms"), (TypeError, ValueError), ["transient='1 ms'", "ms"]),
    "NumPy int transient": (lambda: run(transient=np.int64(1)), ValueError, ["transient=1", "steps or ms", "1 * u.ms"]),
    "monitor ts as a name": (lambda: run(monitors="ts"), ValueError, ["monitors", "ts"]),
    "monitor ts in a list": (lambda: run(monitors=["x", "ts"]), ValueError, ["monitors", '"ts"']),
    "monitor time": (lambda: run(monitors={"time": "x"}), ValueError, ["monitors", "time", "another name"]),
    "monitor a/b": (lambda: run(monitors={"a/b": "x"}), ValueError, ["monitors", "a/b"]),
    "monitor .": (lambda: run(monitors={".": "x"}), ValueError, ["monitors", "'.'"]),
    "monitor with a sign that ends names": (lambda: run(monitors={"x\0y": "x"}), ValueError, ["x\\x00y", "printed"]),
    "monitor without a name": (lambda: run(monitors={"": "x"}), ValueError, ["monitors", "''"]),
    "monitor a parameter": (lambda: run(monitors="node.a"), ValueError, ["monitors='node.a'", "parameter"]),
    "monitor an input": (lambda: run(monitors="x_inp"), ValueError, ["monitors='x_inp'", "input"]),
    "monitor of another process": (
        lambda: run(monitors="node.noise_x.x"),
        ValueError,
        ["monitors='node.noise_x.x'", "x, y"],
    ),
    "monitor empty": (lambda: run(monitors=""), ValueError, ["monitors=''", "x, y"]),
    "monitor a number": (lambda: run(monitors=3), TypeError, ["monitors=3", "name", "callable"]),
    "monitor a number in a dict": (lambda: run(monitors={"one": 3}), TypeError, ["monitors", "3", "name", "callable"]),
    "callable in a list": (lambda: run(monitors=[lambda m: m.node.x.value]), TypeError, ["monitors", "list", "dict"]),
    "no monitor in a list": (lambda: run(monitors=[]), (TypeError, ValueError), ["monitors", "empty"]),
    "no monitor in a dict": (lambda: run(monitors={}), (TypeError, ValueError), ["monitors", "empty"]),
    "batch_size negative": (lambda: run(batch_size=-1), ValueError, ["batch_size=-1", "positive integer"]),
    "batch_size 0": (lambda: run(batch_size=0), ValueError, ["batch_size=0", "positive integer"]),
    "batch_size 2.0": (lambda: run(batch_size=2.0), ValueError, ["batch_size=2.0", "positive integer"]),
    "batch_size a bool": (lambda: run(batch_size=True), ValueError, ["batch_size=True", "positive integer"]),
    "sample_every 0": (lambda: run(sample_every=0), ValueError, ["sample_every=0", "positive", "number of steps"]),
    "sample_every 1.5": (
        lambda: run(sample_every=1.5),
        ValueError,
        ["sample_every=1.5", "positive", "number of steps"],
    ),
    "sample_every in ms": (lambda: run(sample_every=1 * u.ms), ValueError, ["sample_every", "ms", "number of steps"]),
    "seed a string": (lambda: run(seed="a"), (TypeError, ValueError), ["seed='a'", "integer"]),
    "seed 1.5": (lambda: run(seed=1.5), (TypeError, ValueError), ["seed=1.5", "integer"]),
    "seed two numbers": (lambda: run(seed=np.arange(2)), (TypeError, ValueError), ["seed", "(2,)", "integer"]),
    "seed a key": (lambda: run(seed=jax.random.key(0)), (TypeError, ValueError), ["seed", "integer"]),
    "seed too large": (lambda: run(seed=2**70), (TypeError, ValueError), ["seed=1180591620717411303424", "64 bits"]),
    "unknown path": (lambda: run(values={"node.b": 1}), KeyError, ["values", "'node.b'", "node.a", "k"]),
    "path without the node": (lambda: run(values={"a": 1}), KeyError, ["values", "'a'", "node.a"]),
    "path a number": (lambda: run(values={3: 1}), (KeyError, TypeError), ["values", "3", "node.a"]),
    "value with a wrong unit": (
        lambda: run(values={"node.a": 1 * u.mV}),
        ValueError,
        ["values['node.a']=1 mV", "1/ms"],
    ),
    "value of a wrong shape": (
        lambda: run(values={"k": np.ones((3, 5))}),
        ValueError,
        ["values['k']", "(3, 5)", "batch"],
    ),
    "value NaN": (lambda: run(values={"k": np.nan}), ValueError, ["values['k']", "nan", "finite"]),
    "value a string": (lambda: run(values={"k": "x"}), (TypeError, ValueError), ["values['k']", "'x'"]),
    "value None": (lambda: run(values={"k": None}), (TypeError, ValueError), ["values['k']", "None"]),
    "value empty": (lambda: run(values={"k": np.ones(0)}), ValueError, ["values['k']", "(0,)"]),
    "values a list": (lambda: run(values=["k"]), TypeError, ["values", "dict"]),
    "values of two batches": (
        lambda: run(values={"k": np.ones(3), "node.a": np.ones(2)}),
        ValueError,
        ["values['k']", "3", "values['node.a']", "2"],
    ),
    "values of another batch": (
        lambda: run(values={"k": np.ones(3)}, batch_size=2),
        ValueError,
        ["values['k']", "3", "batch_size", "2"],
    ),
    "speed 0 in the values": (
        lambda: run(values={"speed": 0.0}),
        ValueError,
        ["values['speed']=0.0", "greater than 0"],
    ),
    "negative distance in the values": (
        lambda: run(values={"distance": -LENGTHS}),
        ValueError,
        ["values['distance']", "zero or more"],
    ),
    "NaN weight in the values": (lambda: run(values={"conn": HOLE}), ValueError, ["values['conn']", "nan", "finite"]),
    "vary an unknown path": (lambda: function({}, vary=("b",)), KeyError, ["vary", "'b'", "node.a"]),
    "vary a number": (lambda: function({}, vary=3), TypeError, ["vary=3", "paths"]),
    "value of a path not in vary": (lambda: function({"node.a": 1.0}), KeyError, ["values", "'node.a'", "k"]),
    "values of a function a list": (lambda: function([1.0]), TypeError, ["values", "dict"]),
    "seed of a function a string": (
        lambda: function({"k": 1.0}, "s"),
        (TypeError, ValueError),
        ["seed='s'", "integer"],
    ),
    "unknown input": (lambda: run(inputs={"z": np.ones(30)}), ValueError, ["inputs", "'z'", "x_inp, y_inp"]),
    "input a number in a dict": (
        lambda: run(inputs={3: np.ones(30)}),
        (KeyError, TypeError, ValueError),
        ["inputs", "3", "x_inp, y_inp"],
    ),
    "input of another length": (lambda: run(inputs={"x_inp": np.ones(29)}), ValueError, ["x_inp", "(29,)", "(30,)"]),
    "input of another size": (lambda: run(inputs=np.ones((30, 3))), ValueError, ["y_inp", "(30, 3)", "(30, 8)"]),
    "input with a wrong unit": (lambda: run(inputs=np.ones(30) * u.mV), ValueError, ["y_inp", "mV", "1/ms"]),
    "input NaN": (lambda: run(inputs=np.full(30, np.nan)), ValueError, ["y_inp", "nan", "finite"]),
    "input one number": (lambda: run(inputs=1.0), ValueError, ["y_inp", "()", "(30,)"]),
    "input a string": (lambda: run(inputs="step"), (TypeError, ValueError), ["inputs", "'step'"]),
    "continue from nothing": (lambda: run(init_states=False), ValueError, ["init_states=False", "has not run"]),
    "model None": (lambda: Simulator(None, dt=0.1).run(3.0), TypeError, ["model", "None", "Network"]),
    "model a string": (lambda: Simulator("hopf", dt=0.1).run(3.0), TypeError, ["model", "'hopf'", "Network"]),
    "model a class": (lambda: Simulator(HopfStep, dt=0.1).run(3.0), TypeError, ["model", "HopfStep", "Network"]),
}

OF_THE_DATA = {
    "dataset None": (lambda: load_dataset(None), (KeyError, TypeError), ["None", "example_connectome"]),
    "dataset a list": (lambda: load_dataset([]), (KeyError, TypeError), ["[]", "example_connectome"]),
    "dataset whose name is taken": (
        lambda: register_dataset("example_connectome", dict),
        ValueError,
        ["'example_connectome'", "another name"],
    ),
    "dataset without a loader": (lambda: register_dataset("mine", 3), TypeError, ["'mine'", "3", "function"]),
}

MISTAKES = {
    f"{where}{name}": row
    for where, table in {
        "": LISTED,
        "model: ": OF_THE_MODEL,
        "network: ": OF_THE_NETWORK,
        "run: ": OF_THE_RUN,
        "data: ": OF_THE_DATA,
    }.items()
    for name, row in table.items()
}

# What a user's own function returns is only known once it is traced, so here the trace may begin.
IN_FUNCTIONS = {
    "monitor that returns None": (lambda: run(monitors=lambda m: None), (TypeError, ValueError), ["monitors", "None"]),
    "monitor that forgets .value": (lambda: run(monitors=lambda m: m.node.x), TypeError, ["monitors", ".value"]),
    "monitor that returns a string": (lambda: run(monitors=lambda m: "x"), TypeError, ["monitors", "'x'"]),
    "input of another size": (
        lambda: run(inputs=lambda i, t: jnp.ones(3)),
        ValueError,
        ["inputs", "y_inp", "(3,)", "(8,)"],
    ),
    "input with a wrong unit": (
        lambda: run(inputs=lambda i, t: 1 * u.mV),
        ValueError,
        ["inputs", "y_inp", "mV", "1/ms"],
    ),
    "input that returns None": (lambda: run(inputs=lambda i, t: None), (TypeError, ValueError), ["inputs", "None"]),
    "too many inputs": (lambda: run(inputs=lambda i, t: (1.0, 1.0, 1.0)), ValueError, ["inputs", "3 values", "y_inp"]),
    "delay_init of a wrong shape": (
        lambda: run(model=network(delay_init=lambda shape: np.ones(3))),
        ValueError,
        ["delay_init", "(3,)"],
    ),
}


class Traced(Exception):
    """A drift was called: the program was being compiled."""


@pytest.fixture
def trap(monkeypatch):
    """Any model whose physics is traced raises."""

    def drift(*args):
        raise Traced

    for model in models.catalogue().values():
        monkeypatch.setattr(model, "drift", staticmethod(drift))


def check(call, kind, fragments):
    with pytest.raises(kind) as caught:
        call()
    error = caught.value
    message = str(error.args[0] if isinstance(error, KeyError) else error)
    missing = [part for part in fragments if part.lower() not in message.lower()]
    assert not missing, f"{missing} not in {message!r}"
    assert "\n" not in message
    assert message.endswith(".")
    assert ". " not in message, f"more than one sentence: {message!r}"
    assert len(message) < 300


@pytest.mark.parametrize("row", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_gets_one_sentence_before_anything_is_compiled(row, trap):
    check(*row)


@pytest.mark.parametrize("row", IN_FUNCTIONS.values(), ids=IN_FUNCTIONS.keys())
def test_a_mistake_in_a_function_gets_one_sentence(row):
    check(*row)


def test_the_trap_closes_when_a_correct_call_is_compiled(trap):
    with pytest.raises(Traced):
        run()


def test_a_refused_run_leaves_the_model_and_the_random_numbers_as_they_were():
    net = network()
    brainstate.random.seed(1)
    with pytest.raises(KeyError):
        run(model=net, values={"b": 1.0})
    with pytest.raises(ValueError):
        run(model=net, monitors="z")
    after = brainstate.random.rand()
    brainstate.random.seed(1)
    assert after == brainstate.random.rand()
    with pytest.raises(AttributeError):
        net.node.x  # noqa: B018  no States were made


def test_a_coupled_output_without_an_input_of_its_own_says_to_name_one():
    class Silent(brainmass.StateSpace):
        x = brainmass.Variable(0.1)
        drive = brainmass.Input()
        seen = brainmass.Output(lambda s, p: s.x)

        @staticmethod
        def drift(s, p, inp):
            return dict(x=(inp.drive - s.x) / u.ms)

    with pytest.raises(
        ValueError, match=r"coupled_var='seen' has no Input of its own in Silent; name one of drive, .*target="
    ):
        brainmass.Network(Silent(2), conn=np.ones((2, 2)), coupled_var="seen")


def test_list_models_takes_no_argument():
    with pytest.raises(TypeError, match=r"^list_models: too many positional arguments; it takes none\.$"):
        brainmass.list_models("Hop")
