"""The table `edits`: which portraits become which emotion, by which generator: a GANmut, or one of the user's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from synface.settings.drawing import Label
from synface.settings.keys import Interval, Problem, key
from synface.settings.obtain import Obtain


@dataclass(frozen=True, kw_only=True)
class Region:
    """Where the codes of one emotion lie, chosen by inspection."""

    theta: Interval | None = key(None, least=-360, most=360, ordered=False)
    """[from, to] in degrees, counterclockwise; null is the axis of the emotion."""
    rho: float | Interval | None = key(None, least=0)
    """Intensity, one number or [low, high] to draw from; null is that of the edit."""

    def mistakes(self, path: str) -> Iterator[Problem]:
        """Yield what does not fit."""
        if self.theta is not None and self.theta[1] - self.theta[0] > 360:
            yield Problem(f"{path}.theta", f"found {list(self.theta)}; expected [from, to], at most once around")


@dataclass(frozen=True, kw_only=True)
class Detect:
    """MTCNN on portraits and on composites."""

    STAGE = "detect"

    min_face: float = key(0.2, stage=("detect", "crop"), above=0, most=1)
    """Smallest face looked for, as a fraction of the shorter side."""
    min_probability: float = key(0.9, stage=("detect", "crop"), least=0, most=1)
    """Faces below are rejected."""


@dataclass(frozen=True, kw_only=True)
class Planning:
    """Which emotion a portrait is planned for, and at which code of the generator."""

    STAGE = "plan"

    at: Literal["class-mean", "class-gaussian"] | None = key(None)
    """Gaussian generators: every class at its mean, or drawn from its Gaussian. Linear ones: class-mean is the axis at
    one rho (1 if not given) and neutral at the origin."""
    rho: float | Interval | None = key(None, least=0)
    """Linear generators: intensity of the six emotions, one number or [low, high] to draw from."""
    neutral_rho: float | Interval = key((0.0, 0.1), least=0)
    """Linear generators: neutral faces lie in this small disc, or ring."""
    theta_jitter: float = key(0.0, least=0, most=180)
    """Linear generators: half-width in degrees around the axis of a class."""
    ranges: Mapping[Label, Region] = key({})
    """Linear generators: regions chosen by inspection; each replaces axis and rho of its emotion."""
    seed: int = key(1, stage=("deal", "plan"), least=0)
    """Seed of every random draw of the plan."""

    def misfits(self, path: str, parametrization: str) -> Iterator[Problem]:
        """Yield what does not fit a generator that is "linear" or "gaussian"."""
        varied = [name for name, default in _VARIED.items() if getattr(self, name) != default]
        if parametrization == "gaussian":
            if self.at is None:
                yield Problem(f"{path}.at", "missing; expected class-mean or class-gaussian, its generator is Gaussian")
            for name in ["rho"] * (self.rho is not None) + varied:
                yield Problem(f"{path}.{name}", "is for linear generators, this edit's is Gaussian; give `at` alone")
        elif self.at == "class-gaussian":
            yield Problem(f"{path}.at", "found class-gaussian, but its generator is linear; give `rho` instead")
        elif self.at is None and self.rho is None:
            yield Problem(f"{path}.rho", "missing; expected a number or [low, high], its generator is linear")
        elif self.at == "class-mean":
            for name in ["rho"] * isinstance(self.rho, tuple) + varied:
                yield Problem(f"{path}.{name}", "does not go with `at: class-mean`, which is one rho; remove either")


_VARIED = {"neutral_rho": (0.0, 0.1), "theta_jitter": 0.0, "ranges": {}}


@dataclass(frozen=True, kw_only=True)
class Portraits:
    """Which portraits are edited, and in which frame."""

    source: str = key(stage=(), names="sources")
    """Whose portraits are edited."""
    spares: float = key(0.1, stage="deal", least=0, most=10)
    """Portraits planned beyond need, as a fraction, to replace those without a usable face."""
    shards: int | None = key(None, stage=(), least=1, most=10_000)
    """Files that the work is cut into, which changes no result; null is one for every 1,000 portraits, at most 100."""
    resolution: int = key(256, stage="frames", least=64)
    """Shorter side in pixels at which portraits are edited; smaller ones stay as they are."""
    framing: Literal["mtcnn-box", "mtcnn-square", "dlib-like"] | None = key(None, stage=())
    """Which frame of the face is edited: MTCNN's box, the square around it, or dlib-like, smaller and lower. null is
    what the generator knows: what its training recorded, and dlib-like for the published checkpoints; of patches, the
    square."""
    detect: Detect = key(Detect)
    """MTCNN on portraits and on composites."""


@dataclass(frozen=True, kw_only=True)
class GeneratorEdit(Planning, Portraits):
    """Portraits that a GANmut edits."""

    MARK = "generator"

    generator: str = key(stage=(), names="generators")
    """Which generator edits them."""
    batch_size: int = key(16, stage="edit", least=1)
    """Faces edited at once."""
    precision: Literal["float32", "bfloat16", "auto"] = key("float32", stage="edit")
    """Arithmetic of the generator; auto takes what is faster on the machine and logs it, so two machines may differ."""


@dataclass(frozen=True, kw_only=True)
class PatchEdit(Portraits):
    """Portraits that the user has edited, with another generator."""

    MARK = "patches"

    patches: str = key(stage=())
    """Folder of their edited faces: {class}/{portrait}.png, or patches.csv with portrait, class, file and, for a face
    that was cut out, its box in pixels of the portrait: left, top, right, bottom."""
    made_by: str = key(stage=())
    """What edited them, as StarGAN or InstructPix2Pix."""
    trained_on: list[str] = key(stage=())
    """Collections whose labels that generator learned from, as [RAF-DB], or [unknown], or [nothing]."""
    seed: int = key(1, stage="deal", least=0)
    """Seed of the draw of who becomes what."""
    obtain: Obtain = key(Obtain)
    """Where a user gets the edited faces."""


Edit = GeneratorEdit | PatchEdit


def varies_rho(edit: Edit) -> bool:
    """Return whether portraits of one emotion get different intensities."""
    if not isinstance(edit, GeneratorEdit):
        return False
    return any(isinstance(rho, tuple) for rho in (edit.rho, *(region.rho for region in edit.ranges.values())))
