from tests.paretoscope.architectures.sizes import sizes


def test_sizes_by_hand() -> None:
    weights = 9 * (3 * 24 + 24 * 24 + 24 * 48 + 48 * 48)
    norms, classifier = 2 * (24 + 24 + 48 + 48), 48 * 10 + 10
    macs = 9 * (1024 * (3 * 24 + 24 * 24) + 256 * (24 * 48 + 48 * 48)) + 48 * 10
    assert sizes("cifar10", name="tinyconv") == (weights + norms + classifier, macs)
