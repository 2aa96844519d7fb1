"""GANmut's discriminators: is it a photograph, which emotion, which code was asked for.

Strided convolutions without normalization, as in StarGAN (Choi et al., 2018), and heads on the last feature map. Keys
and shapes are as published, so published states load strictly.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from synface.settings.generator import GanmutTraining as Published

NEGATIVE_SLOPE = 0.01


class Verdict(NamedTuple):
    """What a discriminator says about a batch."""

    source: Tensor  # [B, 1, h, w], higher = more like a photograph (a critic of patches, no probability)
    classes: Tensor  # [B, 7] logits in GANmut's class order
    codes: Tensor  # [B, 2] the code that it believes was given to the generator


class Discriminator(nn.Module):
    """The part that both models share.

    ``channels`` is the number of channels after the first convolution (published: 64) and ``depth`` the number of
    convolutions (published: 6); each halves the image and doubles the channels. ``image_size`` must be a multiple of
    2 to the power of ``depth``.
    """

    def __init__(
        self,
        *,
        channels: int = Published.discriminator_channels,
        depth: int = Published.discriminator_depth,
        image_size: int = Published.image_size,
    ) -> None:
        super().__init__()
        if image_size % 2**depth:
            raise ValueError(f"image_size {image_size} is no multiple of {2**depth}, though depth is {depth}")
        layers: list[nn.Module] = []
        before, after = 3, channels
        for _ in range(depth):
            layers += [nn.Conv2d(before, after, 4, stride=2, padding=1), nn.LeakyReLU(NEGATIVE_SLOPE)]
            before, after = after, 2 * after
        self.main = nn.Sequential(*layers)
        self.conv1 = nn.Conv2d(before, 1, 3, padding=1, bias=False)
        self.features = before
        self.kernel = image_size // 2**depth

    def source(self, images: Tensor) -> Tensor:
        """Return only the verdict on the source, [B, 1, h, w]: all that the gradient penalties need."""
        return self.conv1(self.main(images))


class LinearDiscriminator(Discriminator):
    """Three heads: source, classes, codes."""

    def __init__(self, **sizes: int) -> None:
        super().__init__(**sizes)
        self.conv2 = nn.Conv2d(self.features, 7, self.kernel, bias=False)
        self.conv3 = nn.Conv2d(self.features, 2, self.kernel, bias=False)

    def forward(self, images: Tensor) -> Verdict:
        """Judge faces [B, 3, image_size, image_size] in [-1, 1], channels in the order blue, green, red."""
        features = self.main(images)
        return Verdict(self.conv1(features), self.conv2(features).flatten(1), self.conv3(features).flatten(1))


class GaussianDiscriminator(Discriminator):
    """Two heads: source; classes and codes in one convolution."""

    def __init__(self, **sizes: int) -> None:
        super().__init__(**sizes)
        self.conv2 = nn.Conv2d(self.features, 7 + 2, self.kernel, bias=False)

    def forward(self, images: Tensor) -> Verdict:
        """Judge faces [B, 3, image_size, image_size] in [-1, 1], channels in the order blue, green, red."""
        features = self.main(images)
        classes, codes = torch.split(self.conv2(features).flatten(1), [7, 2], dim=1)
        return Verdict(self.conv1(features), classes, codes)


DISCRIMINATORS: dict[str, type[LinearDiscriminator] | type[GaussianDiscriminator]] = {
    "linear": LinearDiscriminator,
    "gaussian": GaussianDiscriminator,
}
