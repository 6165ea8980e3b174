import pytest
import torch
from torch import nn

from paretoscope.architectures.tinyconv import TinyConv
from paretoscope.datasets import DataFolders, load
from paretoscope.recipe import SGD, AdamW, Augmentation, Constant, Recipe
from paretoscope.steps.application import apply
from paretoscope.steps.share_weights import ShareWeights
from paretoscope.training import evaluate, train
from paretoscope.training.optimizers import build_optimizer
from paretoscope.training.precision import compute_dtype


def test_training_from_a_notebook(folders: DataFolders) -> None:
    torch.manual_seed(0)
    data = load("digits", folders)
    network = TinyConv(width=0.5).build(1, 10)
    history = train(network, data, Recipe(epochs=4, batch_size=64))
    found = evaluate(network, data.test, data.mean, data.std)
    assert found.top1.value == history[-1].test_top1
    assert found.top1.value > 0.9


def test_one_step_of_sgd_is_the_textbooks(folders: DataFolders) -> None:
    """A batch as large as the training set, no augmentation: w ← w − lr·∇."""
    data = load("digits", folders)
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    expected = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    expected.load_state_dict(network.state_dict())
    normalised = (data.train.images / 255 - data.mean[0]) / data.std[0]
    loss = nn.functional.cross_entropy(expected(normalised), data.train.labels, label_smoothing=0.1)
    loss.backward()  # type: ignore[no-untyped-call]
    recipe = Recipe(
        epochs=1,
        batch_size=8192,
        optimizer=SGD(lr=0.5, weight_decay=0.0),
        schedule=Constant(),
        label_smoothing=0.1,
        augmentation=Augmentation(shift=0, flip=False),
    )
    (epoch,) = train(network, data, recipe)
    assert epoch.train_loss == pytest.approx(loss.item(), rel=1e-5)
    for ours, theirs in zip(network.parameters(), expected.parameters(), strict=True):
        assert theirs.grad is not None
        # Nesterov's first step is (1 + momentum) gradients long.
        torch.testing.assert_close(ours, theirs - 0.5 * 1.9 * theirs.grad, rtol=1e-4, atol=1e-5)


def test_which_parameters_decay_and_how_fast_codebooks_move() -> None:
    network = apply(TinyConv().build(1, 10), [ShareWeights(clusters=4)], warm=True)
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    for options in (SGD(lr=0.1), AdamW()):
        groups = build_optimizer(network, options).param_groups
        found = {names[id(p)]: (g["weight_decay"], g["rate_scale"]) for g in groups for p in g["params"]}
        assert len(found) == len(names)
        assert found["bn1.weight"] == found["fc.bias"] == (0.0, 1.0)
        # 24·24·9 weights share 4 values; Adam does not mind the size of a gradient.
        scale = 4 / (24 * 24 * 9) if isinstance(options, SGD) else 1.0
        assert found["conv2.parametrizations.weight.original"] == (0.0, scale)
    plain = TinyConv().build(1, 10)
    decays = {g["weight_decay"] for g in build_optimizer(plain, SGD(weight_decay=0.5)).param_groups}
    assert decays == {0.0, 0.5}


def test_precision_is_a_rule_not_a_measurement() -> None:
    cpu = torch.device("cpu")
    assert compute_dtype("fp32", cpu, 224) is torch.float32
    assert compute_dtype("bf16", cpu, 8) is torch.bfloat16
    assert compute_dtype("auto", cpu, 8) is torch.float32
    assert compute_dtype("auto", torch.device("meta"), 224) is torch.float32
