"""The pyramid cross-fusion transformer of POSTER (Zheng et al., "POSTER", ICCV workshops 2023), as published in code.

Two streams of tokens, image and landmark, are joined to [B, 2T, D] with T = tokens + 1 (a mean token first). Each is
processed at three embedding widths D, D/2 and D/4, and each attends with the other stream's tokens as queries.
"""

from contextlib import nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HEADS = 8


class DropPath(nn.Module):
    """Stochastic depth (Huang et al., ECCV 2016): drops a residual branch per sample, in training only."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` [B, N, D], its samples kept with ``1 - rate`` and scaled so that the mean stays."""
        if not self.training or self.rate == 0.0:
            return x
        keep = 1.0 - self.rate
        kept = torch.rand(x.shape[0], 1, 1, device=x.device) < keep
        return x * (kept / keep).to(x.dtype)


class CrossAttention(nn.Module):
    """Multi-head attention whose queries are the other stream's tokens as they are (no query projection)."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.kv = nn.Linear(dimension, 2 * dimension)
        self.proj = nn.Linear(dimension, dimension)

    def forward(self, own: Tensor, other: Tensor) -> Tensor:
        """Attend over the tokens ``own`` [B, N, D] for each of ``other`` [B, N, D]."""
        batch, tokens, dimension = own.shape
        shape = (batch, tokens, HEADS, dimension // HEADS)
        keys, values = self.kv(own).chunk(2, dim=-1)
        q, k, v = (part.reshape(shape).transpose(1, 2) for part in (other.to(keys.dtype), keys, values))
        # Under bfloat16 the CPU's attention is slower, six times so in the backward pass, and less exact.
        exact = q.device.type == "cpu" and q.dtype != torch.float32
        with torch.autocast(q.device.type, enabled=False) if exact else nullcontext():
            if exact:
                q, k, v = q.float(), k.float(), v.float()
            attended = F.scaled_dot_product_attention(q, k, v)  # softmax(q k^T / sqrt(dimension / HEADS)) v
        return self.proj(attended.transpose(1, 2).reshape(batch, tokens, dimension))


class Mlp(nn.Module):
    """Two linear layers around an exact GELU, twice as wide inside."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dimension, 2 * dimension)
        self.fc2 = nn.Linear(2 * dimension, dimension)

    def forward(self, x: Tensor) -> Tensor:
        """Map [..., D] to [..., D]."""
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    """Cross-attention and MLP for both streams at one width: [B, 2T, D] -> [B, 2T, D].

    ``token_mixing`` adds the 1x1 convolution over all 2T tokens that only the published RAF-DB version has.
    """

    def __init__(self, tokens: int, dimension: int, *, drop_path: float, token_mixing: bool) -> None:
        super().__init__()
        self.norm1, self.norm2, self.norm3, self.norm4 = (nn.LayerNorm(dimension, eps=1e-6) for _ in range(4))
        self.attn_img, self.attn_lm = CrossAttention(dimension), CrossAttention(dimension)
        self.mlp1, self.mlp2 = Mlp(dimension), Mlp(dimension)
        self.conv = nn.Conv1d(2 * tokens, 2 * tokens, 1) if token_mixing else None
        self.drop_path = DropPath(drop_path)

    def forward(self, x: Tensor) -> Tensor:
        """Process the joined streams [B, 2T, D], image first."""
        image, landmark = x.chunk(2, dim=1)
        # Both norms see the tokens from before the block: neither stream sees the other's update.
        own, other = self.norm1(x).chunk(2, dim=1)
        image = image + self.drop_path(self.attn_img(own, other))
        image = image + self.drop_path(self.mlp1(self.norm2(image)))
        other, own = self.norm3(x).chunk(2, dim=1)
        landmark = landmark + self.drop_path(self.attn_lm(own, other))
        landmark = landmark + self.drop_path(self.mlp2(self.norm4(landmark)))
        joined = torch.cat((image, landmark), dim=1)
        return joined if self.conv is None else self.conv(joined)


class PyramidBlock(nn.Module):
    """One `Block` per embedding width, then small is added to middle and middle to large."""

    def __init__(self, tokens: int, dimension: int, *, drop_path: float, token_mixing: bool) -> None:
        super().__init__()
        self.block_l, self.block_m, self.block_s = (
            Block(tokens, dimension // scale, drop_path=drop_path, token_mixing=token_mixing) for scale in (1, 2, 4)
        )
        self.upsample_m, self.upsample_s = (nn.ConvTranspose1d(2 * tokens, 2 * tokens, 2, 2) for _ in range(2))

    def forward(self, large: Tensor, middle: Tensor, small: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Process and join the three widths, [B, 2T, D], [B, 2T, D / 2] and [B, 2T, D / 4]."""
        large, middle, small = self.block_l(large), self.block_m(middle), self.block_s(small)
        middle = middle + self.upsample_s(small)
        return large + self.upsample_m(middle), middle, small


class PyramidFusion(nn.Module):
    """Fuse image and landmark tokens, each [B, N, D], into one vector [B, D]: the image stream's mean token."""

    def __init__(
        self, tokens: int, dimension: int, *, depth: int, drop_path: float = 0.1, token_mixing: bool = True
    ) -> None:
        super().__init__()
        tokens += 1
        # Unused, also as published: the class token is the mean of the stream. Checkpoints hold the tensor.
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dimension))
        self.pos_embed = nn.Parameter(torch.zeros(1, tokens, dimension))
        self.downsample_m = nn.Conv1d(2 * tokens, 2 * tokens, 2, 2)
        self.downsample_s = nn.Conv1d(2 * tokens, 2 * tokens, 4, 4)
        rates = [drop_path * index / max(depth - 1, 1) for index in range(depth)]
        self.blocks = nn.ModuleList(
            PyramidBlock(tokens, dimension, drop_path=rate, token_mixing=token_mixing) for rate in rates
        )
        self.norm = nn.LayerNorm(dimension, eps=1e-6)

    def forward(self, image: Tensor, landmark: Tensor) -> Tensor:
        """Return the image stream's mean token [B, D] after all blocks."""
        image = torch.cat((image.mean(dim=1, keepdim=True), image), dim=1) + self.pos_embed
        landmark = torch.cat((landmark.mean(dim=1, keepdim=True), landmark), dim=1)
        large = torch.cat((image, landmark), dim=1)
        middle, small = self.downsample_m(large), self.downsample_s(large)
        for block in self.blocks:
            large, middle, small = block(large, middle, small)
        return self.norm(large[:, 0])
