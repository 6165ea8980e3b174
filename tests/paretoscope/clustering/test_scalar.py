"""k-means of scalars against the paper's example and an independent implementation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from paretoscope.clustering.scalar import Initialisation, initial_centroids, kmeans_1d

# Deep Compression, figure 3.
WEIGHTS = np.array(
    [[2.09, -0.98, 1.48, 0.09], [0.05, -0.14, -1.08, 2.12], [-0.91, 1.92, 0, -1.03], [1.87, 0, 1.53, 1.49]]
)
INDICES = np.array([[3, 0, 2, 1], [1, 1, 0, 3], [0, 3, 1, 0], [3, 1, 2, 2]])

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


def test_the_paper_s_four_by_four_example() -> None:
    found = kmeans_1d(WEIGHTS.ravel(), 4)
    np.testing.assert_allclose(found.centroids, [-1.0, 0.0, 1.5, 2.0], atol=1e-12)
    np.testing.assert_array_equal(found.labels.reshape(4, 4), INDICES)


@given(numbers, st.integers(1, 8), st.sampled_from(["linear", "density", "random"]))
def test_it_agrees_with_lloyd_from_the_same_start(values: list[float], k: int, start: Initialisation) -> None:
    data = np.array(values)
    found = kmeans_1d(data, k, start)
    nearest = np.abs(data[:, None] - found.centroids).min(axis=1)
    np.testing.assert_allclose(np.abs(data - found.centroids[found.labels]), nearest, rtol=1e-9, atol=1e-6)
    for label in np.unique(found.labels):
        members = data[found.labels == label]
        assert found.centroids[label] == pytest.approx(members.mean(), rel=1e-9, abs=1e-5)


def test_it_agrees_with_scikit_learn() -> None:
    data = np.random.default_rng(0).standard_normal(500)
    start = initial_centroids(np.sort(data), 8, "density")
    peer = KMeans(8, init=start[:, None], n_init=1, tol=0, max_iter=1000).fit(data[:, None])
    np.testing.assert_allclose(
        kmeans_1d(data, 8, "density").centroids, np.sort(peer.cluster_centers_.ravel()), atol=1e-6
    )


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [float("inf")]])
def test_what_cannot_be_clustered_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match=r"no values|finite"):
        kmeans_1d(np.array(values), 2)


@pytest.mark.parametrize("start", ["linear", "density", "random"])
def test_no_cluster_is_wasted_while_values_differ(start: Initialisation) -> None:
    data = np.random.default_rng(1).standard_t(3, 20_000)  # heavy tails, as trained weights have
    assert len(np.unique(kmeans_1d(data, 256, start).labels)) == 256
    few = np.random.default_rng(2).standard_normal(40)
    np.testing.assert_allclose(kmeans_1d(few, 40, start).centroids, np.sort(few))


def test_constant_and_shifted_values() -> None:
    assert kmeans_1d(np.full(5, 3.5), 3).centroids.tolist() == [3.5, 3.5, 3.5]
    far = kmeans_1d(1e8 + WEIGHTS.ravel(), 4)
    np.testing.assert_array_equal(far.labels.reshape(4, 4), INDICES)
