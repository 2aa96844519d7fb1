"""The table `action_units`: image networks trained here, for the models' `pretrained`."""

from dataclasses import dataclass

from synface.settings.keys import key
from synface.settings.obtain import Obtain
from synface.settings.pretraining import Pretraining


@dataclass(frozen=True, kw_only=True)
class ActionUnitTraining(Pretraining):
    """How an IR50 learns the strengths of action units; width, input_size and color_order are those of its POSTER."""

    STAGE = "action_units"

    table: str = key("action_units.csv")
    """The file in images that says them: a column file, a column AU01, AU02, ... for each unit, and a column identity
    where people appear twice."""


@dataclass(frozen=True, kw_only=True)
class ActionUnitNetwork(ActionUnitTraining):
    """An image network that is trained here."""

    images: str = key(stage=())
    """Folder of images with the table; a landmarks.npz, where there is one, is learned beside it. A drawing is one,
    whose table is truth.csv: results/drawings/{name}. No experiment should test on its faces."""
    obtain: Obtain = key(Obtain)
    """Where a user gets the images."""
