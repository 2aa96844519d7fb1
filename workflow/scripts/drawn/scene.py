"""Everything about a picture that is neither the person nor the expression: framing, pose, light, place, camera."""

from dataclasses import dataclass

import numpy as np

from drawn.camera import Camera, sample_camera
from drawn.light import Light
from drawn.view import Pose
from synface.core.draws import keyed_generator, keyed_integer

DOMAINS = ("portraits", "faces", "raf", "affectnet")
SIZES = {"portraits": 256, "faces": 128, "raf": 100, "affectnet": 224}


@dataclass(frozen=True)
class Scene:
    """One picture's circumstances. ``scale`` and ``center`` are fractions of the picture's side."""

    seed: int
    domain: str
    scale: float
    center: tuple[float, float]
    pose: Pose
    gaze: tuple[float, float]
    light: Light
    backdrop: str
    backdrop_lab: tuple[tuple[float, float, float], tuple[float, float, float]]
    clothes: str
    clothes_lab: tuple[float, float, float]
    occlusion: str
    camera: Camera


def _unit(x: float, y: float, z: float) -> tuple[float, float, float]:
    length = float(np.sqrt(x * x + y * y + z * z))
    return x / length, y / length, z / length


def _warmth(kelvin: float) -> np.ndarray:
    """Return linear RGB of a black body relative to 5500 K, green 1: a fit good to a few percent, 2500-10000 K."""
    ratio = kelvin / 5500.0
    return np.array([ratio**-0.55, 1.0, ratio**0.75])


def _light(generator: np.random.Generator, domain: str) -> Light:
    wild = domain != "portraits"
    azimuth = np.clip(generator.normal(0, 52 if wild else 38), -105, 105)
    elevation = generator.uniform(5, 60) if wild else generator.uniform(15, 50)
    azimuth_radians, elevation_radians = np.radians([azimuth, elevation])
    key = _unit(
        float(np.sin(azimuth_radians) * np.cos(elevation_radians)),
        float(-np.sin(elevation_radians)),
        float(np.cos(azimuth_radians) * np.cos(elevation_radians) + 0.12),
    )
    kelvin = generator.uniform(3300, 8000) if wild else generator.uniform(4400, 6600)
    fill_kelvin = generator.uniform(4000, 9000) if wild else generator.uniform(5000, 7500)
    contrast = generator.uniform(1.0, 3.0) if wild else generator.uniform(1.3, 2.6)
    if domain == "affectnet":
        kelvin, fill_kelvin = generator.uniform(2800, 9500), generator.uniform(3000, 9500)
    # The camera's white balance takes out most of a cast, never all of it.
    remains = {"portraits": 0.35, "raf": 0.55, "affectnet": 0.75}[domain]
    key_color = contrast * _warmth(kelvin) ** remains
    sky_color = 0.62 * _warmth(fill_kelvin) ** remains
    fill = _unit(-np.sign(azimuth) * generator.uniform(0.3, 0.9), generator.uniform(-0.3, 0.4), 0.7)
    strength = generator.uniform(0.15, 0.5)
    exposure = {"portraits": (0.92, 1.14), "raf": (0.62, 1.12), "affectnet": (0.6, 1.25)}[domain]
    return Light(
        key=key,
        key_color=tuple(float(value) for value in key_color),
        fill=fill,
        fill_color=tuple(float(value) for value in strength * _warmth(fill_kelvin) ** remains),
        sky_color=tuple(float(value) for value in sky_color),
        exposure=float(generator.uniform(*exposure)),
    )


def neutral_light() -> Light:
    """Return white light from the front, for measuring colors."""
    return Light((0.0, -0.2, 0.9797959), (1.0, 1.0, 1.0), (0.0, 0.0, 1.0), (0.4, 0.4, 0.4), (0.8, 0.8, 0.8))


def sample_scene(seed: int, item: str, *, domain: str) -> Scene:
    """Draw the circumstances of picture ``item`` in one of the `DOMAINS`.

    ``faces`` are portraits seen as the editor sees them: cut to the square around MTCNN's box, which is 2.71 head units
    high and lies 0.29 below the eyes (means over drawn portraits), give or take what it varies.
    """
    framing, domain = domain, "portraits" if domain == "faces" else domain
    generator = keyed_generator(seed, f"drawn scene {domain}", item)
    spread = {"portraits": (6.5, 4.0, 3.0), "raf": (8.5, 5.5, 4.0), "affectnet": (8.0, 6.0, 7.0)}[domain]
    angles = [float(np.clip(generator.normal(0, s), -2 * s, 2 * s)) for s in spread]
    scale, height = {
        "portraits": (generator.uniform(0.232, 0.268), generator.uniform(0.452, 0.485)),
        "faces": (generator.uniform(0.345, 0.395), generator.uniform(0.37, 0.42)),
        "raf": (generator.uniform(0.335, 0.375), generator.uniform(0.345, 0.385)),
        "affectnet": (generator.uniform(0.285, 0.345), generator.uniform(0.385, 0.43)),
    }[framing]
    hue, chroma = generator.uniform(0, 2 * np.pi), 34 * generator.random() ** 1.5
    lightness = generator.uniform(18, 88)
    turn = hue + generator.normal(0, 0.7)
    backdrop_lab = (
        (float(lightness), float(chroma * np.cos(hue)), float(chroma * np.sin(hue))),
        (
            float(np.clip(lightness + generator.normal(0, 22), 6, 95)),
            float(0.9 * chroma * np.cos(turn)),
            float(0.9 * chroma * np.sin(turn)),
        ),
    )
    hue, chroma = generator.uniform(0, 2 * np.pi), 45 * generator.random() ** 1.6
    clothes_lab = (float(generator.uniform(10, 90)), float(chroma * np.cos(hue)), float(chroma * np.sin(hue)))
    occlusion = "none"
    chance, kind = generator.random(), generator.random()
    if chance < {"portraits": 0.04, "raf": 0.10, "affectnet": 0.10}[domain]:
        occlusion = ("strand", "hand", "scarf", "object")[int(kind * 4)]
    return Scene(
        seed=keyed_integer(seed, f"drawn scene {domain}", item),
        domain=framing,
        scale=float(scale),
        center=(float(0.5 + generator.normal(0, 0.008)), float(height)),
        pose=Pose(*angles),
        gaze=(float(generator.normal(0, 0.12)), float(generator.normal(0.02, 0.07))),
        light=_light(generator, domain),
        backdrop=str(generator.choice(["plain", "gradient", "bokeh", "room", "nature"], p=[0.16, 0.24, 0.2, 0.2, 0.2])),
        backdrop_lab=backdrop_lab,
        clothes=str(
            generator.choice(["crew", "v-neck", "shirt", "turtleneck", "scoop"], p=[0.32, 0.2, 0.22, 0.12, 0.14])
        ),
        clothes_lab=clothes_lab,
        occlusion=occlusion,
        camera=sample_camera(generator, domain),
    )
