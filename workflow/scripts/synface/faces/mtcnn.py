"""MTCNN's three networks (Zhang et al., 2016) with the weights that lie in facenet-pytorch's package.

The package itself is not imported: its other networks and torchvision take longer than the faces of a small study.
"""

from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

# After each 3 x 3 convolution (the last of R-Net and O-Net is 2 x 2): the side of the max pooling, in steps of 2.
_POOLS = {"pnet": (2, 0, 0), "rnet": (3, 3, 0), "onet": (3, 3, 2, 0)}
_OUTPUTS = {"pnet": (2, 1), "rnet": (2, 1), "onet": (2, 3, 1)}  # numbers of the layers: box, points, face or not

Network = Callable[[Tensor], list[Tensor]]
"""Images [B, 3, H, W] in [-1, 1] to offsets of the box, for O-Net the five landmarks, and probabilities [B, 2, ...]."""


def load_networks(device: torch.device | str = "cpu") -> list[Network]:
    """Return P-Net, R-Net and O-Net on ``device``."""
    package = find_spec("facenet_pytorch")  # found, not imported
    assert package is not None
    folder = Path(str(package.origin)).with_name("data")
    networks = []
    for name in _POOLS:
        weights = torch.load(folder / f"{name}.pt", map_location=device, weights_only=True)
        weights = {
            key: value.contiguous(memory_format=torch.channels_last) if value.ndim == 4 else value
            for key, value in weights.items()
        }
        networks.append(partial(_run, name, weights))
    return networks


def _run(name: str, weights: Mapping[str, Tensor], images: Tensor) -> list[Tensor]:
    def of(layer: str) -> tuple[Tensor, Tensor]:
        return weights[f"{layer}.weight"], weights[f"{layer}.bias"]

    x, number = images, 0
    for number, pool in enumerate(_POOLS[name], start=1):
        x = F.prelu(F.conv2d(x, *of(f"conv{number}")), weights[f"prelu{number}.weight"])
        if pool:
            x = F.max_pool2d(x, pool, 2, ceil_mode=True)
    if name == "pnet":
        answer, last = F.conv2d, f"conv{number + 1}"
    else:
        # The weights are those of the Caffe model, which reads width before height.
        x = x.permute(0, 3, 2, 1).flatten(1)
        x = F.prelu(F.linear(x, *of(f"dense{number + 1}")), weights[f"prelu{number + 1}.weight"])
        answer, last = F.linear, f"dense{number + 2}"
    *others, face = (answer(x, *of(f"{last}_{output}")) for output in _OUTPUTS[name])
    return [*others, face.softmax(dim=1)]
