"""The table `landmarks`: landmark networks trained here, for the models' `pretrained`."""

from dataclasses import dataclass

from synface.settings.keys import key
from synface.settings.obtain import Obtain
from synface.settings.pretraining import Pretraining


@dataclass(frozen=True, kw_only=True)
class LandmarkTraining(Pretraining):
    """How a MobileFaceNet learns the 68 landmarks; width, input_size and color_order are those of its POSTER."""

    STAGE = "landmarks"


@dataclass(frozen=True, kw_only=True)
class LandmarkNetwork(LandmarkTraining):
    """A landmark network that is trained here."""

    images: str = key(stage=(), was="train_on")
    """Folder of images with landmarks.npz: files [N], landmarks [N, 68, 2] in pixels, and identities [N] where people
    appear twice. A drawing is one: results/drawings/{name}. No experiment should test on its faces."""
    obtain: Obtain = key(Obtain)
    """Where a user gets the images."""
