import torch
from torch import nn

from paretoscope.architectures.vgg import VGG16
from tests.paretoscope.architectures.sizes import sizes, torchvision_models


def test_the_imagenet_form() -> None:
    channels = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    sides = [224, 224, 112, 112, 56, 56, 56, 28, 28, 28, 14, 14, 14]
    convs = sum(s * s * 9 * i * o for s, i, o in zip(sides, [3, *channels], channels, strict=False))
    assert sizes("imagenet", name="vgg16") == (138_357_544, convs + 25_088 * 4096 + 4096 * 4096 + 4096 * 1000)
    # two more numbers for each output channel of a convolution
    assert sizes("imagenet", name="vgg16", batch_norm=True)[0] == 138_357_544 + 2 * sum(channels)


def test_the_cifar_form() -> None:
    assert sizes("cifar10", name="vgg16") == (14_728_266, 313_201_664)
    assert sizes("cifar10", name="vgg16", batch_norm=False) == (14_728_266 - 2 * 4224, 313_201_664)


def test_torchvisions_weights_fit() -> None:
    models = torchvision_models()
    with torch.device("meta"):
        theirs, ours = models.vgg16(), VGG16().build(3, 1000)
        for one, other in ((theirs, ours), (models.vgg16_bn(), VGG16(batch_norm=True).build(3, 1000))):
            assert _shapes(one) == _shapes(other)
    # The 124 million weights of the three linear layers are left out of the comparison of numbers.
    torch.manual_seed(0)
    convolutions = models.vgg.make_layers(models.vgg.cfgs["D"])
    features = ours.get_submodule("features")
    features.load_state_dict(convolutions.state_dict(), assign=True)
    picture = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(features(picture), convolutions(picture))
    assert str(ours.get_submodule("classifier")) == str(theirs.classifier)
    assert ours.get_submodule("avgpool")(torch.empty(1, 1, 9, 9)).shape == (1, 1, 7, 7)


def _shapes(network: nn.Module) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in network.state_dict().items()}
