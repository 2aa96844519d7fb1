"""Facial action units (FACS) and the expressions they make.

The recipes follow EMFACS (Friesen & Ekman, 1983) and the prototypes of Ekman, Friesen & Hager, *Facial Action Coding
System* (2002): each emotion is a set of action units (AUs), here with the strength that each reaches at intensity 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from synface.core.draws import keyed_generator
from synface.core.emotions import Emotion

ACTION_UNITS: Mapping[int, str] = {
    1: "inner brow raiser",
    2: "outer brow raiser",
    4: "brow lowerer",
    5: "upper lid raiser",
    6: "cheek raiser",
    7: "lid tightener",
    9: "nose wrinkler",
    10: "upper lip raiser",
    12: "lip corner puller",
    15: "lip corner depressor",
    16: "lower lip depressor",
    17: "chin raiser",
    20: "lip stretcher",
    23: "lip tightener",
    24: "lip pressor",
    25: "lips part",
    26: "jaw drop",
}

RECIPES: Mapping[Emotion, Mapping[int, float]] = {
    Emotion.SURPRISE: {1: 1.0, 2: 1.0, 5: 0.85, 25: 0.7, 26: 0.9},
    Emotion.FEAR: {1: 1.0, 2: 0.55, 4: 0.65, 5: 1.0, 7: 0.35, 20: 0.9, 25: 0.65, 26: 0.3},
    Emotion.DISGUST: {4: 0.3, 7: 0.3, 9: 1.0, 10: 0.85, 15: 0.45, 16: 0.35, 17: 0.3, 25: 0.3},
    Emotion.HAPPINESS: {6: 0.9, 12: 1.0, 25: 0.6},
    Emotion.SADNESS: {1: 0.95, 4: 0.55, 15: 0.95, 17: 0.5},
    Emotion.ANGER: {4: 1.0, 5: 0.5, 7: 0.7, 10: 0.15, 17: 0.25, 23: 0.7, 24: 0.7},
    Emotion.NEUTRAL: {},
}

# AUs that some people show in an emotion and some do not: (probability, strength).
_OPTIONAL: Mapping[Emotion, Mapping[int, tuple[float, float]]] = {
    Emotion.HAPPINESS: {26: (0.35, 0.35), 25: (0.75, 0.75)},
    Emotion.SADNESS: {25: (0.2, 0.25), 17: (0.6, 0.6)},
    Emotion.ANGER: {9: (0.25, 0.35), 2: (0.2, 0.3)},
    Emotion.FEAR: {26: (0.5, 0.45)},
    Emotion.DISGUST: {6: (0.3, 0.4), 26: (0.2, 0.25)},
}
VARIATION = 0.16  # standard deviation of one person's strength of one AU, relative
RESTING = 0.10  # largest strength of an AU that belongs to no emotion: a face is never quite at rest


@dataclass(frozen=True)
class Expression:
    """What the face does.

    Attributes:
        emotion: the label.
        intensity: in [0, 1]; 0 for neutral.
        action_units: strength of each AU of `ACTION_UNITS`, in [0, 1.3]; 1 is the full action.
        asymmetry: in [-1, 1]; how much stronger the image's right (positive) half acts.
    """

    emotion: Emotion
    intensity: float
    action_units: Mapping[int, float]
    asymmetry: float = 0.0


def express(emotion: Emotion, intensity: float) -> Expression:
    """Return the textbook expression: the recipe times ``intensity``, without individual variation."""
    strengths = {unit: RECIPES[emotion].get(unit, 0.0) * intensity for unit in ACTION_UNITS}
    return Expression(emotion, 0.0 if emotion is Emotion.NEUTRAL else intensity, strengths)


def sample_expression(seed: int, item: str, *, emotion: Emotion, intensity: float) -> Expression:
    """Draw an individual's expression of ``emotion``; the same draws scale with every ``intensity`` in [0, 1]."""
    generator = keyed_generator(seed, "drawn expression", item)
    variation = generator.normal(1.0, VARIATION, len(ACTION_UNITS))
    resting = RESTING * generator.random(len(ACTION_UNITS)) ** 3
    chances = generator.random(len(ACTION_UNITS))
    asymmetry = float(generator.normal(0.0, 0.12))
    recipe = dict(RECIPES[emotion])
    strengths: dict[int, float] = {}
    for index, unit in enumerate(ACTION_UNITS):
        probability, strength = _OPTIONAL.get(emotion, {}).get(unit, (0.0, 0.0))
        if chances[index] < probability:
            recipe[unit] = max(recipe.get(unit, 0.0), strength)
        elif unit in recipe and probability:
            recipe[unit] = 0.35 * recipe[unit]
        full = recipe.get(unit, 0.0) * float(variation[index])
        strengths[unit] = min(max(full * intensity + float(resting[index]), 0.0), 1.3)
    return Expression(emotion, 0.0 if emotion is Emotion.NEUTRAL else float(intensity), strengths, asymmetry)
