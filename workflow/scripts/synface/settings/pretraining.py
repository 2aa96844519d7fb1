"""What the networks that are trained here for POSTER have in common: how they see faces, and for how long."""

from dataclasses import dataclass
from typing import Literal

from synface.settings.keys import key


@dataclass(frozen=True, kw_only=True)
class Pretraining:
    """How a part of POSTER learns from known faces; width, input_size and color_order are those of its POSTER."""

    width: float = key(1.0, above=0, most=1)
    """Factor on every number of channels."""
    input_size: int = key(224, least=32, multiple_of=2)
    """Side in pixels to which images are resized; like POSTER, the network sees every second pixel of it."""
    color_order: Literal["rgb", "bgr"] = key("rgb")
    """What the network is fed."""
    epochs: int = key(60, least=1)
    """Passes over the faces."""
    batch_size: int = key(32, least=2)
    """Faces per step; those left over are spread over the batches."""
    lr: float = key(2e-3, above=0, was="learning_rate")
    """Learning rate of Adam at the start; it falls to 0 along half a cosine."""
    rotation: float = key(10.0, least=0, most=180)
    """Augmentation, greatest angle in degrees."""
    zoom: float = key(0.1, least=0, below=1)
    """Augmentation, greatest change of size as a fraction."""
    shift: float = key(0.05, least=0, below=1)
    """Augmentation, greatest shift in each direction as a fraction of the side."""
    brightness: float = key(0.2, least=0, below=1)
    """Augmentation, greatest change of brightness as a fraction."""
    horizontal_flip: float = key(0.5, least=0, most=1)
    """Probability of mirroring a face."""
    validation_fraction: float = key(0.1, above=0, below=1)
    """Part of the people that are held out to measure the error."""
    seed: int = key(1, least=0)
    """Seed of the training."""
    threads: int | None = key(None, least=1)
    """CPU threads for arithmetic. On a CPU trained weights depend on them: null takes as many as the run gives, so on
    `--cores`; with a number they are the same whatever a run gives."""
    deterministic: bool = key(False)
    """On a GPU, the same weights bit for bit every time, more slowly; on a CPU they always are."""
