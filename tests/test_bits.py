"""What is the same bit for bit (rerun, continue), and what is the same to rounding (batch size, jit, padding, devices)."""

import os
import subprocess
import sys
import textwrap

import jax
import numpy as np
import pytest

import brainmass as bm

DT = 0.1
MONITORS = ["x", "y", "node.noise_x.x"]
DELAYS = {  # in steps
    "mixed": [0, 0, 1, 3, 14, 15, 16, 40, 70],
    "undelayed": [0],
    "near": [1, 2, 7, 14],
    "far": [15, 16, 33, 70],
}


def noisy(n, *, method="exp_euler", kind="mixed", density=0.8, **options):
    """A network with coloured and white noise; few of its regions can tell their delays apart."""
    rng = np.random.default_rng(n)
    node = bm.HopfStep(
        n,
        a=0.1,
        noise_x=bm.OUProcess(n, sigma=0.3, tau=3.0),
        noise_y=bm.WhiteNoise(n, sigma=0.05),
        method=method,
    )
    weights = rng.random((n, n)) * (rng.random((n, n)) < density) / n
    return bm.Network(
        node, conn=weights, delays=rng.choice(DELAYS[kind], (n, n)) * DT, k=0.5, self_connection=n == 1, **options
    )


def assert_moves(series):
    assert np.ptp(series, 0).min() > 1e-2


# -- bit for bit --------------------------------------------------------------------------------------------------------

CASES = [(1, "exp_euler", "far", None), (8, "exp_euler", "mixed", None), (83, "heun", "mixed", None)]
CASES += [(8, "heun", "mixed", 3), (5, "exp_euler", "mixed", 11)]
SLOW = [(8, method, kind, b) for kind in DELAYS for method in ("exp_euler", "heun", "euler", "rk4") for b in (None, 2)]


def pieces_equal_whole(n, method, kind, batch_size, piece, pieces):
    net = noisy(n, method=method, kind=kind)
    sim = bm.Simulator(net, dt=DT)
    whole = sim.run(piece * pieces * DT, monitors=MONITORS, seed=3, batch_size=batch_size)
    end = np.array(net.node.x.value)
    np.testing.assert_array_equal(end, whole["x"][-1])
    parts = [
        sim.run(piece * DT, monitors=MONITORS, init_states=i == 0, **(dict(seed=3, batch_size=batch_size) if not i else {}))
        for i in range(pieces)
    ]
    for name in MONITORS:
        assert_moves(whole[name])
        np.testing.assert_array_equal(np.concatenate([part[name] for part in parts]), whole[name])
    np.testing.assert_array_equal(net.node.x.value, end)


@pytest.mark.parametrize(("n", "method", "kind", "batch_size"), CASES)
def test_continuing_at_any_place_in_a_window_changes_no_bit(n, method, kind, batch_size):
    pieces_equal_whole(n, method, kind, batch_size, piece=17, pieces=16)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "method", "kind", "batch_size"), SLOW)
def test_continuing_changes_no_bit_whatever_the_delays_and_the_method(n, method, kind, batch_size):
    pieces_equal_whole(n, method, kind, batch_size, piece=17, pieces=16)


@pytest.mark.slow
@pytest.mark.parametrize("cut", [1, 5, 15, 16, 31, 32, 99, 128, 183, 199])
@pytest.mark.parametrize("n", [3, 83])
def test_a_run_may_be_cut_anywhere(n, cut):
    sim = bm.Simulator(noisy(n), dt=DT)
    whole = sim.run(200 * DT, seed=3)["output"]
    first = sim.run(cut * DT, seed=3)["output"]
    rest = sim.run((200 - cut) * DT, init_states=False)["output"]
    np.testing.assert_array_equal(np.concatenate([first, rest]), whole)


def test_a_bank_without_a_network_continues_bit_for_bit():
    sim = bm.Simulator(noisy(8).node, dt=DT)
    whole = sim.run(51 * DT, seed=3)["output"]
    parts = [sim.run(17 * DT, init_states=i == 0, seed=3 if i == 0 else None)["output"] for i in range(3)]
    assert_moves(whole)
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_rerun_is_the_same_and_another_seed_is_not():
    sim = bm.Simulator(noisy(8), dt=DT)
    first, again, other = (sim.run(100 * DT, monitors=MONITORS, seed=seed) for seed in (11, 11, 12))
    anew = bm.Simulator(noisy(8), dt=DT).run(100 * DT, monitors=MONITORS, seed=11)
    for name in MONITORS:
        np.testing.assert_array_equal(first[name], again[name])
        np.testing.assert_array_equal(first[name], anew[name])
        assert (first[name][1:] != other[name][1:]).mean() > 0.99


@pytest.mark.parametrize("seed", [0, -1, 2**31, 2**63 + 12345], ids=str)
def test_every_integer_is_a_seed(seed):
    sim = bm.Simulator(noisy(8).node, dt=DT)
    own, low = sim.run(16 * DT, seed=seed)["output"], sim.run(16 * DT, seed=seed & 0xFFFF)["output"]
    np.testing.assert_array_equal(own, sim.run(16 * DT, seed=seed)["output"])
    assert seed == 0 or (own != low).any()


def test_recording_less_changes_no_bit():
    sim = bm.Simulator(noisy(8), dt=DT)
    whole = sim.run(100 * DT, seed=3)["output"]
    late = sim.run(100 * DT, seed=3, transient=37 * DT * 1.0)["output"]
    np.testing.assert_array_equal(late, whole[37:])
    some = sim.run(100 * DT, seed=3, sample_every=7)["output"]
    np.testing.assert_array_equal(some, whole[::7])
    np.testing.assert_array_equal(sim.run(100 * DT, seed=3, monitors=lambda m: m.node.x.value)["output"], whole)


# -- the same noise, and the same result to rounding --------------------------------------------------------------------

FLOATS = [pytest.param(np.float32, id="float32"), pytest.param(np.float64, id="float64")]


@pytest.fixture
def same(request):
    """Comparison to the rounding of a float type, in that type: 1e-5 and 1e-12 of the largest value."""
    dtype = request.param
    jax.config.update("jax_enable_x64", dtype is np.float64)

    def compare(found, wanted):
        found, wanted = np.asarray(found), np.asarray(wanted)
        assert found.dtype == wanted.dtype == dtype
        assert_moves(wanted)
        tolerance = {np.float32: 1e-5, np.float64: 1e-12}[dtype]
        np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance * np.abs(wanted).max())

    yield compare
    jax.config.update("jax_enable_x64", False)


@pytest.mark.parametrize("same", FLOATS, indirect=True)
def test_batch_size_does_not_change_a_simulation(same):
    f = bm.Simulator(noisy(5), dt=DT).function(64 * DT, vary="k")
    k = np.linspace(0.1, 0.9, 64)
    alone = np.stack([f({"k": k[b]}, 7, simulation=b)["output"] for b in range(64)], 1)
    assert np.abs(alone[:, 1:] - alone[:, :-1]).max((0, 2)).min() > 1e-2
    for size in (1, 2, 3, 8, 11, 64):
        same(f({"k": k[:size]}, 7)["output"], alone[:, :size])


@pytest.mark.parametrize("same", FLOATS, indirect=True)
def test_compiled_or_not(same):
    sim = bm.Simulator(noisy(5), dt=DT)
    compiled = sim.run(32 * DT, seed=7)["output"]
    same(sim.run(32 * DT, seed=7, jit=False)["output"], compiled)
    f = sim.function(32 * DT)
    same(jax.jit(f)({}, 7)["output"], compiled)


@pytest.mark.parametrize("same", FLOATS, indirect=True)
def test_edges_of_weight_zero_do_not_matter(same):
    sim = bm.Simulator(noisy(9, density=0.3), dt=DT)
    without = sim.run(64 * DT, seed=7)["output"]
    weights = np.array(sim.model.conn.value())
    assert (weights == 0).mean() > 0.5
    same(sim.function(64 * DT, vary="conn")({}, 7)["output"], without)


@pytest.mark.parametrize("same", FLOATS, indirect=True)
@pytest.mark.parametrize("levels", [(1,), (16, 4, 1)], ids=str)
def test_the_length_of_a_read_does_not_matter(same, levels, monkeypatch):
    wanted = bm.Simulator(noisy(5), dt=DT).run(64 * DT, seed=7)["output"]
    monkeypatch.setattr("brainmass.network._LEVELS", levels)
    same(bm.Simulator(noisy(5), dt=DT).run(64 * DT, seed=7)["output"], wanted)


@pytest.mark.slow
def test_two_devices():
    program = """
        import jax, numpy as np
        from jax.sharding import Mesh, NamedSharding, PartitionSpec as P
        import brainmass as bm
        from tests.test_bits import DT, noisy

        assert len(jax.devices()) == 2
        f = bm.Simulator(noisy(5), dt=DT).function(64 * DT, vary=["k"])
        k = np.linspace(0.1, 0.9, 8).astype(np.float32)
        wanted = np.asarray(f({"k": k}, 7)["output"])
        mesh = Mesh(np.array(jax.devices()), ("member",))
        split = NamedSharding(mesh, P("member"))
        sharded = jax.jit(lambda k: f({"k": k}, 7)["output"], in_shardings=split)(jax.device_put(k, split))
        np.testing.assert_allclose(sharded, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())

        members = lambda k, first: f({"k": k}, 7, simulation=first[0])["output"]
        apart = jax.shard_map(members, mesh=mesh, in_specs=P("member"), out_specs=P(None, "member"), check_vma=False)
        found = jax.jit(apart)(k, np.array([0, 4], np.int32))
        assert len(found.sharding.device_set) == 2
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())
    """
    environment = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=2", "JAX_PLATFORMS": "cpu"}
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**environment, "PYTHONPATH": root},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
