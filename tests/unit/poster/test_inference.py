"""POSTER rearranged for inference beside the network as it was trained."""

import pytest
import torch
from torch import nn

from synface.compute import products
from synface.compute.winograd import Winograd
from synface.poster.inference import rearrange
from synface.poster.model import Poster

# Of a logit. The published values are held to 1e-3.
TOLERANCE = 2e-4


def trained(**options):
    """A network with statistics and factors of normalization that are not those of the beginning."""
    torch.manual_seed(2)
    network = Poster("small", depth=1, **options).eval()
    generator = torch.Generator().manual_seed(2)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1, generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
            module.weight.data.uniform_(0.5, 1.5, generator=generator)
            module.bias.data.normal_(0, 0.1, generator=generator)
    return network


@pytest.mark.parametrize("laid_out", [True, False])
@torch.no_grad()
def test_the_logits_are_the_same(laid_out, monkeypatch):
    if not laid_out:
        monkeypatch.setattr(products, "LAID_OUT", False)
    network = trained(width=0.5, input_size=192)
    seen = torch.randn(3, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    logits, features = network.classify(seen)
    rearranged = rearrange(network)
    assert any(isinstance(module, Winograd) for module in rearranged.modules())
    assert not any(isinstance(module, nn.BatchNorm2d) for module in rearranged.face_landback.conv_6_sep.modules())
    for batch in (seen, seen[:1]):  # another number of rows than the matrices were laid out for
        again, features_again = rearranged.classify(batch)
        torch.testing.assert_close(again, logits[: len(batch)], atol=TOLERANCE, rtol=0)
        torch.testing.assert_close(features_again, features[: len(batch)], atol=TOLERANCE, rtol=0)


@torch.no_grad()
def test_it_computes_in_bfloat16_too():
    network = trained(width=0.25, input_size=64)
    seen = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    logits, _ = network.classify(seen)
    with torch.autocast("cpu", torch.bfloat16):
        rounded, _ = rearrange(network).classify(seen)
    torch.testing.assert_close(rounded.float(), logits, atol=0.05, rtol=0)
