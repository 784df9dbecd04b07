"""Bare numbers mean the declared unit, Quantities are converted or refused, time becomes whole steps."""

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from brainmass.time_steps import resolve_dt, step_count
from brainmass.units import describe, float_dtype, mantissa, per_ms, unit_name, unit_of, with_unit


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        (u.UNITLESS, "1"),
        (u.ms, "ms"),
        (u.mV, "mV"),
        (per_ms, "1/ms"),
        (u.mm / u.ms, "mm/ms"),
        (u.mV / u.second, "mV/s"),
        (u.Hz / u.mV, "Hz/mV"),
    ],
    ids=str,
)
def test_a_unit_is_written_as_people_write_it(unit, name):
    assert unit_name(unit) == name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (np.float64(0.1), "0.1"),
        (jnp.float32(0.5), "0.5"),
        ("x", "'x'"),
        (None, "None"),
        (0.1 * u.ms, "0.1 ms"),
        (2.0 * per_ms, "2.0 1/ms"),
        (np.ones((2, 3)), "an array of shape (2, 3)"),
        (np.ones((2, 3)) * u.mm, "an array of shape (2, 3) mm"),
    ],
)
def test_a_value_is_described_in_a_few_words(value, text):
    assert describe(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "number"),
    [
        (3.0, u.ms, 3.0),
        (3.0 * u.ms, u.ms, 3.0),
        (3.0 * u.second, u.ms, 3000.0),
        (2.0 * u.kHz, per_ms, 2.0),
        (50.0 * u.Hz, per_ms, 0.05),
        (1.0 * u.volt, u.mV, 1000.0),
        (0.5, u.UNITLESS, 0.5),
    ],
)
def test_a_number_in_the_declared_unit(value, unit, number):
    assert mantissa(value, unit, "it") == pytest.approx(number, rel=1e-12)


def test_a_quantity_is_converted_inside_a_trace_and_keeps_its_gradient():
    slope = jax.grad(lambda t: mantissa(t * u.second, u.ms, "t") ** 2)(0.5)
    assert slope == pytest.approx(2 * 500.0 * 1000.0)


def test_a_quantity_of_another_dimension_is_refused():
    with pytest.raises(ValueError, match=r"^tau=3\.0 mV has the unit mV; give it in ms or as a bare number\.$"):
        mantissa(3.0 * u.mV, u.ms, "tau")


def test_units_come_off_and_on():
    assert unit_of(3.0 * u.mV) == u.mV
    assert unit_of(3.0) == u.UNITLESS
    assert with_unit(3.0, u.mV) == 3.0 * u.mV
    assert type(with_unit(3.0, u.UNITLESS)) is float


@pytest.mark.parametrize(
    ("dt", "step"),
    [
        (0.1, 0.1),
        (0.1 * u.ms, 0.1),
        (1e-4 * u.second, 0.1),
        (100 * u.us, 0.1),
        (np.float32(0.1), 0.1),  # a float32 means the decimal number that it prints
        (jnp.float32(0.1) * u.ms, 0.1),
        (1, 1.0),
    ],
)
def test_dt_is_an_exact_number_of_ms(dt, step):
    assert resolve_dt(dt) == pytest.approx(step, rel=1e-15)


def test_dt_comes_from_the_argument_or_else_from_brainstate():
    with pytest.raises(ValueError, match="dt is not set"):
        resolve_dt(None)
    with brainstate.environ.context(dt=0.2 * u.ms):
        assert resolve_dt(None) == 0.2
        assert resolve_dt(0.5) == 0.5


@pytest.mark.parametrize(
    ("duration", "dt", "steps"),
    [
        (300.0 * u.ms, 0.1, 3000),
        (300.0, 0.1, 3000),
        (0.3 * u.second, 0.1, 3000),
        (np.float32(0.3), 0.1, 3),
        (10 * u.minute, 0.05, 12_000_000),
        (1, 0.1, 10),
        (0.0, 0.1, 0),
    ],
)
def test_a_duration_is_a_whole_number_of_steps(duration, dt, steps):
    assert step_count(duration, dt) == steps


@pytest.mark.parametrize("dt", [0.1, 0.01, 0.05, 0.3, 1 / 3, 0.025])
def test_every_multiple_of_dt_is_recognised(dt):
    counts = np.unique(np.geomspace(1, 1e8, 200).astype(int))
    assert [step_count(n * dt, dt) for n in counts] == counts.tolist()


@pytest.mark.parametrize("duration", [0.05, 299.95, 5_999_999.95, 0.101, 100.0001])
def test_what_is_no_multiple_of_dt_is_refused(duration):
    with pytest.raises(ValueError, match=r"is not a multiple of dt=0\.1 ms"):
        step_count(duration, 0.1)


def test_floats_follow_jax_x64_flag_and_not_brainstate(x64):
    assert float_dtype() == jnp.float64
    jax.config.update("jax_enable_x64", False)
    assert float_dtype() == jnp.float32
    with brainstate.environ.context(dt=0.1):
        assert float_dtype() == jnp.float32
