"""Kernels divided: Sobel of the lecture, the classics, and NumPy's own SVD."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from paretoscope.lecture.examples import KERNELS
from paretoscope.lecture.kernel import Kernel, decompose

SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
FINITE = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: 0.0 if abs(value) < 1e-3 else value)
KERNEL = st.tuples(st.integers(1, 7), st.integers(1, 7)).flatmap(
    lambda sides: st.lists(st.lists(FINITE, min_size=sides[1], max_size=sides[1]), min_size=sides[0], max_size=sides[0])
)


def kernel(values: object) -> Kernel:
    return Kernel.model_validate({"values": values})


def test_sobel_is_a_column_times_a_row() -> None:
    found = decompose(kernel(SOBEL))
    assert found.rank == 1
    assert found.params == 9
    assert found.singular_values == pytest.approx((12**0.5, 0, 0))
    first = found.reconstructions[0]
    assert (first.params, first.error, first.energy) == (6, 0, 1)
    (factors,) = first.factors
    assert [list(factors.column), list(factors.row)] == [[1, 2, 1], [-1, 0, 1]]
    assert first.values == tuple(map(tuple, SOBEL))


def test_the_identity_matrix_cannot_be_divided() -> None:
    found = decompose(kernel(np.eye(3).tolist()))
    assert found.rank == 3
    assert [round(r.energy, 12) for r in found.reconstructions] == [round(1 / 3, 12), round(2 / 3, 12), 1]
    assert found.reconstructions[0].error == pytest.approx((2 / 3) ** 0.5)


def test_the_laplacian_needs_two_terms() -> None:
    found = decompose(kernel([[0, 1, 0], [1, -4, 1], [0, 1, 0]]))
    assert found.rank == 2
    # The eigenvalues of the matrix are −2 ± √6 and 0.
    assert found.singular_values == pytest.approx((2 + 6**0.5, 6**0.5 - 2, 0))
    assert found.reconstructions[1].values == ((0, 1, 0), (1, -4, 1), (0, 1, 0))


def test_a_kernel_of_zeros_has_rank_0() -> None:
    found = decompose(kernel([[0, 0], [0, 0], [0, 0]]))
    assert (found.rank, found.singular_values) == (0, (0, 0))
    assert [(r.error, r.energy, r.factors) for r in found.reconstructions] == [(0, 1, ())] * 2


def test_numbers_near_the_smallest_there_are_keep_their_proportions() -> None:
    found = decompose(kernel([[1e-300, 0], [0, 1e-300]]))
    assert found.reconstructions[0].energy == pytest.approx(0.5)


@settings(max_examples=100, deadline=None)
@given(KERNEL)
def test_numpy_agrees(values: list[list[float]]) -> None:
    matrix = np.array(values)
    found = decompose(kernel(values))
    assert found.singular_values == pytest.approx(np.linalg.svd(matrix, compute_uv=False), rel=1e-9, abs=1e-6)
    assert found.rank == np.linalg.matrix_rank(matrix)
    norm = np.linalg.norm(matrix) or 1.0
    for reconstruction in found.reconstructions:
        rest = np.linalg.norm(matrix - np.array(reconstruction.values)) / norm
        assert reconstruction.error == pytest.approx(rest, abs=1e-8)
        assert reconstruction.energy == pytest.approx(1 - rest**2, abs=1e-8)
        assert reconstruction.params == reconstruction.rank * sum(matrix.shape)
        products = [np.outer(f.column, f.row) for f in reconstruction.factors]
        summed = np.sum(products, axis=0) if products else np.zeros(matrix.shape)
        assert np.abs(summed - np.array(reconstruction.values)).max() <= 1e-8 * norm
    assert found.reconstructions[-1].error == 0


@pytest.mark.parametrize(
    "values",
    [
        [],
        [[]],
        [[1, 2], [3]],
        [[1] * 8],
        [[1]] * 8,
        [[float("nan")]],
        [[float("inf")]],
        [[1e7]],
        [["1"]],
        [1, 2],
        7,
    ],
)
def test_what_is_no_kernel_is_refused(values: object) -> None:
    with pytest.raises(ValidationError):
        kernel(values)


def test_the_examples_that_can_be_divided() -> None:
    ranks = {example.title: decompose(Kernel(values=example.values)).rank for example in KERNELS}
    assert ranks == {
        "Sobel x": 1,
        "Sobel y": 1,
        "Prewitt": 1,
        "Gaussian": 1,
        "Box": 1,
        "Laplacian": 2,
        "Identity": 1,
        "Diagonal": 3,
    }
