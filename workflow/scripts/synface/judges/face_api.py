"""The networks of face-api.js, as its npm package holds them: expression, landmarks, identity, age and gender.

All see a square face, RGB in 0..255. Keys are those of the package's manifests. Expression and landmarks: four dense
blocks of depthwise separable convolutions. Identity: dlib's ResNet (King, 2017), 128 numbers, 150 x 150. Age and
gender: a small Xception (Chollet, CVPR 2017).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from synface.compute.weights import load_strictly
from synface.core.emotions import LABELS
from synface.faces.points import COUNT
from synface.judges.tensorflow import convolve, empty, pad_same, pool_same, read_weights

SIDE, IDENTITY_SIDE = 112, 150
EXPRESSIONS = ("neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise")
"""The order of the expression network's answers."""
FILES = {
    "expression": "face_expression_model",
    "points": "face_landmark_68_model",
    "identity": "face_recognition_model",
    "person": "age_gender_model",
}
"""What each network is called in the package: a manifest ``{name}-weights_manifest.json`` and a ``{name}.bin``."""
_MEAN = (122.782, 117.001, 104.298)


def normalize(images: Tensor) -> Tensor:
    """Turn RGB [B, 3, H, W] in 0..255 into what all four networks were trained on."""
    return (images.float() - torch.tensor(_MEAN, device=images.device).view(1, 3, 1, 1)) / 255


class Convolution(nn.Module):
    """A convolution with a bias."""

    def __init__(self, before: int, after: int, kernel: int) -> None:
        super().__init__()
        self.filters, self.bias = empty(after, before, kernel, kernel), empty(after)

    def forward(self, images: Tensor, stride: int = 1) -> Tensor:
        """Return [B, after, ceil(H / stride), ceil(W / stride)]."""
        return convolve(images, self.filters, self.bias, stride=stride)


class Separable(nn.Module):
    """A convolution of each channel by itself, then one across them."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.depthwise_filter = empty(before, 1, 3, 3)
        self.pointwise_filter, self.bias = empty(after, before, 1, 1), empty(after)

    def forward(self, images: Tensor, stride: int = 1) -> Tensor:
        """Return [B, after, ceil(H / stride), ceil(W / stride)]."""
        padded = pad_same(images, 3, stride)
        single = F.conv2d(padded, self.depthwise_filter, stride=stride, groups=images.shape[1])
        return F.conv2d(single, self.pointwise_filter, self.bias)


class Linear(nn.Module):
    """A linear layer whose weights are [in, out]."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.weights, self.bias = empty(before, after), empty(after)

    def forward(self, features: Tensor) -> Tensor:
        """Return [B, after]."""
        return features @ self.weights + self.bias


class DenseBlock(nn.Module):
    """Four convolutions, each on the sum of all before; the first halves the sides."""

    def __init__(self, before: int, after: int, *, first: bool) -> None:
        super().__init__()
        self.conv0 = Convolution(before, after, 3) if first else Separable(before, after)
        self.conv1, self.conv2, self.conv3 = (Separable(after, after) for _ in range(3))

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, after, H / 2, W / 2]."""
        total = F.relu(self.conv0(images, 2))
        seen = total
        for layer in (self.conv1, self.conv2, self.conv3):
            total = total + layer(seen)
            seen = F.relu(total)
        return seen


class DenseNetwork(nn.Module):
    """The network behind expression (7 answers) and landmarks (136)."""

    def __init__(self, answers: int) -> None:
        super().__init__()
        self.dense0 = DenseBlock(3, 32, first=True)
        self.dense1, self.dense2 = DenseBlock(32, 64, first=False), DenseBlock(64, 128, first=False)
        self.dense3 = DenseBlock(128, 256, first=False)
        self.fc = Linear(256, answers)

    def features(self, images: Tensor) -> Tensor:
        """Return [B, 256] for normalized [B, 3, 112, 112]."""
        seen = self.dense3(self.dense2(self.dense1(self.dense0(images))))
        return F.avg_pool2d(seen, 7, 2).flatten(1)

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, answers]."""
        return self.fc(self.features(images))


class Scaled(nn.Module):
    """A convolution and then a factor and a term for each channel."""

    def __init__(self, before: int, after: int, kernel: int) -> None:
        super().__init__()
        self.conv, self.scale = nn.Module(), nn.Module()
        self.conv.filters, self.conv.bias = empty(after, before, kernel, kernel), empty(after)
        self.scale.weights, self.scale.biases = empty(after), empty(after)

    def forward(self, images: Tensor, *, down: bool = False) -> Tensor:
        """Return [B, after, H, W], or every second pixel without filled edges."""
        if down:
            seen = F.conv2d(images, self.conv.filters, self.conv.bias, 2)
        else:
            seen = convolve(images, self.conv.filters, self.conv.bias)
        return seen * self.scale.weights.view(-1, 1, 1) + self.scale.biases.view(-1, 1, 1)


class Residual(nn.Module):
    """Two convolutions beside the identity, or beside a mean of 2 x 2 pixels where the sides are halved."""

    def __init__(self, before: int, after: int, *, down: bool = False) -> None:
        super().__init__()
        self.down = down
        self.conv1, self.conv2 = Scaled(before, after, 3), Scaled(after, after, 3)

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, after, H, W], or half of the sides; channels and pixels that one of the two lacks are zeros."""
        seen = self.conv2(F.relu(self.conv1(images, down=self.down)))
        beside = F.avg_pool2d(images, 2) if self.down else images
        height, width = beside.shape[2:]
        seen = F.pad(seen, (0, width - seen.shape[3], 0, height - seen.shape[2]))
        beside = F.pad(beside, (0, 0, 0, 0, 0, seen.shape[1] - beside.shape[1]))
        return F.relu(seen + beside)


class IdentityNetwork(nn.Module):
    """Turns a face into 128 numbers that are near each other for one person."""

    def __init__(self) -> None:
        super().__init__()
        self.conv32_down = Scaled(3, 32, 7)
        self.conv32_1, self.conv32_2, self.conv32_3 = (Residual(32, 32) for _ in range(3))
        self.conv64_down = Residual(32, 64, down=True)
        self.conv64_1, self.conv64_2, self.conv64_3 = (Residual(64, 64) for _ in range(3))
        self.conv128_down = Residual(64, 128, down=True)
        self.conv128_1, self.conv128_2 = (Residual(128, 128) for _ in range(2))
        self.conv256_down = Residual(128, 256, down=True)
        self.conv256_1, self.conv256_2 = (Residual(256, 256) for _ in range(2))
        self.conv256_down_out = Residual(256, 256, down=True)
        self.fc = empty(256, 128)

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, 128] for normalized [B, 3, 150, 150]."""
        seen = F.max_pool2d(F.relu(self.conv32_down(images, down=True)), 3, 2)
        for name, layer in self.named_children():
            if name != "conv32_down":
                seen = layer(seen)
        return seen.mean(dim=(2, 3)) @ self.fc


class ReductionBlock(nn.Module):
    """Two separable convolutions and maxima that halve the sides, beside a plain convolution."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.separable_conv0, self.separable_conv1 = Separable(before, after), Separable(after, after)
        self.expansion_conv = Convolution(before, after, 1)

    def forward(self, images: Tensor, *, activate: bool = True) -> Tensor:
        """Return [B, after, H / 2, W / 2]."""
        seen = self.separable_conv0(F.relu(images) if activate else images)
        return pool_same(self.separable_conv1(F.relu(seen))) + self.expansion_conv(images, 2)


class MainBlock(nn.Module):
    """Three separable convolutions beside the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.separable_conv0, self.separable_conv1, self.separable_conv2 = (
            Separable(channels, channels) for _ in range(3)
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, channels, H, W]."""
        seen = images
        for layer in self.children():
            seen = layer(F.relu(seen))
        return seen + images


class PersonNetwork(nn.Module):
    """Tells age and gender."""

    def __init__(self) -> None:
        super().__init__()
        self.entry_flow, self.middle_flow, self.exit_flow, self.fc = (nn.Module() for _ in range(4))
        self.entry_flow.conv_in = Convolution(3, 32, 3)
        self.entry_flow.reduction_block_0 = ReductionBlock(32, 64)
        self.entry_flow.reduction_block_1 = ReductionBlock(64, 128)
        self.middle_flow.main_block_0, self.middle_flow.main_block_1 = MainBlock(128), MainBlock(128)
        self.exit_flow.reduction_block = ReductionBlock(128, 256)
        self.exit_flow.separable_conv = Separable(256, 512)
        self.fc.age, self.fc.gender = Linear(512, 1), Linear(512, 2)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return age in years [B] and the probability of "male" [B] for normalized [B, 3, 112, 112]."""
        seen = F.relu(self.entry_flow.conv_in(images, 2))
        seen = self.entry_flow.reduction_block_0(seen, activate=False)
        seen = self.entry_flow.reduction_block_1(seen)
        seen = self.middle_flow.main_block_1(self.middle_flow.main_block_0(seen))
        seen = F.relu(self.exit_flow.separable_conv(self.exit_flow.reduction_block(seen)))
        pooled = F.avg_pool2d(seen, 7, 2).flatten(1)
        return self.fc.age(pooled)[:, 0], self.fc.gender(pooled).softmax(dim=1)[:, 0]


@dataclass(frozen=True)
class FaceApi:
    """The four networks, in evaluation mode."""

    expression: DenseNetwork
    points: DenseNetwork
    identity: IdentityNetwork
    person: PersonNetwork


def load_face_api(files: Mapping[str, bytes], name: str) -> FaceApi:
    """Return the networks of a package.

    Args:
        files: its manifests and binaries by file name; see `FILES`.
        name: of the package, for messages.

    Raises:
        InputError: naming the tensor that is missing, surplus or misshapen.
    """
    networks: dict[str, nn.Module] = {
        "expression": DenseNetwork(len(LABELS)),
        "points": DenseNetwork(2 * COUNT),
        "identity": IdentityNetwork(),
        "person": PersonNetwork(),
    }
    for part, network in networks.items():
        file = FILES[part]
        where = f"{file} in {name}"
        state = read_weights(files[f"{file}-weights_manifest.json"], files[f"{file}.bin"], where)
        load_strictly(network, state, where)
        network.eval()
    return FaceApi(**networks)
