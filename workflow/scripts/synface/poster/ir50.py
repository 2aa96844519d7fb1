"""IR50, the image branch of POSTER: the improved residual network of ArcFace (Deng et al., CVPR 2019) up to stride 8.

Layout and key names are those of the published checkpoint ``ir50.pth``, so its 304 entries load strictly.
"""

import torch
from torch import Tensor, nn

from synface.settings.architecture import IMAGE_CHANNELS, scaled

# Channels and blocks; ArcFace's fourth stage (512) is not part of POSTER.
STAGES = ((64, 3), (128, 4), (IMAGE_CHANNELS, 14))


class BottleneckIR(nn.Module):
    """Pre-normalized residual block: BN, 3x3 conv, PReLU, 3x3 conv with ``stride``, BN; no activation after the sum."""

    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.shortcut_layer = None
        if channels_in != channels:
            self.shortcut_layer = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )
        self.res_layer = nn.Sequential(
            nn.BatchNorm2d(channels_in),
            nn.Conv2d(channels_in, channels, 3, 1, 1, bias=False),
            nn.PReLU(channels),
            nn.Conv2d(channels, channels, 3, stride, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, C_in, H, W] to [B, C, H / stride, W / stride]."""
        if self.shortcut_layer is not None:
            return self.res_layer(x) + self.shortcut_layer(x)
        # Published as max pooling with a 1 x 1 window, which picks every stride-th pixel.
        shortcut = x if self.stride == 1 else x[..., :: self.stride, :: self.stride]
        return self.res_layer(x) + shortcut


class IR50(nn.Module):
    """IR50 without its last stage: [B, 3, H, W] -> [B, 256 * width, H / 8, W / 8] (rounded up)."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        channels = [scaled(count, width, 16) for count, _ in STAGES]
        self.channels = channels[-1]
        self.input_layer = nn.Sequential(
            nn.Conv2d(3, channels[0], 3, 1, 1, bias=False), nn.BatchNorm2d(channels[0]), nn.PReLU(channels[0])
        )
        # ArcFace's identity embedding. POSTER never calls it; it is here because the checkpoints hold its tensors.
        last, embedding = 2 * channels[-1], scaled(512, width, 32)
        self.output_layer = nn.Sequential(
            nn.BatchNorm2d(last), nn.Dropout(), nn.Flatten(), nn.Linear(last * 49, embedding), nn.BatchNorm1d(embedding)
        )
        blocks, previous = [], channels[0]
        for count, (_, repeats) in zip(channels, STAGES, strict=True):
            for index in range(repeats):
                blocks.append(BottleneckIR(previous, count, stride=2 if index == 0 else 1))
                previous = count
        self.body = nn.Sequential(*blocks)

    def forward(self, images: Tensor) -> Tensor:
        """Return the last feature map."""
        return self.body(self.input_layer(images))


def image_tokens(features: Tensor, tokens: int) -> Tensor:
    """View [B, C, H, W] as [B, tokens, C * H * W / tokens], as published: a reading of the memory in CHW order.

    A token is thus some consecutive channels, not a patch of the image. Kept, since the weights expect it.
    """
    return torch.flatten(features, 1).view(features.shape[0], tokens, -1)
