"""What is known about a data set without loading it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DatasetSpec:
    """One data set: square images of `resolution` pixels a side with `channels` (1 grey, 3 RGB), `num_classes` labels.

    `flip` and `shift` are its natural augmentation: whether a mirrored image keeps its label, and by how many pixels
    a training image may be moved. `batch_size` is one that leaves enough steps in an epoch. `classes` are the label
    names in label order, None where they are not known. `present` says whether its images were found where `spec` or
    `available` looked.
    """

    name: str
    title: str
    summary: str
    channels: int
    resolution: int
    num_classes: int
    classes: tuple[str, ...] | None
    flip: bool
    shift: int
    batch_size: int = 128
    downloadable: bool = False
    source: str | None = None
    present: bool = False


_DIGITS = tuple(str(digit) for digit in range(10))
_FASHION = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
_CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_CIFAR100 = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle
caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish
forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle
mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine
possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale
willow_tree wolf woman worm
"""

_SPECS = (
    DatasetSpec(
        name="digits",
        title="Digits 8×8",
        summary="1,797 handwritten digits, bundled with scikit-learn; 450 of them are held out, stratified.",
        channels=1,
        resolution=8,
        num_classes=10,
        classes=_DIGITS,
        flip=False,
        shift=1,
        batch_size=64,
        source="Alpaydin & Kaynak, Optical Recognition of Handwritten Digits, UCI 1998",
        present=True,
    ),
    DatasetSpec(
        name="mnist",
        title="MNIST",
        summary="70,000 handwritten digits, 28×28 grey; 10,000 of them for testing.",
        channels=1,
        resolution=28,
        num_classes=10,
        classes=_DIGITS,
        flip=False,
        shift=2,
        downloadable=True,
        source="LeCun, Cortes & Burges, The MNIST database of handwritten digits, 1998",
    ),
    DatasetSpec(
        name="fashion_mnist",
        title="Fashion-MNIST",
        summary="70,000 pictures of clothes, 28×28 grey; 10,000 of them for testing.",
        channels=1,
        resolution=28,
        num_classes=10,
        classes=_FASHION,
        flip=True,
        shift=2,
        downloadable=True,
        source="Xiao, Rasul & Vollgraf, Fashion-MNIST, 2017",
    ),
    DatasetSpec(
        name="cifar10",
        title="CIFAR-10",
        summary="60,000 photos in 10 classes, 32×32 RGB; 10,000 of them for testing.",
        channels=3,
        resolution=32,
        num_classes=10,
        classes=_CIFAR10,
        flip=True,
        shift=4,
        downloadable=True,
        source="Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009",
    ),
    DatasetSpec(
        name="cifar100",
        title="CIFAR-100",
        summary="60,000 photos in 100 classes, 32×32 RGB; 10,000 of them for testing.",
        channels=3,
        resolution=32,
        num_classes=100,
        classes=tuple(_CIFAR100.split()),
        flip=True,
        shift=4,
        downloadable=True,
        source="Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009",
    ),
    DatasetSpec(
        name="imagenet",
        title="ImageNet-1k",
        summary="The shape of ImageNet (224×224 RGB, 1,000 classes) for costs; its images are not distributed freely.",
        channels=3,
        resolution=224,
        num_classes=1000,
        classes=None,
        flip=True,
        shift=28,
        source="Russakovsky et al., ImageNet Large Scale Visual Recognition Challenge, 2015",
    ),
)

BUILT_IN = {spec.name: spec for spec in _SPECS}
