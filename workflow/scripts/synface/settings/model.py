"""The table `models`: POSTER and how it is trained, or a POSTER whose weights exist.

The defaults are the report's numbers (section 4.2: 50 epochs, batch size 64, learning rate 1.5e-5) with Adam inside SAM
and the loss of the published script, which it used; without that script's BGR input, noise, drifting statistics and
second count of a batch in a SAM step.
The published RAF-DB recipe, and what the report most likely ran, differ by the configuration alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from synface.settings.architecture import image_channels, token_grid
from synface.settings.keys import Interval, Label, Problem, key
from synface.settings.obtain import ObtainFile, ObtainParts

ELSEWHERE = "elsewhere"  # stands for the training set of a model that is not trained here; no dataset is called so


@dataclass(frozen=True, kw_only=True)
class RandomErasing:
    """Rectangles of the mean color (Zhong et al., 2020)."""

    STAGE = "train"

    probability: float = key(0.5, least=0, most=1)
    """Probability per image."""
    scale: Interval = key((0.02, 0.1), above=0, most=1)
    """[low, high] of the area, as a fraction of the image."""
    ratio: Interval = key((0.3, 3.3), above=0)
    """[low, high] of height to width."""


@dataclass(frozen=True, kw_only=True)
class AdditiveNoise:
    """The noise of the published script."""

    STAGE = "train"

    probability: float = key(0.0, least=0, most=1)
    """Probability per image."""
    variance: float = key(30.0, least=0)
    """Variance in gray levels squared."""


@dataclass(frozen=True, kw_only=True)
class Pretrained:
    """Pretrained parts; without one, that network starts from nothing."""

    STAGE = ()

    ir50: str | None = key(None)
    """Weights of the image network."""
    mobilefacenet: str | None = key(None)
    """Weights of the landmark network, published or a result of the table landmarks."""


@dataclass(frozen=True, kw_only=True)
class PosterTraining:
    """A POSTER and how it is trained."""

    STAGE = "train"

    size: Literal["large", "base", "small"] = key("large")
    """Depth of the fusion: large is 8 blocks, base 6, small 4."""
    token_mixing: bool = key(True)
    """The 1x1 token convolution of the published RAF-DB architecture; false is the AffectNet one."""
    width: float = key(1.0, above=0, most=1)
    """Factor on every number of channels; 1 is as published."""
    depth: int | None = key(None, least=1)
    """Fusion blocks in place of those of size."""
    input_size: int = key(224, least=32)
    """Side in pixels to which images are resized."""
    drop_path: float = key(0.1, least=0, below=1)
    """Greatest rate of stochastic depth."""
    color_order: Literal["rgb", "bgr"] = key("rgb")
    """What the network is fed; the published RAF-DB weights want bgr."""
    freeze_landmarks: bool = key(True)
    """Leave the landmark network as it is."""
    landmark_batch_statistics: bool = key(False)
    """The published behavior: the frozen network's BatchNorm still uses batch statistics, and drifts."""
    epochs: int = key(50, least=1)
    """Passes over the training split."""
    steps: int | None = key(None, least=1)
    """Optimizer steps in place of epochs, for training sets of every size alike; the learning rate falls by epochs."""
    batch_size: int = key(64, least=1)
    """Images per step."""
    lr: float = key(1.5e-5, above=0, was="learning_rate")
    """Learning rate of Adam."""
    betas: Interval = key((0.9, 0.999), least=0, below=1, ordered=False)
    """Adam's."""
    lr_gamma: float = key(0.98, above=0, most=1)
    """Factor on the learning rate after each epoch."""
    optimizer: Literal["sam", "adam"] = key("sam")
    """sam is sharpness-aware minimization around Adam."""
    sam_rho: float = key(0.05, above=0)
    """Radius of SAM."""
    sam_second_pass: Literal["published", "foret"] = key("foret")
    """What SAM's second pass over a batch does besides: foret, as in the code of Foret et al., repeats the draw of
    stochastic depth and leaves BatchNorm's running statistics; published draws anew and updates them again."""
    loss: Literal["published", "cross-entropy"] = key("published")
    """published is 2 x label-smoothed + plain cross entropy."""
    label_smoothing: float = key(0.2, least=0, below=1)
    """Smoothing of the published loss."""
    sampler: Literal["shuffle", "balanced"] = key("shuffle")
    """balanced draws every class equally often."""
    horizontal_flip: float = key(0.5, least=0, most=1)
    """Probability of mirroring an image."""
    random_erasing: RandomErasing = key(RandomErasing)
    """Rectangles of the mean color (Zhong et al., 2020)."""
    additive_noise: AdditiveNoise = key(AdditiveNoise)
    """The noise of the published script."""
    selection: Literal["last", "best-on-validation"] = key("last")
    """Which epoch becomes the model; never chosen on a test set."""
    validation_fraction: float = key(0.1, least=0, below=1)
    """Part of the training split held out, by class and source, and measured after each epoch; 0 holds nothing out."""
    precision: Literal["float32", "bfloat16", "auto"] = key("float32")
    """Arithmetic of the training; auto takes what is faster on the machine, and provenance.json has it."""
    channels_last: bool = key(True)
    """Memory layout; faster on most machines."""
    compile: bool = key(False)
    """torch.compile; worth it for long trainings on a GPU."""
    threads: int | None = key(None, least=1)
    """CPU threads for arithmetic. On a CPU trained weights depend on them: null takes as many as the run gives, so on
    `--cores`; with a number they are the same whatever a run gives."""
    deterministic: bool = key(False)
    """On a GPU, the same weights bit for bit every time, more slowly; on a CPU they always are."""

    def mistakes(self, path: str) -> Iterator[Problem]:
        """Yield what does not fit."""
        if token_grid(self.input_size, image_channels(self.width)) is None:
            yield Problem(
                f"{path}.input_size",
                f"found {self.input_size}, which POSTER cannot cut into its tokens; expected a "
                "size that it can, as every multiple of 32",
            )
        if self.selection == "best-on-validation" and not self.validation_fraction:
            yield Problem(f"{path}.selection", "best-on-validation needs a validation_fraction above 0; found 0")


@dataclass(frozen=True, kw_only=True)
class TrainedModel(PosterTraining):
    """A POSTER, what it starts from, and how it is trained and tested."""

    MARK = ""

    pretrained: Pretrained = key(Pretrained)
    """Pretrained parts; without one, that network starts from nothing."""
    test_batch_size: int = key(32, stage="evaluate", least=1)
    """Images per step when predicting."""
    obtain: ObtainParts = key(ObtainParts)
    """Where a user gets the pretrained parts."""


@dataclass(frozen=True, kw_only=True)
class PublishedModel:
    """A POSTER whose weights exist: tested, never trained."""

    MARK = "checkpoint"

    checkpoint: str = key()
    """Official .pth of POSTER, or a .safetensors of ours; its keys say how large it is and how many classes it has."""
    trained_on: list[str] = key(["unknown"], stage=())
    """Collections that the weights learned from, as [RAF-DB]."""
    classes: list[Literal[Label, "contempt"]] | None = key(None, stage="train")
    """The emotion of each output, in the order of the network; null is what a file of ours says, RAF-DB's order for
    POSTER's published RAF-DB version, AffectNet's for its AffectNet version."""
    color_order: Literal["rgb", "bgr"] | None = key(None, stage="train")
    """What the network is fed; null is what a file of ours says, bgr for the published RAF-DB version, rgb for the
    AffectNet version."""
    test_batch_size: int = key(32, stage="evaluate", least=1)
    """Images per step when predicting."""
    obtain: ObtainFile = key(ObtainFile)
    """Where a user gets the weights."""

    def mistakes(self, path: str) -> Iterator[Problem]:
        """Yield what does not fit: every emotion has one output, and contempt may have one."""
        missing = [label for label in get_args(Label) if self.classes and label not in self.classes]
        if missing:
            yield Problem(f"{path}.classes", f"lacks {', '.join(missing)}; expected each emotion once")


Model = PublishedModel | TrainedModel
