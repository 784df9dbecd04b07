"""The structural connectome: who is wired to whom, how strongly, along which length, and what each region is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import brainunit as u
import numpy as np

from brainmass.connectomes.average import averaged
from brainmass.connectomes.checks import checked_centres, checked_cortical, checked_matrices, checked_steps
from brainmass.connectomes.findings import Finding, findings_of
from brainmass.connectomes.hemispheres import checked_hemispheres, hemispheres_of
from brainmass.connectomes.normalization import normalized_weights
from brainmass.connectomes.null_models import rewired_matrices
from brainmass.connectomes.selection import indices_of, selected
from brainmass.display import Card, CardTable, WithCard
from brainmass.names import with_named_arguments
from brainmass.units import checked_text, describe, numbers

_OF_REGIONS = "labels", "centres", "hemispheres", "cortical"
_ABOUT = "source", "licence", "terms", "citation"


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Connectome(WithCard):
    """Wiring of N regions; unpacks into ``weights, distances, labels``.

    Every method that changes something returns a new one, with all that is known of each region and the ``steps`` that
    led to it.

    Parameters
    ----------
    weights
        (N, N), ``weights[target, source]``, or True and False for an adjacency.
    distances : optional
        (N, N) lengths of the tracts, bare in mm. Those of tracts that do not exist may be NaN or infinite.
    labels : optional
        (N,) names of the regions, each once; by default those of a table (of pandas or xarray), which must name its
        rows and columns alike. Other tables and the labels must agree with it.
    centres : optional
        (N, 3) positions of the regions, bare in mm, in the ``space``.
    hemispheres : optional
        (N,) of "left", "right" or "" (neither, or unknown); read from the labels where these say it.
    cortical : optional
        (N,) True for regions of the cortex.
    space : str, optional
        That of the centres, as "MNI152NLin2009cAsym".
    source, licence, terms, citation : str, optional
        Where it comes from, under which licence and terms of use it stands, and what to cite.
    orientation : str, optional
        Which way the weights lay in the file: "target_source", "source_target" or "symmetric". Here rows are targets.
    steps : tuple of str, optional
        What was done with it since.

    Raises
    ------
    ValueError, TypeError
        Shapes or names disagree, a unit is wrong, a number is missing or not finite, or a distance is negative.
    """

    weights: np.ndarray
    distances: u.Quantity | None
    labels: np.ndarray
    centres: u.Quantity | None
    hemispheres: np.ndarray | None
    cortical: np.ndarray | None
    space: str | None
    source: str | None
    licence: str | None
    terms: str | None
    citation: str | None
    orientation: str | None
    steps: tuple[str, ...]

    @with_named_arguments
    def __init__(
        self,
        weights: Any,
        distances: Any = None,
        labels: Any = None,
        *,
        centres: Any = None,
        hemispheres: Any = None,
        cortical: Any = None,
        space: str | None = None,
        source: str | None = None,
        licence: str | None = None,
        terms: str | None = None,
        citation: str | None = None,
        orientation: str | None = None,
        steps: Sequence[str] = (),
    ):
        weights, distances, names = checked_matrices(weights, distances, labels)
        n = len(weights)
        about = dict(source=source, licence=licence, terms=terms, citation=citation)
        for name, value in dict(about, space=space, orientation=orientation).items():
            checked_text(value, f"Connectome: {name}", "one or more words")
        known = dict(
            weights=weights,
            distances=distances,
            labels=names,
            centres=checked_centres(centres, n),
            hemispheres=hemispheres_of(names) if hemispheres is None else checked_hemispheres(hemispheres, n),
            cortical=checked_cortical(cortical, n),
            space=space,
            orientation=orientation,
            steps=checked_steps(steps),
        )
        vars(self).update(known | about)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.weights, self.distances, self.labels))

    def as_arguments(self) -> dict[str, Any]:
        """What the constructor is to be given to make the same again, by name; `to_spec` writes it down."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        said: Any = self.hemispheres
        if said is not None and said.tolist() == np.asarray(hemispheres_of(self.labels)).tolist():
            found["hemispheres"] = None
        return found

    def replace(self, **changed: Any) -> "Connectome":
        """The same with other values of these arguments, checked."""
        return Connectome(**(self.as_arguments() | changed))

    def _after(self, step: str, **changed: Any) -> "Connectome":
        return self.replace(steps=(*self.steps, step), **changed)

    @classmethod
    def average(cls, connectomes: Any) -> "Connectome":
        """The mean of the connectomes of several subjects, in the order of regions that the first has.

        A weight is the mean over all subjects, of which those without the tract have 0. A length is the mean over those
        that have the tract, or where nobody has it over those that give one. What is known of the regions and of the
        origin is kept where all agree.

        Raises
        ------
        TypeError, ValueError
            No list of connectomes; other regions; lengths of some and not of others.
        """
        listed = list(connectomes) if isinstance(connectomes, list | tuple) else []
        if not listed or not all(isinstance(one, cls) for one in listed):
            raise TypeError(f"connectomes={describe(connectomes)} must be a list of Connectomes.")
        return cls(**averaged([listed[0], *(one.reordered(listed[0].labels) for one in listed[1:])]))

    @property
    def edges(self) -> np.ndarray:
        """(N, N), True where there is a weight from one region to another."""
        return (self.weights != 0) & ~np.eye(len(self.weights), dtype=bool)

    @property
    def density(self) -> float:
        """The share of the N(N - 1) directed pairs of regions that are wired."""
        return float(self.edges.sum()) / max(len(self.weights) * (len(self.weights) - 1), 1)

    @property
    def is_symmetric(self) -> bool:
        """Whether the weights are the same in both directions, to seven digits."""
        return bool(np.allclose(self.weights, self.weights.T, rtol=1e-7, atol=1e-7 * np.abs(self.weights).max()))

    def check(self) -> list[Finding]:
        """What looks wrong: each `Finding` says in a sentence what, and where."""
        return findings_of(self.weights, self.distances, self.labels)

    def normalized(self, how: str = "max") -> "Connectome":
        """The weights on another scale, by those between different regions.

        Parameters
        ----------
        how : str
            "max" and "mean": divided by the largest, or by the mean of all that are not 0; "row": each region's input
            sums to 1; "region": divided by the largest such sum; "spectral": by the spectral radius; "log": ln(1 + w),
            divided by its largest.
        """
        return self._after(f"normalized({how!r})", weights=normalized_weights(self.weights, how))

    def symmetrized(self) -> "Connectome":
        """The mean of both directions; of lengths that of those that are known."""
        lengths = self._lengths
        if lengths is not None:
            other = np.where(np.isfinite(lengths.T), lengths.T, lengths)
            lengths = (np.where(np.isfinite(lengths), lengths, other) + other) / 2
        weights = (self.weights + self.weights.T) / 2
        return self._after("symmetrized()", weights=weights, distances=lengths, orientation="symmetric")

    def thresholded(self, density: float) -> "Connectome":
        """The strongest weights alone, as many as make up this share of all pairs of regions.

        Raises
        ------
        ValueError
            Fewer are there, or it is no share.
        """
        found = numbers(density, u.UNITLESS, "thresholded: density")
        if np.ndim(found) or not 0 < found <= 1:
            raise ValueError(f"density={describe(density)} must be a number between 0 and 1.")
        if found > self.density + 1e-12:
            raise ValueError(f"density={describe(density)} is more than the connectome has, {self.density:.4g}.")
        strength = np.where(self.edges, np.abs(self.weights), 0.0)
        if self.is_symmetric:
            strength = np.triu(strength)
        pairs = np.argsort(-strength, axis=None, kind="stable")
        n = len(self.weights)
        kept = np.zeros(n * n, dtype=bool)
        kept[pairs[: round(float(found) * n * (n - 1) / (2 if self.is_symmetric else 1))]] = True
        kept = kept.reshape(n, n)
        kept = kept | kept.T if self.is_symmetric else kept
        return self._after(f"thresholded({density:g})", weights=np.where(kept, self.weights, 0.0))

    def index_of(self, names: Any) -> np.ndarray:
        """The places here of the regions with these names: ``parameter[conn.index_of(part.labels)]`` are the part's.

        Parameters
        ----------
        names : list of str, or anything with ``labels``
            Those of regions that are here.

        Raises
        ------
        ValueError
            There is no such region, or a name comes twice.
        """
        return indices_of(names, self.labels, "names")

    def select(self, which: Any) -> "Connectome":
        """Some of the regions, in the order here.

        Parameters
        ----------
        which : str, list of str, or (N,) of bool
            "cortex", "subcortex", "left" or "right"; names of regions; or a mask.

        Raises
        ------
        ValueError, TypeError
            There is no such region, or it is not known where they lie.
        """
        index, step = selected(which, self.labels, self.hemispheres, self.cortical)
        return self._of(np.sort(index), f"select({step})")

    def reordered(self, labels: Any) -> "Connectome":
        """The same regions in the order of these names, or of anything with ``labels``.

        Raises
        ------
        ValueError
            The names are others.
        """
        index = indices_of(labels, self.labels, "labels")
        if len(index) != len(self.labels):
            missing = next(str(name) for i, name in enumerate(self.labels) if i not in index)
            raise ValueError(f"labels leaves out {missing!r}; give all regions, or use select.")
        return self._of(index, "reordered(labels)")

    def rewired(self, method: str = "degree", *, seed: int) -> "Connectome":
        """A null model: the same regions, otherwise wired at random.

        Parameters
        ----------
        method : str
            "weights": the edges stay, and their weights change places. "length": as that, among edges of like length
            (Roberts et al. 2016, doi:10.1016/j.neuroimage.2015.09.009). "degree": the edges change places, and each
            region keeps how many come and go (Maslov and Sneppen 2002, doi:10.1126/science.1065103).
        seed : int
            Of the random numbers.

        Raises
        ------
        ValueError
            Another method; lengths that are needed and not known; no edge can move.
        """
        lengths = self._lengths
        if lengths is not None and self.centres is not None:
            lengths = np.where(np.isfinite(lengths) & (lengths > 0), lengths, self._straight)
        weights = rewired_matrices(self.weights, lengths, method, seed, self.is_symmetric)
        return self._after(f"rewired({method!r}, seed={seed})", weights=weights, distances=lengths)

    def with_distances_from_centres(self) -> "Connectome":
        """Straight lines between the centres as lengths, which are shorter than tracts.

        Raises
        ------
        ValueError
            There are no centres.
        """
        if self.centres is None:
            raise ValueError("with_distances_from_centres: the Connectome has no centres; give it centres=.")
        return self._after("with_distances_from_centres()", distances=self._straight)

    def card(self) -> Card:
        counts = np.count_nonzero(self.weights, 1)
        rows = [(n, str(k), f"{w:.4g}") for n, k, w in zip(self.labels, counts, self.weights.sum(1), strict=True)]
        lengths = "no lengths"
        if self._lengths is not None:
            lengths = f"lengths up to {np.max(self._lengths, where=np.isfinite(self._lengths), initial=0.0):g} mm"
        title = f"Connectome: {len(rows)} regions, {counts.sum()} weights, {lengths}"
        known = [(name, getattr(self, name)) for name in ("space", *_ABOUT)]
        lines = [*known, ("steps", ", ".join(self.steps))]
        return Card(
            title,
            [(name, text) for name, text in lines if text],
            [CardTable("Regions", ["region", "weights onto it", "their sum"], rows)],
        )

    @property
    def _lengths(self) -> Any:
        """Bare in mm."""
        return None if self.distances is None else self.distances.mantissa

    @property
    def _straight(self) -> np.ndarray:
        """The distances between the centres, bare in mm."""
        at: Any = self.centres
        return np.linalg.norm(at.mantissa[:, None] - at.mantissa, axis=-1)

    def _of(self, index: np.ndarray, step: str) -> "Connectome":
        """The regions at these places."""
        square = np.ix_(index, index)
        changed = {name: value[index] for name in _OF_REGIONS if (value := getattr(self, name)) is not None}
        lengths = None if self._lengths is None else self._lengths[square]
        return self._after(step, weights=self.weights[square], distances=lengths, **changed)
