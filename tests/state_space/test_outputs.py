"""Outputs that depend on the Inputs: what is recorded is what the drift used."""

import brainstate
import brainunit as u
import jax
import numpy as np
import pytest

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")

COHERENCE = np.linspace(-0.5, 0.8, 40)[:, None] * np.array([1.0, -1.0, 0.0])
WEIGHTS = np.array([[0.0, 0.7, 0.2], [0.5, 0.0, 0.0], [0.1, 0.9, 0.0]])


def curve(x, a, b, d):
    return (a * x - b) / (1 - np.exp(-d * (a * x - b)))


def decision(S1, S2, c, current=0.0):
    """The rates of Wong & Wang (2006), in Hz."""
    drive = 5.2e-4 * 30.0
    x1 = 0.2609 * S1 - 0.0497 * S2 + drive * (1 + c) + 0.3255 + current
    x2 = 0.2609 * S2 - 0.0497 * S1 + drive * (1 - c) + 0.3255
    return curve(x1, 270.0, 108.0, 0.154), curve(x2, 270.0, 108.0, 0.154)


def bare(run, *names):
    return [np.asarray(getattr(run[name], "mantissa", run[name])) for name in names]


def test_the_rates_of_a_decision_see_the_coherence():
    node = bm.WongWangStep(3, init_S1=0.2, init_S2=0.1)
    run = bm.Simulator(node, dt=0.5).run(20.0, monitors=["S1", "S2", "r1", "r2"], inputs={"coherence": COHERENCE})
    S1, S2, r1, r2 = bare(run, "S1", "S2", "r1", "r2")
    np.testing.assert_allclose([r1, r2], decision(S1, S2, COHERENCE), rtol=1e-10)
    assert run["r1"].unit == u.Hz


def test_the_rates_of_a_decision_see_the_noise():
    noise = bm.OUProcess(3, sigma=0.02 * u.nA, tau=2.0)
    node = bm.WongWangStep(3, init_S1=0.2, init_S2=0.1, noise_s1=noise)
    names = ["S1", "S2", "r1", "noise_s1.x"]
    S1, S2, r1, current = bare(bm.Simulator(node, dt=0.5).run(20.0, monitors=names, seed=1), *names)
    assert np.abs(r1 / decision(S1, S2, 0.0)[0] - 1).max() > 0.01
    np.testing.assert_allclose(r1[1:], decision(S1[1:], S2[1:], 0.0, current[:-1])[0], rtol=1e-10)


@pytest.mark.parametrize("batch", [None, 2])
def test_rates_of_a_network_see_what_it_receives(batch):
    """Undelayed and delayed, one simulation or several, and the average as well as every step."""
    net = bm.Network(
        bm.WongWangExcInhStep(3, G=1.5, lamda=0.3),
        conn=WEIGHTS,
        delays=np.array([[0, 2.0, 0.5], [3, 0, 0], [40, 1, 0]]),
    )
    monitors = {n: n for n in ("S_e", "S_i", "H_e", "H_i")} | {
        "c": bm.Afferent(),
        "mean": bm.TemporalAverage("H_e", 5.0),
    }
    run = bm.Simulator(net, dt=0.5).run(100.0, monitors=monitors, batch_size=batch, seed=0)
    S_e, S_i, H_e, H_i, c, mean = bare(run, "S_e", "S_i", "H_e", "H_i", "c", "mean")
    received = 1.5 * 0.15 * c
    np.testing.assert_allclose(H_e, curve(1.4 * 0.15 * S_e - S_i + 0.382 + received, 310.0, 125.0, 0.16), rtol=1e-10)
    np.testing.assert_allclose(
        H_i, curve(0.15 * S_e - S_i + 0.7 * 0.382 + 0.3 * received, 615.0, 177.0, 0.087), rtol=1e-10
    )
    np.testing.assert_allclose(mean, H_e.reshape(-1, 10, *H_e.shape[1:]).mean(1), rtol=1e-10)


def test_chunks_and_function_and_gradient():
    net = bm.Network(bm.WongWangExcInhStep(3), conn=WEIGHTS, k=0.5)
    sim = bm.Simulator(net, dt=0.5)
    whole, cut = (sim.run(60.0, monitors="H_e", seed=0, chunk=c)["output"].mantissa for c in ("auto", 13.0))
    np.testing.assert_array_equal(whole, cut)
    f = sim.function(60.0, monitors="H_e", vary=["k"])
    np.testing.assert_allclose(f({"k": 0.5}, 0)["output"], whole, rtol=1e-12)
    assert np.isfinite(jax.grad(lambda k: f({"k": k}, 0)["output"].sum())(0.5))


def test_by_hand():
    node = bm.WongWangStep(2, init_S1=0.2, init_S2=0.1)
    brainstate.nn.init_all_states(node)
    np.testing.assert_allclose(node.r1(coherence=0.3).mantissa, decision(0.2, 0.1, 0.3)[0], rtol=1e-10)
    with pytest.raises(ValueError, match="r1 depends on the inputs coherence, S1_inp, S2_inp"):
        node.r1()
    with pytest.raises(ValueError, match="r1 depends on the inputs"):
        bm.Simulator(node, dt=0.5).run(5.0, monitors={"r": lambda m: m.r1()})


class Rate(bm.StateSpace):
    """A filtered input, and as the primary quantity what is not filtered yet."""

    x = bm.Variable(0.0)
    x_inp = bm.Input()
    y = bm.Output(lambda s, p, inp: s.x + inp.x_inp)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=(inp.x_inp - s.x) / (2.0 * u.ms))


def test_update_returns_it_under_its_inputs():
    node = Rate(1)
    with brainstate.environ.context(dt=0.1 * u.ms):
        brainstate.nn.init_all_states(node)
        found = node.update(0.5)
    np.testing.assert_allclose(found, node.x.value + 0.5, rtol=1e-12)


def test_it_cannot_be_coupled():
    with pytest.raises(ValueError, match=r"coupled_var='r1' depends on the inputs of WongWangStep.*couple 'S1'"):
        bm.Network(bm.WongWangStep(3), conn=WEIGHTS, coupled_var="r1")


class Drifting(bm.StateSpace):
    """A slow variable, which keeps what rounding leaves of it, and an output of it that may be coupled."""

    x = bm.Variable(1.0, slow=True)
    x_inp = bm.Input(u.ms**-1, additive=True)
    y = bm.Output(lambda s, p: 2.0 * s.x)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=inp.x_inp - 0.01 * s.x / u.ms)


@pytest.mark.parametrize("delays", [0.0, 3.0])
def test_the_output_of_a_slow_variable_is_coupled(delays):
    ends = []
    for source in ("x", "y"):
        net = bm.Network(
            Drifting(3),
            conn=WEIGHTS,
            delays=np.full((3, 3), delays),
            coupled_var=source,
            coupling="additive",
            target="x_inp",
            k=0.01 * u.ms**-1,
        )
        ends.append(
            bm.Simulator(net, dt=0.1).run(20.0, monitors=["x"], values={"k": 0.02 if source == "x" else 0.01})["x"]
        )
    np.testing.assert_allclose(*ends, rtol=1e-5)
    assert np.ptp(ends[0][-1]) > 0
