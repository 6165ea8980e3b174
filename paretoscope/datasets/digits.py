"""scikit-learn's bundled digits."""

import numpy as np

from paretoscope.datasets.splits import Arrays

_HELD_OUT = 450
_SEED = 0


def read_digits() -> Arrays:
    """1,347 training and 450 test images 8×8, stratified by a fixed seed; the 17 grey levels spread over 0…255."""
    from sklearn.datasets import load_digits  # heavy, and needed only until the cache exists
    from sklearn.model_selection import train_test_split

    bunch = load_digits()
    images = np.rint(bunch.images * (255 / 16)).astype(np.uint8)[..., None]
    labels = bunch.target.astype(np.int64)
    train, test = train_test_split(np.arange(len(labels)), test_size=_HELD_OUT, stratify=labels, random_state=_SEED)
    return Arrays(images[train], labels[train], images[test], labels[test])
