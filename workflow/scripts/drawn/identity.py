"""Who is drawn: proportions, skin, eyes, hair, age. Nothing here depends on the expression or the picture."""

from dataclasses import dataclass

import numpy as np

from synface.core.draws import keyed_generator, keyed_integer

HAIR_STYLES = (
    "bald",
    "buzz",
    "short",
    "side part",
    "swept back",
    "receding",
    "fringe",
    "bob",
    "curtain",
    "long",
    "wavy",
    "bun",
    "afro",
    "curly",
    "headscarf",
)
_MALE = (0.07, 0.16, 0.25, 0.22, 0.13, 0.08, 0.015, 0.0, 0.01, 0.01, 0.005, 0.01, 0.03, 0.04, 0.0)
_FEMALE = (0.0, 0.015, 0.05, 0.04, 0.03, 0.0, 0.11, 0.16, 0.13, 0.16, 0.13, 0.09, 0.04, 0.06, 0.05)

# CIELAB of hair, dark to light, and how often each is found; the last is grey.
_HAIR_COLORS = ((13, 2, 2), (19, 5, 6), (26, 8, 11), (34, 10, 16), (44, 10, 22), (62, 7, 28), (40, 22, 28), (66, 0, 3))
# CIELAB of irises: dark brown, brown, hazel, green, grey, blue.
_IRIS_COLORS = ((20, 10, 13), (30, 15, 22), (44, 6, 26), (50, -8, 18), (56, -3, -4), (52, -6, -18))


@dataclass(frozen=True)
class Hair:
    """A head of hair (or a scarf): color in CIELAB, the rest relative to an average of 0 or 1."""

    style: str
    lab: tuple[float, float, float]
    volume: float
    length: float
    part: float  # position of the parting in head units, negative to the image's left
    line: float  # shift of the hairline in head units, positive is lower


@dataclass(frozen=True)
class Beard:
    """Facial hair: density in [0, 1] of each part; 0 is shaven."""

    shadow: float
    moustache: float
    chin: float
    cheeks: float
    length: float


@dataclass(frozen=True)
class Glasses:
    """Spectacles: half width and half height in head units, corner roundness in [0, 1], frame color in CIELAB."""

    width: float
    height: float
    roundness: float
    thickness: float
    lab: tuple[float, float, float]


@dataclass(frozen=True)
class Identity:
    """A person. Shape factors multiply an average face; shifts are in head units (70 mm); lab is CIELAB (D65)."""

    seed: int
    age: float  # 0: twenty, 1: seventy
    masculinity: float  # 0 to 1: jaw, brow, lips, and which hair is likely
    skin_lab: tuple[float, float, float]
    redness: float
    freckles: float
    gloss: float
    face_width: float
    jaw_width: float
    chin_width: float
    chin_length: float
    cranium: float
    cheekbones: float
    eye_spacing: float
    eye_size: float
    eye_opening: float
    eye_tilt: float
    lid_crease: float  # 0: no visible fold of the upper lid, 1: a deep one
    iris_lab: tuple[float, float, float]
    brow_height: float
    brow_thickness: float
    brow_arch: float
    brow_tilt: float
    nose_length: float
    nose_width: float
    nose_height: float
    philtrum: float
    mouth_width: float
    upper_lip: float
    lower_lip: float
    lip_redness: float
    lipstick: float
    eyeshadow: float
    hair: Hair
    beard: Beard
    glasses: Glasses | None


def _skin(generator: np.random.Generator) -> tuple[float, tuple[float, float, float]]:
    """Draw a skin tone: melanin from very light to very dark sets lightness, blood and melanin the hue.

    The line follows the ten Monk skin tones and measured ranges of CIELAB of human skin (Xiao et al., 2017): b rises
    from light to olive and falls again for dark skin; a rises with blood.
    """
    melanin = float(generator.beta(1.05, 1.25))
    lightness = 77.0 - 47.0 * melanin + generator.normal(0, 1.5)
    blood = generator.normal(0, 1.6)
    a = 9.0 + 9.0 * melanin * (1.0 - 0.75 * melanin) + blood
    b = 15.0 + 21.0 * melanin * (1.0 - melanin) - 1.5 * melanin + generator.normal(0, 1.6)
    return melanin, (float(lightness), float(a), float(b))


def _hair(generator: np.random.Generator, melanin: float, masculinity: float, age: float) -> Hair:
    weights = np.array(_MALE if masculinity > 0.5 else _FEMALE)
    style = str(generator.choice(HAIR_STYLES, p=weights / weights.sum()))
    curl = generator.random()
    if melanin > 0.72 and style in ("long", "curtain", "side part", "swept back") and curl < 0.55:
        style = "afro" if curl < 0.3 else "curly"
    light = np.array([0.30, 0.22, 0.16, 0.12, 0.09, 0.07, 0.04, 0.0])
    dark = np.array([0.62, 0.25, 0.08, 0.03, 0.01, 0.005, 0.005, 0.0])
    weights = light * (1 - melanin) + dark * melanin
    grey = float(np.clip((age - 0.45) * 1.8 + generator.normal(0, 0.25), 0, 1)) if age > 0.4 else 0.0
    color = np.array(_HAIR_COLORS[generator.choice(len(_HAIR_COLORS), p=weights / weights.sum())], float)
    color = color * (1 - grey) + np.array(_HAIR_COLORS[-1]) * grey + generator.normal(0, 1, 3) * (3, 1, 1.5)
    if style == "headscarf":
        hue = generator.uniform(0, 2 * np.pi)
        chroma = generator.uniform(2, 34)
        color = np.array([generator.uniform(18, 82), chroma * np.cos(hue), chroma * np.sin(hue)])
    return Hair(
        style=style,
        lab=(float(np.clip(color[0], 8, 85)), float(color[1]), float(color[2])),
        volume=float(generator.normal(1.0, 0.14)),
        length=float(generator.uniform(0.0, 1.0)),
        part=float(generator.choice([-1, 1]) * generator.uniform(0.0, 0.5)),
        line=float(generator.normal(0.0, 0.05)),
    )


def _beard(generator: np.random.Generator, masculinity: float) -> Beard:
    kind, strength, length = generator.random(), generator.uniform(0.5, 1.0), generator.random()
    shadow = float(generator.uniform(0.0, 0.6)) if masculinity > 0.5 else 0.0
    if masculinity < 0.55 or kind > 0.42:
        return Beard(shadow, 0.0, 0.0, 0.0, 0.0)
    if kind < 0.18:
        return Beard(shadow, strength, strength, strength * 0.9, length)
    if kind < 0.28:
        return Beard(shadow, 0.45 * strength, 0.45 * strength, 0.4 * strength, 0.0)
    if kind < 0.36:
        return Beard(shadow, strength, strength, 0.0, length)
    return Beard(shadow, strength, 0.0, 0.0, length)


def _glasses(generator: np.random.Generator, age: float) -> Glasses | None:
    chance, dark = generator.random(), generator.random()
    width, height = generator.uniform(0.33, 0.39), generator.uniform(0.22, 0.31)
    roundness, thickness = generator.uniform(0.25, 1.0), generator.uniform(0.018, 0.05)
    tone = (12.0, 1.0, 1.0) if dark < 0.55 else ((30.0, 14.0, 20.0) if dark < 0.8 else (60.0, 2.0, 10.0))
    if chance > 0.13 + 0.15 * age:
        return None
    return Glasses(float(width), float(height), float(roundness), float(thickness), tone)


def sample_identity(seed: int, item: str) -> Identity:
    """Draw the person of ``item``."""
    generator = keyed_generator(seed, "drawn identity", item)
    masculinity = float(np.clip(generator.choice([0.18, 0.82]) + generator.normal(0, 0.12), 0, 1))
    age = float(generator.beta(1.1, 1.9))
    melanin, skin_lab = _skin(generator)

    def factor(spread: float, mean: float = 1.0) -> float:
        return float(mean + spread * np.clip(generator.normal(), -2.2, 2.2))

    iris = np.array([0.18, 0.24, 0.16, 0.10, 0.12, 0.20]) * (1 - melanin) ** 1.5
    iris[:2] += (1.6 * melanin, 0.6 * melanin)
    iris_lab = np.array(_IRIS_COLORS[generator.choice(len(_IRIS_COLORS), p=iris / iris.sum())], float)
    iris_lab += generator.normal(0, 1, 3) * (3, 2, 3)
    made_up = masculinity < 0.5
    return Identity(
        seed=keyed_integer(seed, "drawn identity", item),
        age=age,
        masculinity=masculinity,
        skin_lab=skin_lab,
        redness=float(generator.uniform(0.3, 1.0)),
        freckles=float(max(0.0, generator.normal(-0.6, 0.7)) * (1 - melanin)),
        gloss=float(generator.uniform(0.35, 1.0)),
        face_width=factor(0.035, 0.985 + 0.02 * masculinity),
        jaw_width=factor(0.045, 0.915 + 0.12 * masculinity),
        chin_width=factor(0.09, 0.84 + 0.28 * masculinity),
        chin_length=factor(0.035, 0.985 + 0.025 * masculinity),
        cranium=factor(0.03),
        cheekbones=factor(0.25),
        eye_spacing=factor(0.035),
        eye_size=factor(0.055, 1.11 - 0.10 * masculinity),
        eye_opening=factor(0.10, 1.05 - 0.12 * masculinity - 0.10 * age),
        eye_tilt=factor(0.022, 0.02 - 0.02 * age),
        lid_crease=float(np.clip(generator.normal(0.65, 0.35), 0, 1)),
        iris_lab=tuple(float(value) for value in iris_lab),
        brow_height=factor(0.028, 0.012 - 0.03 * masculinity),
        brow_thickness=factor(0.16, 0.80 + 0.42 * masculinity),
        brow_arch=factor(0.35, 1.15 - 0.35 * masculinity),
        brow_tilt=factor(0.018, 0.0),
        nose_length=factor(0.05, 1.0 + 0.03 * age),
        nose_width=factor(0.09, 0.95 + 0.06 * masculinity + 0.16 * melanin),
        nose_height=factor(0.13, 1.0 - 0.12 * melanin),
        philtrum=factor(0.10, 1.0 + 0.05 * age),
        mouth_width=factor(0.06, 0.99 + 0.03 * masculinity),
        upper_lip=factor(0.17, 1.0 - 0.12 * masculinity - 0.25 * age + 0.35 * melanin),
        lower_lip=factor(0.14, 1.0 - 0.06 * masculinity - 0.18 * age + 0.25 * melanin),
        lip_redness=float(generator.uniform(0.4, 1.0)),
        lipstick=float(generator.uniform(0.3, 1.0) * (generator.random() < 0.35) * made_up),
        eyeshadow=float(generator.uniform(0.2, 1.0) * (generator.random() < 0.35) * made_up),
        hair=_hair(generator, melanin, masculinity, age),
        beard=_beard(generator, masculinity),
        glasses=_glasses(generator, age),
    )
