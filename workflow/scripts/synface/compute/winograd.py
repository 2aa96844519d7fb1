"""3x3 convolutions with four times fewer multiplications: Winograd's minimal filtering F(4x4, 3x3), for the CPU.

Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016. The image is cut into tiles of 6 x 6 that
overlap by 2; each is transformed by ``B`` on both sides, multiplied over the channels in 36 matrix products, and
transformed back by ``A`` to 4 x 4 results. The transforms of a tile are written out as sums of its rows, since a matrix
product of six rows reads more than it computes.

Float32 keeps about 110 dB of the direct convolution's result (120 dB), so what is made with it differs from what is not
by rounding alone; the tests have the tolerance. It is taken by the shape of a network, never by the processor: two
machines compute in the same way.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from synface.compute.products import lay_out, multiply

FEWEST_CHANNELS, FEWEST_TILES = 128, 16  # below, the transforms cost more than they save
TILE, KEPT = 6, 4  # rows of a tile, and of its result
TILES_AT_ONCE = 256  # so many fill the matrix products and still fit into a cache of some MB

# G of the paper: what a filter is multiplied by on both sides.
_FILTER = torch.tensor([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]).double() / 24


def suits(convolution: nn.Module) -> bool:
    """Return whether `Winograd` can take the place of ``convolution`` and is faster."""
    return (
        isinstance(convolution, nn.Conv2d)
        and convolution.kernel_size == (3, 3)
        and convolution.stride == convolution.dilation == (1, 1)
        and convolution.padding == (1, 1)
        and convolution.padding_mode == "zeros"
        and convolution.groups == 1
        and min(convolution.in_channels, convolution.out_channels) >= FEWEST_CHANNELS
    )


class Winograd(nn.Module):
    """The function of a 3x3 convolution that `suits`, for inference.

    On a GPU, in another precision and for small images it is the convolution itself.
    """

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.convolution = convolution
        self._filters: list[Tensor] | None = None
        self._scratch: dict[tuple[int, ...], _Scratch] = {}

    def forward(self, images: Tensor) -> Tensor:
        """Map float32 [B, C, H, W] to [B, O, H, W]; in channels-last memory."""
        count, _, height, width = images.shape
        # Of one image, not of the batch: how many images it has must not decide how they are computed.
        tiles = -(-height // KEPT) * -(-width // KEPT)
        float32 = images.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")
        if images.device.type != "cpu" or not float32 or tiles < FEWEST_TILES:
            return self.convolution(images)
        if self._filters is None:
            matrices = filters(self.convolution.weight.detach())
            self._filters = [lay_out(matrix, TILES_AT_ONCE) for matrix in matrices]
        parts = images.split(max(1, TILES_AT_ONCE // tiles))
        results = images.new_empty(count, height, width, self.convolution.out_channels)
        for part, result in zip(parts, results.split(len(parts[0])), strict=True):
            self._convolve(part.permute(0, 2, 3, 1), result)
        bias = self.convolution.bias
        return (results if bias is None else results.add_(bias)).permute(0, 3, 1, 2)

    def _convolve(self, images: Tensor, result: Tensor) -> None:
        """Convolve [B, H, W, C] into ``result`` [B, H, W, O]."""
        count, height, width, channels = images.shape
        if images.shape not in self._scratch:
            self._scratch[images.shape] = _Scratch(count, height, width, channels, result.shape[3])
        at = self._scratch[images.shape]
        down, across = at.down, at.across
        at.padded[:, 1 : height + 1, 1 : width + 1] = images
        _transform(_every_fourth(at.padded, 1, down), at.rows, at.row_work)
        for row in range(TILE):
            _transform(_every_fourth(at.rows[row], 2, across), at.tiles, at.tile_work)
            products = [
                multiply(tile.view(-1, channels), filter_).view(count, down, across, -1)
                for tile, filter_ in zip(at.tiles, self._filters[row * TILE : (row + 1) * TILE], strict=True)
            ]
            _transform_back(products, at.half[row], at.product_work)
        whole = result if at.whole is None else at.whole
        cells = whole.view(count, down, KEPT, across, KEPT, -1).permute(2, 4, 0, 1, 3, 5)
        _transform_back(at.half, cells, at.half_work)
        if at.whole is not None:
            result.copy_(whole[:, :height, :width])


class _Scratch:
    """Memory for the steps between, kept: new memory of this size costs as much as the arithmetic that fills it."""

    def __init__(self, count: int, height: int, width: int, channels: int, results: int) -> None:
        self.down, self.across = down, across = -(-height // KEPT), -(-width // KEPT)
        self.padded = torch.zeros(count, KEPT * down + 2, KEPT * across + 2, channels)
        self.rows = torch.empty(TILE, count, down, KEPT * across + 2, channels)
        self.tiles = torch.empty(TILE, count, down, across, channels)
        self.half = torch.empty(TILE, KEPT, count, down, across, results)
        self.row_work = torch.empty(2, *self.rows.shape[1:])
        self.tile_work = torch.empty(2, *self.tiles.shape[1:])
        self.product_work = torch.empty(4, *self.half.shape[2:])
        self.half_work = torch.empty(4, *self.half.shape[1:])
        whole = (count, KEPT * down, KEPT * across, results)
        self.whole = None if whole[1:3] == (height, width) else torch.empty(whole)


def filters(weight: Tensor) -> Tensor:
    """Transform filters [O, C, 3, 3] to the 36 matrices of a tile, float32 [6 * 6, O, C]: by row, then by column."""
    matrix = _FILTER.to(weight.device)
    transformed = torch.einsum("ra,sb,ocab->rsoc", matrix, matrix, weight.double())
    return transformed.flatten(0, 1).to(torch.float32).contiguous()


def _every_fourth(images: Tensor, dimension: int, tiles: int) -> list[Tensor]:
    """Return row (or column) 0 to 5 of all tiles at once, each a view with ``tiles`` entries along ``dimension``."""
    starts = [slice(first, first + KEPT * (tiles - 1) + 1, KEPT) for first in range(TILE)]
    return [images[(slice(None),) * dimension + (start,)] for start in starts]


def _transform(d: Sequence[Tensor], out: Tensor, work: Tensor) -> None:
    """Write B^T d, six sums of the six rows ``d``, into ``out``; ``work`` is room for two rows."""
    even, odd = work
    torch.add(d[4], d[2], alpha=-4, out=even)
    torch.add(d[3], d[1], alpha=-4, out=odd)
    torch.add(even, odd, out=out[1])
    torch.sub(even, odd, out=out[2])
    torch.sub(d[4], d[2], out=even)
    torch.sub(d[3], d[1], out=odd)
    torch.add(even, odd, alpha=2, out=out[3])
    torch.add(even, odd, alpha=-2, out=out[4])
    torch.sub(d[0], d[2], out=out[0])
    torch.add(even, out[0], alpha=4, out=out[0])
    torch.sub(d[5], d[3], out=out[5]).add_(odd, alpha=-4)


def _transform_back(m: Sequence[Tensor], out: Tensor, work: Tensor) -> None:
    """Write A^T m, four sums of the six rows ``m``, into ``out``; ``work`` is room for four rows."""
    sum_12, difference_12, sum_34, difference_34 = work
    torch.add(m[1], m[2], out=sum_12)
    torch.sub(m[1], m[2], out=difference_12)
    torch.add(m[3], m[4], out=sum_34)
    torch.sub(m[3], m[4], out=difference_34)
    torch.add(difference_12, difference_34, alpha=2, out=out[1])
    torch.add(sum_12, sum_34, alpha=4, out=out[2])
    torch.add(difference_12.add_(difference_34, alpha=8), m[5], out=out[3])
    torch.add(sum_12.add_(sum_34), m[0], out=out[0])
