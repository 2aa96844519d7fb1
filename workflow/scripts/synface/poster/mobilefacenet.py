"""MobileFaceNet, the landmark branch of POSTER (Chen et al., CCBR 2018, trained to give 68 facial landmarks).

Layout and key names are those of the published ``mobilefacenet_model_best.pth.tar``, so its 333 entries load strictly.
POSTER uses the feature map before the landmarks.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from synface.settings.architecture import scaled


class ConvBlock(nn.Module):
    """Convolution without bias, batch normalization, and PReLU unless ``linear``."""

    def __init__(
        self,
        channels_in: int,
        channels: int,
        *,
        kernel: int = 1,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
        linear: bool = False,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels, kernel, stride, padding, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(channels)
        self.prelu = nn.Identity() if linear else nn.PReLU(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, C_in, H, W] to [B, C, H / stride, W / stride]."""
        return self.prelu(self.bn(self.conv(x)))


class DepthWise(nn.Module):
    """Inverted bottleneck: 1x1 expansion to ``inner``, 3x3 depthwise, 1x1 linear projection, optionally residual."""

    def __init__(self, channels_in: int, channels: int, *, inner: int, stride: int = 1, residual: bool = False) -> None:
        super().__init__()
        self.conv = ConvBlock(channels_in, inner)
        self.conv_dw = ConvBlock(inner, inner, kernel=3, stride=stride, padding=1, groups=inner)
        self.project = ConvBlock(inner, channels, linear=True)
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, C_in, H, W] to [B, C, H / stride, W / stride]."""
        y = self.project(self.conv_dw(self.conv(x)))
        return x + y if self.residual else y


class Residuals(nn.Module):
    """``repeats`` residual `DepthWise` blocks of equal size."""

    def __init__(self, channels: int, *, inner: int, repeats: int) -> None:
        super().__init__()
        blocks = (DepthWise(channels, channels, inner=inner, residual=True) for _ in range(repeats))
        self.model = nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, C, H, W] to the same shape."""
        return self.model(x)


class LandmarkHead(nn.Module):
    """Global depthwise convolution over the 7 x 7 map and a linear layer to 136 = 68 x 2 coordinates."""

    def __init__(self, channels: int, outputs: int = 136) -> None:
        super().__init__()
        self.conv_6_dw = ConvBlock(channels, channels, kernel=7, groups=channels, linear=True)
        self.linear = nn.Linear(channels, outputs, bias=False)
        self.bn = nn.BatchNorm1d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map features [B, C, 7, 7] to landmarks [B, outputs]; maps of another size are pooled to 7 x 7 first."""
        x = F.adaptive_avg_pool2d(x, 7)  # of a 7 x 7 map it changes nothing
        return self.bn(self.linear(self.conv_6_dw(x).flatten(1)))


class MobileFaceNet(nn.Module):
    """MobileFaceNet: [B, 3, H, W] -> features [B, 512 * width, H / 16, W / 16] (rounded up; 7 x 7 for 112 x 112)."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        c64, c128, c256, c512 = (scaled(channels, width, 8) for channels in (64, 128, 256, 512))
        self.channels = scaled(512, width, 32)
        self.conv1 = ConvBlock(3, c64, kernel=3, stride=2, padding=1)
        self.conv2_dw = ConvBlock(c64, c64, kernel=3, padding=1, groups=c64)
        self.conv_23 = DepthWise(c64, c64, inner=c128, stride=2)
        self.conv_3 = Residuals(c64, inner=c128, repeats=4)
        self.conv_34 = DepthWise(c64, c128, inner=c256, stride=2)
        self.conv_4 = Residuals(c128, inner=c256, repeats=6)
        self.conv_45 = DepthWise(c128, c128, inner=c512, stride=2)
        self.conv_5 = Residuals(c128, inner=c256, repeats=2)
        self.conv_6_sep = ConvBlock(c128, self.channels)
        self.output_layer = LandmarkHead(self.channels)

    def forward(self, images: Tensor) -> Tensor:
        """Return the feature map before the landmarks."""
        x = self.conv2_dw(self.conv1(images))
        x = self.conv_4(self.conv_34(self.conv_3(self.conv_23(x))))
        return self.conv_6_sep(self.conv_5(self.conv_45(x)))

    def landmarks(self, images: Tensor) -> Tensor:
        """Return 68 landmarks (x, y, x, ...) as [B, 136] for images [B, 3, H, W]; POSTER does not use them.

        Published for 112 x 112.
        """
        return self.output_layer(self(images))
