"""A trained POSTER rearranged for inference: the same function within rounding, in less time on the CPU.

Batch normalization becomes part of the convolution before it; convolutions of many channels take Winograd's way; the
linear layers multiply with matrices that are laid out once.
"""

from torch import nn
from torch.nn.utils import fuse_conv_bn_eval

from synface.compute.products import LaidOutLinear
from synface.compute.winograd import Winograd, suits
from synface.poster.ir50 import BottleneckIR
from synface.poster.mobilefacenet import ConvBlock
from synface.poster.model import Poster


def rearrange(network: Poster) -> Poster:
    """Rearrange ``network`` in place and return it, in evaluation mode; it can no longer be trained or saved."""
    network.eval().requires_grad_(False)
    for module in list(network.modules()):
        if isinstance(module, ConvBlock):
            module.conv, module.bn = fuse_conv_bn_eval(module.conv, module.bn), nn.Identity()
        elif isinstance(module, BottleneckIR):
            _fold(module.res_layer, 3)
            if module.shortcut_layer is not None:
                _fold(module.shortcut_layer, 0)
    _fold(network.ir_back.input_layer, 0)
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if suits(child):
                setattr(module, name, Winograd(child))
            elif isinstance(child, nn.Linear):
                setattr(module, name, LaidOutLinear(child))
    return network


def _fold(layers: nn.Sequential, place: int) -> None:
    """Make the normalization that follows the convolution at ``place`` part of it."""
    layers[place], layers[place + 1] = fuse_conv_bn_eval(layers[place], layers[place + 1]), nn.Identity()
