"""k-means of scalars by Lloyd's algorithm on the sorted values: a cluster is a range, its sums are prefix sums."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Initialisation = Literal["linear", "density", "random"]
Floats = NDArray[np.float64]
MOST_ITERATIONS = 1000


@dataclass(frozen=True)
class Clusters1D:
    """k centroids in rising order, shape (k,), and each value's cluster, shape (n,)."""

    centroids: Floats
    labels: NDArray[np.intp]


def kmeans_1d(values: Floats, clusters: int, initialisation: Initialisation = "linear") -> Clusters1D:
    """Cluster `values`, shape (n,), into `clusters` by squared distance, to convergence.

    A centroid that loses all its values is moved to the value that is farthest from its own. Raises ValueError for no
    values, for values that are not finite, and for fewer than one cluster.
    """
    if clusters < 1:
        raise ValueError(f"{clusters} clusters: at least 1 is needed")
    if values.size == 0:
        raise ValueError("there are no values to cluster")
    if not np.isfinite(values).all():
        raise ValueError(f"value {int(np.argmin(np.isfinite(values)))} is not a finite number")
    ordered = np.sort(values.astype(np.float64, copy=False))
    offset = ordered[ordered.size // 2]  # sums of values near zero lose no digits to a common shift
    sums = np.concatenate(([0.0], np.cumsum(ordered - offset)))
    centroids = initial_centroids(ordered, clusters, initialisation)
    previous: NDArray[np.intp] | None = None
    for _ in range(MOST_ITERATIONS):
        cuts = np.searchsorted(ordered, _boundaries(centroids), side="right")
        if previous is not None and np.array_equal(cuts, previous):
            break
        previous = cuts
        edges = np.concatenate(([0], cuts, [ordered.size]))
        counts = np.diff(edges)
        means = np.diff(sums[edges]) / np.maximum(counts, 1) + offset
        centroids = np.where(counts > 0, means, centroids)
        if not counts.all():
            farthest = _farthest(ordered, np.repeat(centroids, counts), int((counts == 0).sum()))
            centroids[np.flatnonzero(counts == 0)[: farthest.size]] = farthest
        centroids = np.sort(centroids)
    return Clusters1D(centroids, np.searchsorted(_boundaries(centroids), values, side="left"))


def initial_centroids(ordered: Floats, clusters: int, initialisation: Initialisation) -> Floats:
    """Return rising first centroids for sorted values, by one of the three rules of Deep Compression, section 3.2."""
    if initialisation == "linear":
        return np.linspace(ordered[0], ordered[-1], clusters)
    if initialisation == "density":
        return np.quantile(ordered, (np.arange(clusters) + 0.5) / clusters)
    chosen = np.random.default_rng(0).choice(ordered.size, size=clusters, replace=clusters > ordered.size)
    return np.sort(ordered[chosen])


def _farthest(ordered: Floats, own: Floats, most: int) -> Floats:
    """Return up to `most` different values, those farthest from their `own` centroid; none that lies on it."""
    distances = np.abs(ordered - own)
    order = np.argsort(distances)[::-1]
    order = order[distances[order] > 0]
    _, first = np.unique(ordered[order], return_index=True)
    different: Floats = ordered[order[np.sort(first)[:most]]]
    return different


def _boundaries(centroids: Floats) -> Floats:
    return (centroids[:-1] + centroids[1:]) / 2
