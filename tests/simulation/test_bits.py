"""What is the same bit for bit (rerun, continue), and what to rounding (batch size, jit, padding, devices)."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import brainstate
import brainunit as u
import jax
import numpy as np
import pytest

import brainmass as bm

DT = 0.1
DELAYS = {  # in steps
    "mixed": [0, 0, 1, 3, 14, 15, 16, 40, 70],
    "undelayed": [0],
    "near": [1, 2, 7, 14],
    "far": [15, 16, 33, 70],
}


def noisy(n, *, method="exp_euler", kind="mixed", density=0.8, noises=("coloured", "white"), drawn=False):
    """A network with noise; ``drawn``: the coloured one starts from its stationary law (which compiles longer)."""
    rng = np.random.default_rng(n)
    begin = {} if drawn else {"init": rng.normal(size=n) / 5}
    noise_x = bm.OUProcess(n, sigma=0.3, tau=3.0, **begin) if "coloured" in noises else None
    noise_y = bm.WhiteNoise(n, sigma=0.1) if "white" in noises else None
    x, y = rng.normal(size=(2, n)) / 5
    node = bm.HopfStep(n, a=0.1, noise_x=noise_x, noise_y=noise_y, init_x=x, init_y=y, method=method)
    weights = rng.random((n, n)) * (rng.random((n, n)) < density) / n
    delays = rng.choice(DELAYS[kind], (n, n)) * DT
    return bm.Network(node, conn=weights, delays=delays, k=0.5, self_connection=n == 1)


def bare(series):
    return np.asarray(series.mantissa if isinstance(series, u.Quantity) else series)


def assert_moves(series):
    assert np.ptp(series, 0).min() > 1e-2


# -- bit for bit -------------------------------------------------------------------------------------------------------

BOTH = ("coloured", "white")
CASES = [
    (1, "exp_euler", "far", ["coloured"], None),
    (8, "exp_euler", "mixed", BOTH, None),
    (83, "heun", "mixed", ["coloured"], None),
    (5, "exp_euler", "mixed", ["white"], 11),
]
SLOW = [(8, method, kind, BOTH, b) for kind in DELAYS for method in ("rk4", "euler") for b in (None, 2)]


@pytest.mark.parametrize(
    ("n", "method", "kind", "noises", "batch_size"), CASES + [pytest.param(*c, marks=pytest.mark.slow) for c in SLOW]
)
def test_continuing_at_any_place_in_a_window_changes_no_bit(n, method, kind, noises, batch_size):
    net = noisy(n, method=method, kind=kind, noises=noises)
    sim = bm.Simulator(net, dt=DT)
    names = ["x", "y"] + ["node.noise_x.x"] * ("coloured" in noises)
    piece, pieces = 17, 16  # a window has 16 steps
    first = dict(monitors=names, seed=3, batch_size=batch_size)
    whole = sim.run(piece * pieces * DT, **first)
    end = np.array(net.node.x.value)
    parts = [sim.run(piece * DT, **first)]
    parts += [sim.run(piece * DT, monitors=names, init_states=False) for _ in range(pieces - 1)]
    for name in names:
        assert_moves(bare(whole[name]))
        np.testing.assert_array_equal(np.concatenate([bare(part[name]) for part in parts]), bare(whole[name]))
    np.testing.assert_array_equal(net.node.x.value, end)
    np.testing.assert_array_equal(whole["x"][-1], end)
    stamps = np.concatenate([part["ts"].to_decimal(u.ms) for part in parts])
    np.testing.assert_array_equal(stamps, whole["ts"].to_decimal(u.ms))


@pytest.mark.slow
@pytest.mark.parametrize("cut", [1, 15, 16, 99, 128, 199])
@pytest.mark.parametrize("n", [3, 83])
def test_a_run_may_be_cut_anywhere(n, cut):
    sim = bm.Simulator(noisy(n), dt=DT)
    whole = sim.run(200 * DT, seed=3)["output"]
    first = sim.run(cut * DT, seed=3)["output"]
    rest = sim.run((200 - cut) * DT, init_states=False)["output"]
    np.testing.assert_array_equal(np.concatenate([first, rest]), whole)


def test_a_bank_without_a_network_continues_bit_for_bit():
    sim = bm.Simulator(noisy(8, noises=["white"]).node, dt=DT)
    whole = sim.run(51 * DT, seed=3)["output"]
    parts = [sim.run(17 * DT, init_states=i == 0, seed=3 if i == 0 else None)["output"] for i in range(3)]
    assert_moves(whole)
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_rerun_is_the_same_and_another_seed_is_not():
    sims = [bm.Simulator(noisy(8, noises=["white"]), dt=DT) for _ in range(2)]
    first, again, other = (sims[0].run(100 * DT, seed=seed)["output"] for seed in (11, 11, 12))
    np.testing.assert_array_equal(again, first)
    np.testing.assert_array_equal(sims[1].run(100 * DT, seed=11)["output"], first)
    assert (first[1:] != other[1:]).mean() > 0.99


def test_without_a_seed_brainstate_decides():
    sim = bm.Simulator(noisy(3, noises=["white"]).node, dt=DT)
    brainstate.random.seed(5)
    first, second = (sim.run(20 * DT)["output"] for _ in range(2))
    assert (first[1:] != second[1:]).all()
    brainstate.random.seed(5)
    again = sim.run(20 * DT)
    np.testing.assert_array_equal(again["output"], first)
    np.testing.assert_array_equal(sim.run(20 * DT, seed=again.attrs["seed"])["output"], first)


def test_every_integer_is_a_seed():
    sim = bm.Simulator(noisy(3, noises=["white"]).node, dt=DT)
    seeds = [0, 1, -1, 2**31, 2**32, 2**32 + 1, 2**63 + 12345]
    runs = {seed: sim.run(20 * DT, seed=seed)["output"] for seed in seeds}
    for seed in seeds:
        np.testing.assert_array_equal(
            sim.run(20 * DT, seed=np.int64(seed) if seed < 2**63 else seed)["output"], runs[seed]
        )
        assert all((runs[seed][1:] != runs[other][1:]).all() for other in seeds if other != seed)


def test_recording_less_changes_no_bit():
    sim = bm.Simulator(noisy(5, noises=["white"]), dt=DT)
    whole = sim.run(100 * DT, seed=3)["output"]
    some = sim.run(100 * DT, seed=3, transient=37 * DT * u.ms, sample_every=7, monitors=lambda m: m.node.x.value)
    np.testing.assert_array_equal(some["output"], whole[41::7])


# -- the same noise, and the same result to rounding -------------------------------------------------------------------

FLOATS = [pytest.param(np.float32, id="float32", marks=pytest.mark.slow), pytest.param(np.float64, id="float64")]


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
@pytest.mark.parametrize("sizes", [(3, 11), pytest.param((1, 2, 3, 8, 11, 64), marks=pytest.mark.slow)], ids=str)
def test_batch_size_does_not_change_a_simulation(same, sizes):
    f = bm.Simulator(noisy(5, noises=["white"]), dt=DT).function(64 * DT, vary="k")
    k = np.linspace(0.1, 0.9, max(sizes))
    alone = np.stack([f({"k": k[b]}, 7, simulation=b)["output"] for b in range(max(sizes))], 1)
    assert np.abs(alone[:, 1:] - alone[:, :-1]).max((0, 2)).min() > 1e-2
    for size in sizes:
        same(f({"k": k[:size]}, 7)["output"], alone[:, :size])


@pytest.mark.parametrize("same", FLOATS, indirect=True)
def test_compiled_or_not(same):
    sim = bm.Simulator(noisy(5, noises=["coloured"], drawn=True), dt=DT)
    compiled = sim.run(32 * DT, seed=7)["output"]
    same(sim.run(32 * DT, seed=7, jit=False)["output"], compiled)


@pytest.mark.parametrize("same", FLOATS, indirect=True)
def test_edges_of_weight_zero_do_not_matter(same):
    sim = bm.Simulator(noisy(9, density=0.3, noises=["white"]), dt=DT)
    without = sim.run(64 * DT, seed=7)["output"]
    weights = np.array(sim.model.conn.value())
    assert (weights == 0).mean() > 0.5
    same(sim.function(64 * DT, vary="conn")({}, 7)["output"], without)


@pytest.mark.parametrize("same", FLOATS, indirect=True)
def test_the_length_of_a_read_does_not_matter(same, monkeypatch):
    wanted = bm.Simulator(noisy(5, noises=["white"]), dt=DT).run(64 * DT, seed=7)["output"]
    monkeypatch.setattr("brainmass.network.wiring._GROUP_SIZES", (16, 4, 1))
    same(bm.Simulator(noisy(5, noises=["white"]), dt=DT).run(64 * DT, seed=7)["output"], wanted)


@pytest.mark.slow
def test_two_devices():
    program = """
        import jax, numpy as np
        from jax.sharding import Mesh, NamedSharding, PartitionSpec as P
        import brainmass as bm
        from tests.simulation.test_bits import DT, noisy

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
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**environment, "PYTHONPATH": root},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
