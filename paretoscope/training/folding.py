"""Making a network quicker to evaluate without changing what it computes."""

import copy
from collections import Counter
from typing import cast

import torch
from torch import fx, nn
from torch.fx.proxy import TraceError
from torch.nn.utils import parametrize
from torch.nn.utils.fusion import fuse_conv_bn_eval


def channels_last(network: nn.Module) -> nn.Module:
    """Lay the weights of convolutions out channels last, in place."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def folded(network: nn.Module) -> nn.Module:
    """A copy for inference of a network in evaluation mode, equal up to rounding.

    Rewritten weights are written out, and each batch norm that follows one plain convolution and nothing else is
    folded into it. A network that cannot be traced (its forward branches on values) is returned as it is.
    """
    plain = copy.deepcopy(network)
    rewritten = [name for name, module in plain.named_modules() if parametrize.is_parametrized(module)]
    for name in rewritten:
        if not name:
            return network
        plain.set_submodule(name, _written_out(plain.get_submodule(name)))
    try:
        traced = fx.symbolic_trace(plain)
    except (TraceError, TypeError, NotImplementedError, RuntimeError):
        return network
    modules = dict(traced.named_modules())
    calls = Counter(node.target for node in traced.graph.nodes if node.op == "call_module")
    for node in list(traced.graph.nodes):
        before = _foldable(node, modules, calls)
        if before is None:
            continue
        conv, norm = modules[str(before.target)], modules[str(node.target)]
        merged = fuse_conv_bn_eval(cast("nn.Conv2d", conv), cast("nn.BatchNorm2d", norm))
        traced.set_submodule(str(before.target), merged)
        node.replace_all_uses_with(before)
        traced.graph.erase_node(node)
    traced.delete_all_unused_submodules()
    traced.recompile()
    return channels_last(traced)


def _written_out(module: nn.Module) -> nn.Module:
    """A module of the class that `module` had before its weights were rewritten, with the weights they stand for.

    `parametrize.remove_parametrizations` will not do: it changes the class, which a copy shares with its original.
    """
    plain: nn.Module = object.__new__(parametrize.type_before_parametrizations(module))
    plain.__dict__.update(module.__dict__)
    values = {name: nn.Parameter(getattr(module, name)) for name in cast("nn.ModuleDict", module.parametrizations)}
    plain._parameters = {**module._parameters, **values}
    plain._modules = {name: child for name, child in module._modules.items() if name != "parametrizations"}
    return plain


def _foldable(node: fx.Node, modules: dict[str, nn.Module], calls: Counter[object]) -> fx.Node | None:
    """The convolution's node, where `node` is a batch norm that can be folded into it. Subclasses may do more."""
    if node.op != "call_module" or type(modules[str(node.target)]) is not nn.BatchNorm2d:
        return None
    before = node.args[0]
    if not isinstance(before, fx.Node) or before.op != "call_module" or len(before.users) > 1:
        return None
    # A convolution that is called twice would carry one batch norm into the other call.
    plain = type(modules[str(before.target)]) is nn.Conv2d and calls[before.target] == 1
    statistics = cast("nn.BatchNorm2d", modules[str(node.target)]).track_running_stats
    return before if plain and statistics else None
