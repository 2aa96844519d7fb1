"""The table `generators`: GANmut, published or trained here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from synface.settings.keys import Problem, key
from synface.settings.obtain import ObtainFile

# What a generator is built of, beside its weights: those of one fit another only where all of these are equal.
BUILT_OF = ("parametrization", "channels", "blocks", "image_size", "masked")


@dataclass(frozen=True, kw_only=True)
class PublishedGenerator:
    """A GANmut whose weights exist."""

    MARK = "checkpoint"

    checkpoint: str = key()
    """Official .ckpt or .pth state dict, or a .safetensors of ours; its keys say whether it is linear or Gaussian."""
    trained_on: list[str] = key(stage=())
    """Collections whose labels the weights learned from, as [AffectNet], or [unknown]. Where a compared set's generator
    learned from a test set's own collection, every sentence about it says so."""
    obtain: ObtainFile = key(ObtainFile)
    """Where a user gets the weights."""


@dataclass(frozen=True, kw_only=True)
class GanmutTraining:
    """How a GANmut is trained; the defaults are the published recipe."""

    STAGE = "ganmut"

    parametrization: Literal["linear", "gaussian"] = key("linear")
    """Space of emotions: directions and intensities, or a Gaussian for each emotion."""
    iterations: int = key(2_000_000, least=1)
    """Discriminator updates."""
    pairs_first: int = key(0, least=0)
    """Of the iterations, the first ones in which the generator learns from the pairs alone."""
    classes_first: int = key(0, least=0)
    """Of the iterations, the first ones, after those with pairs alone, that only teach the discriminator the
    classes."""
    batch_size: int = key(16, least=6)
    """Images per update; at least 7 for gaussian."""
    critic_steps: int = key(5, least=1)
    """Discriminator updates for each generator update."""
    lr: float = key(1e-4, above=0, was="learning_rate")
    """Learning rate of both, Adam with betas 0.5 and 0.999."""
    image_size: int = key(128, least=16, multiple_of=4)
    """Side of the square images in pixels."""
    channels: int = key(64, least=4, was="width")
    """Channels of the generator's first layer."""
    blocks: int = key(6, least=1)
    """Residual blocks of the generator."""
    masked: bool = key(False)
    """The generator says how much of each pixel it repaints (GANimation), so that small studies keep the person, the
    skin and the background; the published one repaints all."""
    discriminator_channels: int = key(64, least=4, was="discriminator_width")
    """Channels of the discriminator's first layer."""
    discriminator_depth: int = key(6, least=2)
    """Layers of the discriminator; each halves the image."""
    regularization: Literal["gp", "r1"] = key("gp")
    """Gradient penalty or R1."""
    regularization_every: int = key(1, least=1)
    """Updates of the discriminator for each penalty, whose weight grows by the same factor."""
    framing: Literal["as-is", "mtcnn-square", "dlib-like"] = key("as-is")
    """The frame that faces are brought into, by MTCNN, before the training and whenever the generator edits; as-is
    takes the images of the set as they are, and edits MTCNN's squares."""
    augmentation: Literal["published", "smooth"] = key("published")
    """Of the training faces: published (zoomed in, nearest pixel, black border), or smooth (as far, but interpolated,
    about the same size, without a black border)."""
    cycle: Literal["approximate", "original"] = key("approximate")
    """Which code takes an edited face back (linear only)."""
    adversarial: Literal["wasserstein", "logistic"] = key("wasserstein")
    """How the players compete: wasserstein, or logistic, whose strength does not depend on the penalty."""
    instance_noise: float = key(0.0, least=0)
    """Standard deviation of the noise added to all that the discriminator sees, in [-1, 1]; so patterns of single
    pixels do not fool it."""
    lambda_source: float = key(1.0, above=0)
    """Weight of the term that separates generated faces from real ones. With fewer layers the discriminator judges more
    patches, whose mean changes less: a small study needs more."""
    lambda_cls: float | None = key(None, least=0)
    """Weight of the classification; null is the published 1 for linear, 2 for gaussian."""
    lambda_rec: float = key(10.0, least=0)
    """Weight of the cycle reconstruction."""
    lambda_regularization: float = key(10.0, least=0)
    """Weight of the gradient penalty or R1."""
    lambda_g_strength: float = key(1.0, least=0)
    """Weight of the intensity loss (linear only)."""
    lambda_d_info: float = key(1.0, least=0)
    """Weight of the code loss of the discriminator (linear only)."""
    lambda_g_info: float = key(1.0, least=0)
    """Weight of the code loss of the generator (linear only)."""
    lambda_pairs: float = key(10.0, least=0)
    """Weight of the distance to the pictures after, where there are pairs (linear only)."""
    lambda_expr: float = key(1.0, least=0)
    """Weight of the code loss (gaussian only)."""
    lambda_prediction: float = key(0.5, least=0)
    """Weight of the classification at the means (gaussian only)."""
    balanced: bool = key(False)
    """Every class equally often in a batch."""
    average: float = key(0.0, least=0, below=1)
    """Decay of the running average of the generator's weights, which is then the result; 0 is none, as published."""
    initialization: Literal["default", "he"] = key("default")
    """Initial weights: default is PyTorch's, as published; with he, under which the discriminator keeps the scale of
    its activations and the generator begins without checkerboards and with even axes, small studies learn sooner."""
    precision: Literal["float32", "bfloat16", "auto"] = key("float32")
    """Arithmetic of the training; auto takes what is faster on the machine, which is logged."""
    history_every: int = key(100, least=1)
    """Iterations averaged into one row of history.csv."""
    seed: int = key(1, least=0)
    """Seed of the training."""
    threads: int | None = key(None, least=1)
    """CPU threads for arithmetic. On a CPU trained weights depend on them: null takes as many as the run gives, so on
    `--cores`; with a number they are the same whatever a run gives."""
    deterministic: bool = key(False)
    """On a GPU, the same weights bit for bit every time, more slowly; on a CPU they always are."""

    def mistakes(self, path: str) -> Iterator[Problem]:
        """Yield what does not fit: the published losses use the first 7 items of a Gaussian model's batch."""
        if self.parametrization == "gaussian" and self.batch_size < 7:
            yield Problem(f"{path}.batch_size", f"found {self.batch_size}; expected at least 7 for a gaussian model")
        if self.pairs_first >= self.iterations:
            yield Problem(
                f"{path}.pairs_first",
                f"found {self.pairs_first}; expected fewer than iterations, {self.iterations}, since the discriminator "
                "learns in the others",
            )
        if self.image_size % 2**self.discriminator_depth:
            yield Problem(
                f"{path}.discriminator_depth",
                f"found {self.discriminator_depth}, so the image is halved so often; expected image_size, "
                f"{self.image_size}, to be a multiple of {2**self.discriminator_depth}",
            )

    def other_than(self, path: str, file: str, built: Mapping[str, Any]) -> Iterator[Problem]:
        """Yield what keeps the training from starting from the generator in ``file``.

        ``built`` has what is known of it, of `BUILT_OF`.
        """
        differing = [name for name in BUILT_OF if name in built and built[name] != getattr(self, name)]
        if differing:
            found = ", ".join(f"{name}: {_shown(built[name])}" for name in differing)
            wanted = ", ".join(f"{name}: {_shown(getattr(self, name))}" for name in differing)
            yield Problem(
                f"{path}.start_from.checkpoint",
                f"found {found} in {file}; expected {wanted}, as this generator has it; give both the same, or start "
                "from another file",
            )


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, kw_only=True)
class TrainedGenerator(GanmutTraining):
    """A GANmut that is trained here."""

    MARK = "train_on"

    train_on: str = key(stage=(), names="datasets")
    """Natural dataset whose training split the generator learns from."""
    pairs: str | None = key(None, stage=())
    """Folder with a pairs.csv (before, after, label, rho in 0..1): pictures of the same person in the same place,
    without and with an emotion. The generator then also learns to make the one of the other. A drawing with people is
    one: results/drawings/{name}. null, as published, leaves it out."""
    start_from: PublishedGenerator | None = key(None, stage=())
    """A GANmut whose weights the training starts from, published or ours, with the same parametrization, channels,
    blocks, image_size and masked; null starts from nothing. The discriminator starts from nothing in either case."""

    def mistakes(self, path: str) -> Iterator[Problem]:
        """Yield what does not fit, of the pairs too."""
        yield from super().mistakes(path)
        if self.pairs_first and not self.pairs:
            yield Problem(f"{path}.pairs_first", f"found {self.pairs_first}; expected 0, or a folder in `pairs`")
        if self.pairs and self.parametrization != "linear":
            yield Problem(f"{path}.pairs", "does not go with a gaussian model, whose codes have no intensity")


Generator = PublishedGenerator | TrainedGenerator
