"""A deterministic fill of weights and images, from key name, shape and seed alone.

Expected values made elsewhere can then be compared without carrying weights around. Nothing here depends on a routine
for a random distribution: raw 64-bit Philox words become uniforms by plain arithmetic, so every numpy version and every
machine gives the same values.
"""

import hashlib
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np


def uniform(tag: str, count: int, seed: int) -> np.ndarray:
    """Return ``count`` float64 values in [-1, 1) determined by the text ``f"{seed}:{tag}"``."""
    digest = hashlib.sha256(f"{seed}:{tag}".encode()).digest()
    bits = np.random.Philox(key=int.from_bytes(digest[:16], "little"))
    words = bits.random_raw(int(count)) if count else np.zeros(0, np.uint64)
    # The top 53 bits become [0, 2) exactly, then [-1, 1) exactly.
    return (words >> np.uint64(11)).astype(np.float64) * (2.0**-52) - 1.0


def _weight(u: np.ndarray, shape: Sequence[int], gain: float) -> np.ndarray:
    """Scale uniforms to the standard deviation gain / sqrt(product of all dimensions but the first)."""
    return (gain * math.sqrt(3.0) / math.sqrt(math.prod(shape[1:]))) * u


# (regular expression on the key, values from uniforms and shape); the first match wins.
_RULES: list[tuple[str, Callable[[np.ndarray, Sequence[int]], np.ndarray]]] = [
    (r"num_batches_tracked$", lambda u, s: 0.0 * u),
    (r"running_mean$", lambda u, s: 0.1 * u),
    (r"running_var$", lambda u, s: 1.0 + 0.5 * u),
    # GANmut's emotion parameters.
    (r"^covariance_angles\.weight$", lambda u, s: math.pi * u),
    (r"^covariance_axes\.weight$", lambda u, s: 2.0 * u + np.where(u < 0, -0.5, 0.5)),
    (r"^covariances_list\.weight$", lambda u, s: 2.0 * u),
    (r"^mu\.weight$", lambda u, s: 1.5 * u),
    (r"^axes\.(weight|bias)$", lambda u, s: u),
    # POSTER's embeddings, whose keys do not end in ".weight".
    (r"(pos_embed|cls_token)$", lambda u, s: 0.5 * u),
    # The last norm of a residual branch is small, so that deep stacks stay in scale.
    (r"body\.\d+\.res_layer\.4\.weight$", lambda u, s: 0.3 + 0.1 * u),
    (r"conv_\d+\.model\.\d+\.project\.bn\.weight$", lambda u, s: 0.3 + 0.1 * u),
    # POSTER's transformer: the residual stream and its branches keep a like size.
    (r"^ir_layer\.weight$", lambda u, s: _weight(u, s, 0.3)),
    (r"block_[lms]\.conv\.weight$", lambda u, s: _weight(u, s, 0.6)),
    (r"(up|down)sample_[ms]\.weight$", lambda u, s: _weight(u, s, 0.7)),
    (r"attn_(img|lm)\.kv\.weight$", lambda u, s: _weight(u, s, 1.6)),
    (r"attn_(img|lm)\.proj\.weight$", lambda u, s: _weight(u, s, 3.0)),
    (r"mlp[12]\.fc2\.weight$", lambda u, s: _weight(u, s, 2.5)),
]


def _values(key: str, u: np.ndarray, shape: Sequence[int], keys: Collection[str]) -> np.ndarray:
    for pattern, rule in _RULES:
        if re.search(pattern, key):
            return rule(u, shape)
    if key.endswith("bias"):
        return 0.1 * u
    if len(shape) == 1:
        # A one-dimensional weight is the scale of a norm when it has a bias beside it, else a PReLU slope.
        is_norm = key.removesuffix("weight") + "bias" in keys
        return 1.0 + 0.2 * u if is_norm else 0.25 + 0.1 * u
    return _weight(u, shape, 1.3)


def fill_state(keys: Mapping[str, Sequence], seed: int) -> dict[str, np.ndarray]:
    """Fill a whole state: ``keys`` maps each name to [shape, dtype name]; the order of ``keys`` is kept."""
    state = {}
    for key, (shape, dtype) in keys.items():
        u = uniform(key, math.prod(shape), seed).reshape(shape)
        kind = np.int64 if dtype.startswith("int") else np.float32
        state[key] = np.asarray(_values(key, u, shape, keys)).astype(kind).reshape(shape)
    return state


def image_batch(tag: str, count: int, size: int, seed: int, amplitude: float = 1.0) -> np.ndarray:
    """Return float32 [count, 3, size, size] in (-amplitude, amplitude): coarse and finer blocks plus noise.

    ``size`` is a multiple of 32. An item does not depend on ``count``.
    """
    images = np.empty((count, 3, size, size), np.float64)
    for item in range(count):
        for channel in range(3):
            name = f"{tag}/{item}/{channel}"
            coarse = uniform(f"{name}/coarse", 64, seed).reshape(8, 8)
            middle = uniform(f"{name}/mid", 1024, seed).reshape(32, 32)
            fine = uniform(f"{name}/fine", size * size, seed).reshape(size, size)
            coarse = np.kron(coarse, np.ones((size // 8, size // 8)))
            middle = np.kron(middle, np.ones((size // 32, size // 32)))
            images[item, channel] = 0.5 * coarse + 0.3 * middle + 0.2 * fine
    return (amplitude * images).astype(np.float32)


def fingerprint(state: Mapping[str, np.ndarray]) -> str:
    """Return a short hash of a filled state, to check the fill before outputs are compared."""
    digest = hashlib.sha256()
    for key in sorted(state):
        digest.update(key.encode())
        digest.update(np.ascontiguousarray(state[key]).tobytes())
    return digest.hexdigest()[:16]
