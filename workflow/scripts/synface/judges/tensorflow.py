"""What TensorFlow does otherwise than PyTorch: files of weights, their layouts, and how edges are filled."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from synface.compute.filetype import reason_of, shown
from synface.core.errors import InputError

_TYPES = {"float32": np.dtype("<f4"), "uint8": np.dtype("u1"), "uint16": np.dtype("<u2")}
# From TensorFlow's layout to PyTorch's, by the last part of a tensor's name.
_LAYOUTS = {
    "filters": (3, 2, 0, 1),  # height, width, in, out
    "kernel": (3, 2, 0, 1),
    "pointwise_filter": (3, 2, 0, 1),
    "pointwise_kernel": (3, 2, 0, 1),
    "depthwise_filter": (2, 3, 0, 1),  # height, width, channel, multiplier
    "depthwise_kernel": (2, 3, 0, 1),
}


def read_weights(manifest: bytes, data: bytes, name: str) -> dict[str, Tensor]:
    """Return the tensors of a TensorFlow.js network, float32, by their names with dots between the parts.

    Args:
        manifest: the JSON file: groups of tensors with name, shape, dtype and, where they were quantized, the dtype
            that is stored, scale and min: a value is stored x scale + min.
        data: the binary file of all groups, one tensor after another.
        name: of the network, for messages.

    Raises:
        InputError: a manifest that cannot be read, or that describes more or fewer bytes than there are.
    """
    tensors: dict[str, Tensor] = {}
    offset = 0
    try:
        for entry in (entry for group in json.loads(manifest) for entry in group["weights"]):
            values, offset = _read_tensor(entry, data, offset)
            tensors[str(entry["name"]).replace("/", ".")] = values
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{name}: its manifest of weights cannot be read ({reason_of(error)}); get it again") from None
    if offset != len(data):
        raise InputError(f"{name}: {len(data):,} bytes of weights; expected {offset:,} by its manifest; get it again")
    return in_our_layout(tensors)


def _read_tensor(entry: Mapping[str, Any], data: bytes, offset: int) -> tuple[Tensor, int]:
    quantized = entry.get("quantization")
    kind = str(quantized["dtype"] if quantized else entry["dtype"])
    if kind not in _TYPES:
        raise ValueError(f"{shown(str(entry['name']))} is of type {shown(kind)}")
    shape = [int(side) for side in entry["shape"]]
    count, size = math.prod(shape), _TYPES[kind].itemsize
    if min(shape, default=1) < 0 or offset + count * size > len(data):
        raise ValueError(f"{shown(str(entry['name']))} lies beyond the end")
    values = np.frombuffer(data, _TYPES[kind], count, offset).astype(np.float32)
    if quantized:
        values = values * np.float32(quantized["scale"]) + np.float32(quantized["min"])
    return torch.from_numpy(values.reshape(shape)), offset + count * size


def in_our_layout(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return TensorFlow's ``tensors`` as PyTorch's convolutions want them."""
    return {
        name: value.permute(_LAYOUTS[kind]).contiguous()
        if (kind := name.rpartition(".")[2]) in _LAYOUTS and value.ndim == 4
        else value
        for name, value in tensors.items()
    }


def pad_same(images: Tensor, kernel: int, stride: int, value: float = 0.0) -> Tensor:
    """Fill the edges of [B, C, H, W] as "same" does: ceil(side / stride) outputs, the odd pixel at the end."""

    def margins(side: int) -> tuple[int, int]:
        total = max((math.ceil(side / stride) - 1) * stride + kernel - side, 0)
        return total // 2, total - total // 2

    return F.pad(images, (*margins(images.shape[3]), *margins(images.shape[2])), value=value)


def convolve(images: Tensor, filters: Tensor, bias: Tensor | None = None, *, stride: int = 1) -> Tensor:
    """Convolve [B, C, H, W] with square ``filters`` [out, in, k, k], edges filled as "same" does."""
    return F.conv2d(pad_same(images, filters.shape[2], stride), filters, bias, stride)


def pool_same(images: Tensor) -> Tensor:
    """Return the maxima of 3 x 3 pixels, every second one in both directions, edges left out."""
    return F.max_pool2d(pad_same(images, 3, 2, -torch.inf), 3, 2)


def empty(*shape: int) -> nn.Parameter:
    """Return a parameter that is to be loaded."""
    return nn.Parameter(torch.empty(shape), requires_grad=False)
