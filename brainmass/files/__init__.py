"""Paths as users give them, files that are whole or not there, netCDF, and data that is never code."""

from brainmass.files.netcdf import as_json, read_netcdf, write_netcdf
from brainmass.files.paths import atomic, check_target, checked_path, is_alive, is_partial, kind_of, remove_leftovers
from brainmass.files.plain_data import packed, unpacked

__all__ = [
    "as_json",
    "atomic",
    "check_target",
    "checked_path",
    "is_alive",
    "is_partial",
    "kind_of",
    "packed",
    "read_netcdf",
    "remove_leftovers",
    "unpacked",
    "write_netcdf",
]
