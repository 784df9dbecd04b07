"""Runs that go on with other delays and edges: what NumPy says of the whole, where enough history is kept."""

import brainunit as u
import jax
import numpy as np
import pytest

import brainmass as bm

N, DT = 3, 0.1
CHAIN = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
LENGTHS = np.array([[0.0, 4.0, 9.0], [4.0, 0.0, 5.0], [9.0, 5.0, 0.0]])
START = np.array([0.5, -0.3, 0.2])


class Leak(bm.StateSpace):
    """x' = inp − x/ms."""

    x = bm.Variable(START)
    x_inp = bm.Input(u.ms**-1, additive=True)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=inp.x_inp - 0.1 * s.x / u.ms)


def simulator(conn=CHAIN, **options):
    node = Leak(N, method="euler", init_x=START)
    net = bm.Network(
        node, conn=conn, distance=LENGTHS, coupling="additive", coupled_var="x", **{"speed": 4.0, **options}
    )
    return bm.Simulator(net, dt=DT)


def expected(parts):
    """Euler steps through (steps, weights, speed) one after another, with the whole past at hand."""
    course = [START]
    for steps, weights, speed in parts:
        back = np.rint(LENGTHS / speed / DT).astype(int)
        for _ in range(steps):
            sent = [[course[max(len(course) - 1 - back[i, j], 0)][j] for j in range(N)] for i in range(N)]
            course.append(course[-1] + DT * ((weights * sent).sum(1) - 0.1 * course[-1]))
    return np.array(course[1:])


CLOSED = CHAIN + np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])


@pytest.mark.parametrize(
    ("change", "then"),
    [
        (lambda net: setattr(net, "speed", 1.0), (60, CHAIN, 1.0)),
        (lambda net: setattr(net, "conn", CLOSED), (60, CLOSED, 4.0)),
        (lambda net: setattr(net, "distance", LENGTHS), (60, CHAIN, 4.0)),
    ],
    ids=["a slower speed", "a new edge", "nothing"],
)
@pytest.mark.parametrize("conn", [CHAIN, 0 * CHAIN], ids=["chain", "no edges yet"])
def test_a_run_goes_on_with_what_the_history_reaches(conn, change, then):
    if not conn.any() and then[1] is CHAIN:
        then = (then[0], conn, then[2])
    sim = simulator(conn=conn, longest_delay=9.0)
    first = sim.run(7.3)["output"]
    change(sim.model)
    found = np.concatenate([first, sim.run(6.0, init_states=False)["output"]])
    np.testing.assert_allclose(found, expected([(73, conn, 4.0), then]), rtol=2e-6, atol=2e-6)


def test_the_refusal_names_the_edge_and_what_to_do():
    sim = simulator()
    sim.run(7.3)
    sim.model.conn = CLOSED
    with pytest.raises(ValueError, match=r"the edge from region 2 to 0 has a delay of 2.25 ms, .*longest_delay=2.25"):
        sim.run(1.0, init_states=False)
    sim.model.conn, sim.model.speed = CHAIN, 1.0
    with pytest.raises(ValueError, match=r"from region 1 to 2 has a delay of 5 ms, .* a slower speed"):
        sim.run(1.0, init_states=False)
    for wrong in (-1.0, np.inf, "long"):
        with pytest.raises((ValueError, TypeError), match="longest_delay"):
            simulator(longest_delay=wrong)


def noisy(members):
    net = bm.Network(
        bm.HopfStep(N, noise_x=bm.GaussianNoise(N, sigma=0.1)), conn=CHAIN, delays=1.0, k=0.2, coupled_var="x"
    )
    sim = bm.Simulator(net, dt=DT)
    a = np.array([[0.1], [0.2], [0.3]])
    watch = {"x": "x", "mean": bm.TemporalAverage("x", 0.7), "fc": bm.StreamingFC("x")}
    sim.run(3.3, values={"node.a": a}, seed=5, monitors=watch)
    parts = []
    for chosen in (members, None):
        options = dict(simulations=chosen, init_states=False, monitors=watch)
        parts.append(sim.run(3.0, values={"node.a": a if members is None else a[members]}, **options))
    return sim, parts


def test_some_members_of_a_batch_go_on_with_their_own_noise():
    whole = noisy(None)[1]
    sim, some = noisy([0, 2])
    for one, other in zip(some, whole, strict=True):
        for name in ("x", "mean", "fc"):
            wanted = np.take(np.asarray(other[name]), [0, 2], axis=0 if name == "fc" else 1)
            np.testing.assert_allclose(one[name], wanted, atol=1e-5, err_msg=name)
    with pytest.raises(ValueError, match=r"simulations=\[1\]: 1 is none of the present \[0, 2\]"):
        sim.run(1.0, simulations=[1], init_states=False)
    with pytest.raises(ValueError, match="init_states=False"):
        sim.run(1.0, simulations=[1])
    with pytest.raises(TypeError, match="different integers"):
        sim.run(1.0, simulations=[2, 2], init_states=False)
    assert np.isfinite(sim.run(1.0, seed=1)["output"]).all()


WATCH = {"mean": bm.TemporalAverage("x", 0.7), "bold": bm.Bold("x", tr=1.4 * u.ms), "fc": bm.StreamingFC("x")}


def test_monitors_go_on_only_with_the_states_that_their_run_left():
    """Two simulators of one model: the last one's States are there, so the monitors of the first begin anew."""
    first, right = simulator(), simulator()
    other = bm.Simulator(first.model, dt=DT)
    first.run(3.5, monitors=WATCH)
    other.run(3.5, monitors=WATCH, values={"k": 2.0})
    found = first.run(2.8, monitors=WATCH, init_states=False)
    right.run(3.5, values={"k": 2.0})
    wanted = right.run(2.8, monitors=WATCH, init_states=False)
    for name in WATCH:
        np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)


@pytest.mark.parametrize("stopped", ["diverged", "interrupted"])
def test_other_monitors_of_a_run_that_goes_on_and_is_stopped_at_once(stopped):
    sim = bm.Simulator(bm.HopfStep(N, init_x=START, init_y=0.0), dt=DT)
    sim.run(3.5, monitors="x")
    if stopped == "diverged":
        sim.model.x = 1e30
        with pytest.raises(FloatingPointError, match="the run diverged") as caught:
            sim.run(1.0, monitors=WATCH, init_states=False)
        assert "t = 3.5 ms" in caught.value.__notes__[0]
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim._runs.cache, "chunk_program", lambda *_, **__: interrupt)
        with pytest.raises(KeyboardInterrupt, match=r"stopped at t = 3\.5 ms"):
            sim.run(1.0, monitors=WATCH, init_states=False)
    assert set(sim.interrupted) == {"ts"}
    assert len(sim.run(1.4, monitors=WATCH, init_states=False)["mean"]) == 2


def interrupt(*_):
    raise KeyboardInterrupt


def test_monitors_go_on_in_double_precision():
    sim = simulator()
    sim.run(3.5, monitors=WATCH)
    with jax.enable_x64(True):
        found = sim.run(2.8, monitors=WATCH, init_states=False)
    apart = simulator()
    apart.run(3.5, monitors=WATCH)
    wanted = apart.run(2.8, monitors=WATCH, init_states=False)
    for name in WATCH:
        assert np.asarray(found[name]).dtype == np.float64
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-4, atol=1e-6, err_msg=name)


def test_a_value_for_each_region_goes_on_with_a_run_that_is_no_batch():
    node = bm.HopfStep(N, init_x=START, init_y=0.0)
    sim, a = bm.Simulator(node, dt=DT), np.array([0.1, 0.2, 0.3])
    sim.run(1.0)
    found = sim.run(1.0, values={"a": a[None], "w": [0.3]}, init_states=False)
    assert found["output"].shape == (10, N)
    sim.run(1.0)
    node.a, node.w = a, 0.3
    np.testing.assert_allclose(found["output"], sim.run(1.0, init_states=False)["output"], rtol=1e-6)
    with pytest.raises(ValueError, match=r"values\['a'\]: 2, the present States: no batch"):
        sim.run(1.0, values={"a": [[0.1], [0.2]]}, init_states=False)
