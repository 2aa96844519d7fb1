"""GANmut's generators: a face and a two-dimensional emotion code give the same face with that emotion.

D'Apolito et al., "GANmut: Learning Interpretable Conditional Space for Gamut of Emotions", CVPR 2021. The code space is
learned with the network. In the linear model every emotion but neutral is a direction from the origin, which is
neutral, and the distance is the intensity; in the Gaussian model every emotion is a normal distribution. The network
between is StarGAN's (Choi et al., 2018).

Every parameter keeps the published key, shape and class order (`emotions.GANMUT`), so published weights load. What
leaves these classes for the rest of synface, `class_codes`, is in the order of `Emotion`.
"""

from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from synface.core.emotions import GANMUT, Emotion
from synface.settings.generator import GanmutTraining as Published

# Position in GANmut's class order of each emotion, in the order of `Emotion`.
GANMUT_CODES: tuple[int, ...] = tuple({emotion: code for code, emotion in GANMUT.items()}[e] for e in Emotion)


class InstanceNorm(nn.InstanceNorm2d):
    """Instance normalization by the statistics of the image itself, in training and in evaluation mode.

    The running statistics are kept, since published checkpoints carry them, but never used and never updated: GANmut
    is always run in training mode, and its running statistics give quite another picture.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, affine=True, track_running_stats=True)

    def forward(self, images: Tensor) -> Tensor:
        """Normalize [B, C, H, W] over H and W, then scale and shift each channel."""
        return F.instance_norm(images, weight=self.weight, bias=self.bias, use_input_stats=True, eps=self.eps)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside the identity; nothing after the sum."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            InstanceNorm(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            InstanceNorm(channels),
        )

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape [B, C, H, W]."""
        return features + self.main(features)


class Generator(nn.Module, ABC):
    """The part that both models share: encoder, residual blocks, decoder.

    ``channels`` is their number after the first convolution (published: 64), ``blocks`` the number of residual blocks
    (published: 6), ``image_size`` the side in pixels of the faces it was trained on (published: 128).
    ``masked`` (published: no) adds a fourth channel to the last convolution: how much of each pixel is repainted, as in
    GANimation (Pumarola et al., ECCV 2018). What an expression leaves alone then need not pass through the network, so
    a small one, trained for an hour, keeps the person, the skin and the background.
    """

    parametrization: str

    def __init__(
        self,
        *,
        channels: int = Published.channels,
        blocks: int = Published.blocks,
        image_size: int = Published.image_size,
        masked: bool = Published.masked,
    ) -> None:
        super().__init__()
        self.channels, self.blocks, self.image_size, self.masked = channels, blocks, image_size, masked

    @property
    def patch_size(self) -> int:
        """Side in pixels of the faces that it edits: that of its training, or at least 128 for a masked generator.

        What is repainted, and how much of it, can be enlarged; what is not keeps the detail of the photograph.
        """
        return max(self.image_size, 128) if self.masked else self.image_size

    def _build_main(self) -> nn.Sequential:
        # Built after the emotion parameters, so that the state lists them first, as published.
        channels = self.channels
        layers: list[nn.Module] = [
            nn.Conv2d(3 + 2, channels, 7, padding=3, bias=False),
            InstanceNorm(channels),
            nn.ReLU(inplace=True),
        ]
        for inner in (channels, 2 * channels):
            layers += [nn.Conv2d(inner, 2 * inner, 4, stride=2, padding=1, bias=False)]
            layers += [InstanceNorm(2 * inner), nn.ReLU(inplace=True)]
        layers += [ResidualBlock(4 * channels) for _ in range(self.blocks)]
        for inner in (4 * channels, 2 * channels):
            layers += [nn.ConvTranspose2d(inner, inner // 2, 4, stride=2, padding=1, bias=False)]
            layers += [InstanceNorm(inner // 2), nn.ReLU(inplace=True)]
        layers += [nn.Conv2d(channels, 4 if self.masked else 3, 7, padding=3, bias=False)]
        return nn.Sequential(*layers) if self.masked else nn.Sequential(*layers, nn.Tanh())

    def forward(self, images: Tensor, codes: Tensor) -> Tensor:
        """Give every image the emotion of its code.

        Args:
            images: faces [B, 3, H, W] in [-1, 1], channels in the order blue, green, red; H and W multiples of 4.
            codes: [B, 2], entering as two constant channels. Since instance normalization removes what is constant,
                the code acts through the zero padding at the border: another padding, or tiling, kills the editing.

        Returns:
            Faces of the same shape, range and channel order.
        """
        planes = codes.to(images.dtype)[:, :, None, None].expand(-1, -1, *images.shape[2:])
        painted = self.main(torch.cat([images, planes], dim=1))
        return repaint(images, painted) if self.masked else painted

    @abstractmethod
    def class_codes(self, rho: float = 1.0) -> Tensor:
        """Return the code of every emotion, [7, 2] in the order of `Emotion`.

        Linear: ``rho`` times the unit axis of the emotion, the origin for neutral. Gaussian: the mean of the emotion,
        whatever ``rho``.
        """


def repaint(images: Tensor, painted: Tensor) -> Tensor:
    """Mix ``images`` [B, 3, H, W] and what a masked generator paints, [B, 4, H, W]: colors, then how much of them."""
    share = painted[:, 3:].float().sigmoid()
    return images + share * (painted[:, :3].float().tanh() - images)


class LinearGenerator(Generator):
    """GANmut with one axis per emotion; published as ``lin_2d``."""

    parametrization = "linear"

    def __init__(self, **sizes: int) -> None:
        super().__init__(**sizes)
        # Published with a bias that nothing uses; kept for its key.
        self.axes = nn.Linear(2, 6)
        with torch.no_grad():
            self.axes.weight.mul_(1e-4)
        self.main = self._build_main()

    def axis_codes(self) -> Tensor:
        """Return the codes at unit intensity, [7, 2] in GANmut's class order: the origin, then six unit vectors."""
        units = F.normalize(self.axes.weight, dim=1)
        return torch.cat([units.new_zeros(1, 2), units])

    def class_codes(self, rho: float = 1.0) -> Tensor:
        """Return ``rho`` times the unit axis of every emotion, [7, 2] in the order of `Emotion`; neutral is 0."""
        return rho * self.axis_codes()[list(GANMUT_CODES)]


class GaussianGenerator(Generator):
    """GGANmut with one normal distribution per emotion; published as ``gaus_2d``."""

    parametrization = "gaussian"

    def __init__(self, **sizes: int) -> None:
        super().__init__(**sizes)
        self.covariance_angles = nn.Linear(7, 1, bias=False)
        self.covariance_axes = nn.Linear(2, 7, bias=False)
        self.mu = nn.Linear(2, 7, bias=False)
        nn.init.zeros_(self.covariance_angles.weight)
        nn.init.ones_(self.covariance_axes.weight)
        self.main = self._build_main()

    def means(self) -> Tensor:
        """Return the means, [7, 2] in (-1, 1), in GANmut's class order."""
        return torch.tanh(self.mu.weight)

    def covariances(self) -> Tensor:
        """Return the covariance matrices, [7, 2, 2], in GANmut's class order.

        The eigenvalues are the magnitudes of ``covariance_axes``, variances not deviations; the eigenvectors are the
        unit vectors turned by ``covariance_angles``.
        """
        turn = self._turn()
        return turn @ torch.diag_embed(self.covariance_axes.weight.abs()) @ turn.mT

    def squared_mahalanobis(self, codes: Tensor) -> Tensor:
        """Return the squared Mahalanobis distance of each code [B, 2] to each emotion, [B, 7], GANmut's class order."""
        offsets = codes[:, None, :] - self.means()
        turned = torch.einsum("cij,bci->bcj", self._turn(), offsets)
        return (turned.square() / self.covariance_axes.weight.abs()).sum(dim=2)

    def class_codes(self, rho: float = 1.0) -> Tensor:
        """Return the mean of every emotion, [7, 2] in the order of `Emotion`; ``rho`` has no meaning here."""
        return self.means()[list(GANMUT_CODES)]

    def _turn(self) -> Tensor:
        angles = self.covariance_angles.weight[0]
        cosine, sine = angles.cos(), angles.sin()
        return torch.stack([torch.stack([cosine, -sine], dim=1), torch.stack([sine, cosine], dim=1)], dim=1)


GENERATORS: dict[str, type[LinearGenerator] | type[GaussianGenerator]] = {
    kind.parametrization: kind for kind in (LinearGenerator, GaussianGenerator)
}
