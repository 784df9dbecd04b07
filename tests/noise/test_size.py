"""A noise without in_size takes that of what it is attached to."""

import copy
import pickle

import numpy as np
import pytest

import brainmass as bm
from brainmass.noise import NOISES

KINDS = sorted(name for name, kind in NOISES.items() if kind is not bm.NoiseSeries)


@pytest.mark.parametrize("name", KINDS)
def test_it_is_the_noise_that_is_made_with_the_size(name):
    def run(noise):
        return bm.Simulator(bm.HopfStep(3, noise_x=noise), dt=0.1).run(2.0, seed=1)["output"]

    np.testing.assert_array_equal(run(NOISES[name](sigma=0.2)), run(NOISES[name](3, sigma=0.2)))


def test_on_its_own_it_waits_and_says_so():
    noise = bm.OUProcess(sigma=[0.1, 0.2, 0.3])
    assert "to be attached" in repr(noise)
    for waiting in (noise, pickle.loads(pickle.dumps(noise)), copy.deepcopy(noise), bm.from_spec(bm.to_spec(noise))):
        bank = bm.HopfStep(3, noise_x=waiting)
        assert waiting.in_size == (3,)
        assert bm.to_spec(bank)["noise_x"]["in_size"] == 3
    assert bm.to_spec(bm.HopfStep(3, noise_x=bm.OUProcess(sigma=[0.1, 0.2, 0.3]))) == bm.to_spec(bank)


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: bm.Simulator(bm.OUProcess(), dt=0.1), ValueError, r"give one, as OUProcess\(in_size=8\)"),
        (lambda: setattr(bm.WhiteNoise(), "sigma", 1), AttributeError, r"give it as WhiteNoise\(sigma=\.\.\.\) before"),
        (lambda: bm.HopfStep(3, noise_x=bm.WhiteNoise(sigma=[1, 2])), ValueError, r"sigma has the shape \(2,\)"),
        (lambda: bm.HopfStep(3, noise_x=bm.WhiteNoise(4)), ValueError, "give them the same size"),
        (lambda: bm.WhiteNoise(sigmaa=1), TypeError, "did you mean 'sigma'"),
    ],
)
def test_what_cannot_be_is_said(call, kind, says):
    with pytest.raises(kind, match=says):
        call()


def test_a_network_makes_its_nodes_and_noise_as_large_as_the_connectome():
    conn = bm.datasets.load_dataset("example_connectome")
    net = bm.Network(bm.HopfStep, conn=conn, speed=5.0, noise=bm.WhiteNoise(sigma=0.1))
    wanted = bm.Network(bm.HopfStep(8), conn=conn, speed=5.0, noise=bm.WhiteNoise(8, sigma=0.1))
    assert bm.to_spec(net) == bm.to_spec(wanted)
    assert bm.Network(bm.HopfStep, conn=conn.weights).node.in_size == (8,)
    for node, given, says in (
        (bm.HopfStep, np.ones(4), "takes its size from a Connectome or a matrix"),
        (bm.WhiteNoise, conn.weights, "must be a bank of one dimension"),
    ):
        with pytest.raises((TypeError, ValueError), match=says):
            bm.Network(node, conn=given)


def test_lengths_that_make_no_delays_are_said():
    conn = bm.datasets.load_dataset("example_connectome")
    with pytest.warns(UserWarning, match="lengths of the Connectome are not used") as caught:
        bm.Network(bm.HopfStep, conn=conn)
    assert caught[0].filename == __file__
    bm.Network(bm.HopfStep, conn=conn, speed=float("inf"))
    bm.Network(bm.HopfStep, conn=conn.replace(distances=None))
    bm.Network(bm.HopfStep, conn=conn, delays=1.0)
