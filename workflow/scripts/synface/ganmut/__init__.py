"""GANmut (D'Apolito et al., CVPR 2021): generators, discriminators and their training."""

from synface.ganmut.checkpoint import load_generator, save_generator
from synface.ganmut.code_space import gamut, import_generator, write_gamut
from synface.ganmut.generator import GaussianGenerator, Generator, LinearGenerator

__all__ = [
    "GaussianGenerator",
    "Generator",
    "LinearGenerator",
    "gamut",
    "import_generator",
    "load_generator",
    "save_generator",
    "write_gamut",
]
