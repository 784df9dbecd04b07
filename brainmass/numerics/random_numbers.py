"""Random words keyed by (seed, stream, simulation, step): Threefry-2x32 and one polynomial for the inverse normal.

A draw is a pure function of its key, so adding a process changes no other stream, and any member of a batch or any
stretch of a run can be drawn by itself. Threefry: Salmon et al. 2011, doi:10.1145/2063384.2063405. Its cautious
default is 20 rounds; noise uses 13, and tests/noise/test_noise.py holds the statistics that justify it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2s
from typing import Any, NamedTuple

import brainstate
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.units import describe, is_concrete, is_whole

# Fitted by tests/reference/normal_coefficients.py: log(1 + m)/m on ±1/3 (error 3e-8), and z/(1 − 2t) as a polynomial in
# √(w + shift) − middle, with w = −log 4t(1 − t) (absolute error of z: 3e-5).
_LOG = (0.1443475565, -0.1540324046, 0.1390350515, -0.1641278284, 0.200177881)
_LOG += (-0.2500802772, 0.3333303883, -0.4999993212, 1.000000008)
_SHIFT, _MIDDLE = 6.0, 3.846173994860061
_INVERSE = (0.002363202861, -0.004454241951, -0.007746339984, 0.02503171955, -0.01961307443)
_INVERSE += (-0.003766416164, 0.04214163859, -0.1377179803, 1.83599648, 3.957286356)

_ROUNDS = 13
_KEY_ROUNDS = 20
_PARITY = np.uint32(0x1BD11BDA)
_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))


class Key(NamedTuple):
    """Two 32-bit words."""

    high: Any
    low: Any


def threefry(key: Key, c0: Any, c1: Any, rounds: int = _ROUNDS) -> tuple[Any, Any]:
    """The two output words of Threefry-2x32 for the counter (c0, c1), uint32 arrays of one shape."""
    schedule = (key.high, key.low, key.high ^ key.low ^ _PARITY)
    x0, x1 = c0 + schedule[0], c1 + schedule[1]
    for i in range(rounds):
        turn = np.uint32(_ROTATIONS[(i // 4) % 2][i % 4])
        x0 = x0 + x1
        x1 = ((x1 << turn) | (x1 >> np.uint32(32 - turn))) ^ x0
        if i % 4 == 3:
            block = i // 4 + 1
            x0 = x0 + schedule[block % 3]
            x1 = x1 + schedule[(block + 1) % 3] + np.uint32(block)
    return x0, x1


def seed_key(seed: Any) -> Key:
    """The key of a run: a Python or NumPy integer of up to 64 bits, or a traced integer."""
    if isinstance(seed, jax.Array):
        wide = seed.dtype.itemsize == 8
        high = (seed >> 32).astype(jnp.uint32) if wide else jnp.where(seed < 0, np.uint32(0xFFFFFFFF), np.uint32(0))
        return Key(high, seed.astype(jnp.uint32))
    seed = int(seed) & 0xFFFFFFFFFFFFFFFF
    return Key(np.uint32(seed >> 32), np.uint32(seed & 0xFFFFFFFF))


def checked_seed(seed: Any) -> Any:
    """The given seed, or one of 31 bits from ``brainstate.random``.

    Raises
    ------
    TypeError
        Not an integer of up to 64 bits.
    """
    if isinstance(seed, jax.Array) and jnp.issubdtype(seed.dtype, jnp.integer) and not seed.ndim:
        return seed if not is_concrete(seed) else int(seed)
    if isinstance(seed, np.ndarray) and not seed.ndim:
        seed = seed[()]
    if seed is not None:
        if not is_whole(seed) or not -(2**63) <= seed < 2**64:
            raise TypeError(f"seed={describe(seed)} must be an integer of up to 64 bits.")
        return int(seed)
    if not is_concrete(jnp.zeros(())):  # JAX is tracing
        raise ValueError("seed is not set: inside a JAX transformation pass seed=, which may be traced.")
    word = jax.random.key_data(brainstate.random.split_key()).reshape(-1)[-1]
    return int(word) >> 1 if is_concrete(word) else word >> 1


def streams(key: Key, names: list[str]) -> dict[str, Key]:
    """The keys of the named streams of a run, all at once (one by one they would cost a second of compiling)."""
    if not names:
        return {}
    digests = b"".join(blake2s(name.encode(), digest_size=8).digest() for name in names)
    words = np.frombuffer(digests, "<u4").reshape(-1, 2)
    own = Key(jnp.uint32(key.high), jnp.uint32(key.low))
    high, low = threefry(own, jnp.asarray(words[:, 0]), jnp.asarray(words[:, 1]), _KEY_ROUNDS)
    return {name: Key(high[i], low[i]) for i, name in enumerate(names)}


class Generator:
    """Uniform and normal draws of one stream, for initializers that take a random state; call by call other numbers."""

    def __init__(self, key: Key, simulation: Any):
        self.key, self.simulation, self.calls = key, simulation, 0

    def _words(self, size: Any) -> Any:
        shape = (size,) if isinstance(size, int | np.integer) else tuple(size or ())
        place = jnp.arange(int(np.prod(shape)), dtype=jnp.uint32).reshape(shape)
        call = Key(*threefry(self.key, jnp.uint32(self.calls), jnp.uint32(0)))
        self.calls += 1
        return threefry(call, place, jnp.broadcast_to(self.simulation, shape))[0]

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None, **_: Any) -> Any:
        unit = (self._words(size) >> np.uint32(8)).astype(jnp.float32) * np.float32(2.0**-24)
        return low + (high - low) * unit.astype(jnp.result_type(float))

    def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, **_: Any) -> Any:
        return loc + scale * normal(self._words(size))

    def __getattr__(self, name: str) -> Any:
        """Any other distribution comes from brainstate's random state, keyed by this stream."""
        return getattr(brainstate.random.RandomState(self._state_key()), name)

    def _state_key(self) -> Any:
        self.calls += 1
        return jnp.stack(threefry(self.key, jnp.uint32(0xFFFFFFFF - self.calls), self.simulation))

    @contextmanager
    def in_place_of_the_global_one(self) -> Iterator[None]:
        """Inside, ``brainstate.random`` draws from this stream, under a trace too."""
        state = brainstate.random.DEFAULT
        with jax.ensure_compile_time_eval():
            before = state.value
        with brainstate.StateTraceStack():
            state.value = self._state_key()
            try:
                yield
            finally:
                with jax.ensure_compile_time_eval():
                    state.value = before


def _horner(coefficients: tuple[float, ...], x: Any) -> Any:
    total = jnp.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        total = total * x + jnp.asarray(c, x.dtype)
    return total


def _log(x: Any) -> Any:
    if x.dtype != jnp.float32:
        return jnp.log(x)
    bits = lax.bitcast_convert_type(x, jnp.int32)
    exponent = (bits - np.int32(0x3F2AAAAB)) >> 23
    m = lax.bitcast_convert_type(bits - (exponent << 23), jnp.float32) - np.float32(1.0)
    return _horner(_LOG, m) * m + exponent.astype(jnp.float32) * np.float32(0.6931471805599453)


def normal(word: Any) -> Any:
    """A standard normal from a uniform uint32 word, the same number in float32 and, to rounding, in float64.

    The low bit is the sign and the other 31 bits a tail probability t in (0, 1/2), so nothing cancels in the tail;
    |z| ends at 6.3.
    """
    dtype = jnp.result_type(float)
    t = ((word >> np.uint32(1)).astype(dtype) + jnp.asarray(0.5, dtype)) * jnp.asarray(2.0**-32, dtype)
    t = jnp.minimum(t, jnp.asarray(0.5 - 2.0**-26, dtype))
    s = jnp.sqrt(jnp.asarray(_SHIFT, dtype) - _log(4 * t * (1 - t))) - jnp.asarray(_MIDDLE, dtype)
    z = _horner(_INVERSE, s) * (1 - 2 * t)
    return jnp.where(word & np.uint32(1), -z, z)


def normals(keys: dict[str, Key], steps: Any, n: int, simulations: Any) -> dict[str, Any]:
    """Standard normals (step, n, simulation) of each stream at absolute ``steps`` and ``simulations`` (uint32).

    All streams are drawn at once: one by one, each would cost a second of compiling.
    """
    place = jnp.arange(n, dtype=jnp.uint32)[:, None] + simulations * np.uint32(n)
    shape = (len(keys), *steps.shape, *place.shape)
    c0, c1 = steps.reshape(-1, 1, 1), place
    stacked = Key(*(jnp.stack(words).reshape(-1, 1, 1, 1) for words in zip(*keys.values(), strict=True)))
    drawn = normal(threefry(stacked, jnp.broadcast_to(c0, shape), jnp.broadcast_to(c1, shape))[0])
    return dict(zip(keys, drawn, strict=True))
