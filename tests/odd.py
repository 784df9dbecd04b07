"""Odd values: what users, scripts and files hand over by mistake, each made anew, as some are used up by a look."""

import datetime
import decimal
import fractions
import pathlib

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import scipy.sparse
import xarray

N = 4  # regions of everything in the tests that use these


def _square(change=None):
    matrix = np.random.default_rng(0).uniform(0.1, 1, (N, N))
    return matrix if change is None else change(matrix)


def _table(rows, columns):
    return pd.DataFrame(_square(), index=list(rows), columns=list(columns))


def _with(value, at=(0, 1)):
    matrix = _square()
    matrix[at] = value
    return matrix


def _generator():
    yield from (1.0, 2.0, 3.0, 4.0)


class _Nothing:
    pass


ODD = {
    "None": lambda: None,
    "NaN": lambda: float("nan"),
    "inf": lambda: float("inf"),
    "minus inf": lambda: -np.inf,
    "-1": lambda: -1,
    "-0.5": lambda: -0.5,
    "0": lambda: 0,
    "1": lambda: 1,
    "2": lambda: 2,
    "2.5": lambda: 2.5,
    "True": lambda: True,
    "False": lambda: False,
    "np.True_": lambda: np.True_,
    "empty text": lambda: "",
    "text": lambda: "x",
    "number as text": lambda: "0.5",
    "text with a newline": lambda: "a\nb",
    "1e300": lambda: 1e300,
    "1e-300": lambda: 1e-300,
    "10**30": lambda: 10**30,
    "-2**31": lambda: -(2**31),
    "complex": lambda: 1j,
    "bytes": lambda: b"x",
    "path": lambda: pathlib.Path("nowhere"),
    "empty list": list,
    "list of None": lambda: [None, None],
    "ragged list": lambda: [[1.0], [2.0, 3.0]],
    "list of texts": lambda: ["a", "b", "c", "d"],
    "list of twice the same text": lambda: ["a", "a", "a", "a"],
    "empty tuple": lambda: (),
    "dict": dict,
    "dict of a dict": lambda: {"x": {"x": 1.0}},
    "set": lambda: {1.0, 2.0},
    "object": object,
    "object of a class": _Nothing,
    "class": lambda: _Nothing,
    "function": lambda: lambda: 1.0,
    "generator": _generator,
    "module": lambda: np,
    "slice": lambda: slice(None),
    "ellipsis": lambda: ...,
    "Decimal": lambda: decimal.Decimal("0.5"),
    "Fraction": lambda: fractions.Fraction(1, 2),
    "datetime": lambda: datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
    "timedelta": lambda: datetime.timedelta(seconds=1),
    "np.datetime64": lambda: np.datetime64("2020-01-01"),
    "np.timedelta64": lambda: np.timedelta64(1, "s"),
    "0-d array": lambda: np.array(0.5),
    "0-d integer array": lambda: np.array(2),
    "0-d JAX array": lambda: jnp.array(0.5),
    "JAX key": lambda: jax.random.key(0),
    "old JAX key": lambda: jax.random.PRNGKey(0),
    "empty array": lambda: np.zeros(0),
    "array (1,)": lambda: np.ones(1),
    "array (3,)": lambda: np.ones(3),
    "array (N,)": lambda: np.linspace(0.1, 0.4, N),
    "array (N, 1)": lambda: np.ones((N, 1)),
    "array (N, 3)": lambda: np.ones((N, 3)),
    "array (N, N)": _square,
    "array (1, N, N)": lambda: _square()[None],
    "array of 5 axes": lambda: np.ones((1, 1, 1, 1, 1)),
    "array with NaN": lambda: _with(np.nan),
    "array with inf": lambda: _with(np.inf),
    "array of complex": lambda: _square() * 1j,
    "array of bool": lambda: _square() > 0.5,
    "array of objects": lambda: _square().astype(object),
    "array of texts": lambda: np.array(["a", "b", "c", "d"]),
    "structured array": lambda: np.zeros(N, [("a", float), ("b", float)]),
    "array of datetimes": lambda: np.arange(N).astype("datetime64[s]"),
    "array of integers": lambda: np.arange(N * N).reshape(N, N),
    "float16 array": lambda: _square().astype(np.float16),
    "masked array": lambda: np.ma.array(_square(), mask=np.eye(N, dtype=bool)),
    "masked array without a mask": lambda: np.ma.array(_square()),
    "masked array (N,)": lambda: np.ma.array(np.ones(N), mask=np.arange(N) == 0),
    "masked": lambda: np.ma.masked,
    "correlation matrix": lambda: np.corrcoef(np.random.default_rng(0).normal(size=(N, 50))),
    "DataFrame": lambda: _table("abcd", "abcd"),
    "DataFrame in another order": lambda: _table("abcd", "badc"),
    "DataFrame with a name twice": lambda: _table("aacd", "aacd"),
    "DataFrame of texts": lambda: pd.DataFrame({"a": ["x", "y"], "b": ["z", "w"]}),
    "DataFrame of missing values": lambda: _table("abcd", "abcd").where(_square() > 0.5),
    "Series of pandas": lambda: pd.Series(np.ones(N), index=list("abcd")),
    "DataArray": lambda: xarray.DataArray(_square(), dims=("a", "b")),
    "sparse matrix": lambda: scipy.sparse.csr_matrix(_square()),
    "sparse array": lambda: scipy.sparse.coo_array(_square()),
    "mV": lambda: 1.0 * u.mV,
    "kg": lambda: 1.0 * u.kilogram,
    "60 s": lambda: 60.0 * u.second,
    "array in mm": lambda: _square() * u.mm,
    "array in kg": lambda: np.ones(N) * u.kilogram,
    "unit": lambda: u.ms,
}
