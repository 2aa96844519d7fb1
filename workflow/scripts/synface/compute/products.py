"""Products with a matrix that stays the same: on the CPU by oneDNN, which lays the matrix out once beforehand.

PyTorch multiplies float32 matrices with its BLAS. Where that does not know the processor (MKL on AMD's), oneDNN is
twice as fast. The two differ by rounding alone.
"""

import platform

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# What PyTorch's own compiler calls for linear layers on the CPU; without it, all of this is a plain product.
LAID_OUT = (
    platform.machine() in ("x86_64", "AMD64")
    and torch.backends.mkldnn.is_available()
    and all(hasattr(torch.ops.mkldnn, name) for name in ("_linear_pointwise", "_reorder_linear_weight"))
)


def lay_out(matrix: Tensor, rows: int) -> Tensor:
    """Return float32 ``matrix`` [O, C] as `multiply` wants it, for products with about ``rows`` rows."""
    return torch.ops.mkldnn._reorder_linear_weight(matrix.contiguous(), rows) if LAID_OUT else matrix


def multiply(rows: Tensor, matrix: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return ``rows`` [..., C] times the transpose of a ``matrix`` that was laid out, plus ``bias``: [..., O]."""
    if LAID_OUT:
        return torch.ops.mkldnn._linear_pointwise(rows, matrix, bias, "none", [], "")
    return F.linear(rows, matrix, bias)


class LaidOutLinear(nn.Module):
    """The function of a linear layer, for inference; anywhere but in float32 on the CPU the layer itself."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = linear
        self._matrix: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Map [..., C] to [..., O]."""
        if x.device.type != "cpu" or x.dtype != torch.float32 or torch.is_autocast_enabled("cpu"):
            return self.linear(x)
        if self._matrix is None:
            self._matrix = lay_out(self.linear.weight.detach(), x.numel() // x.shape[-1])
        return multiply(x, self._matrix, self.linear.bias)
