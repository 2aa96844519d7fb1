"""Whose work a study rests on: the sources that its configuration uses, as a list and as BibTeX."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Source:
    """A publication: authors are (given names, family name); ``kind`` is BibTeX's type of entry."""

    key: str
    authors: tuple[tuple[str, str], ...]
    title: str
    venue: str
    year: int
    kind: str = "inproceedings"
    pages: str = ""

    def sentence(self) -> str:
        """Return the entry of a list of references."""
        names = [f"{''.join(f'{part[0]}.' for part in given.split())} {family}" for given, family in self.authors]
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        pages = f", {self.pages}" if self.pages else ""
        return f"{listed}: {self.title}. {self.venue}{pages}, {self.year}."

    def bibtex(self) -> str:
        """Return the BibTeX entry."""
        where = {"inproceedings": "booktitle", "article": "journal", "mastersthesis": "school"}.get(self.kind)
        fields = {
            "author": " and ".join(f"{family}, {given}" for given, family in self.authors),
            "title": f"{{{self.title}}}",
            where or "howpublished": self.venue,
            "year": str(self.year),
            "pages": self.pages.replace("\u2013", "--"),
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join([f"@{self.kind}{{{self.key},", *lines, "}"])


STUDY = Source(
    "yildirim2024",
    (("Ömer", "Yıldırım"),),
    "Synthetic Data Generation for Facial Expression Recognition",
    "Graduation project (advisor: Hazım Kemal Ekenel), Istanbul Technical University",
    2024,
    "misc",
)
GANMUT = Source(
    "dapolito2021ganmut",
    (
        ("Stefano", "d'Apolito"),
        ("Danda Pani", "Paudel"),
        ("Zhiwu", "Huang"),
        ("Andrés", "Romero"),
        ("Luc", "Van Gool"),
    ),
    "GANmut: Learning Interpretable Conditional Space for Gamut of Emotions",
    "IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)",
    2021,
    pages="568\u2013577",
)
POSTER = Source(
    "zheng2023poster",
    (("Ce", "Zheng"), ("Matias", "Mendieta"), ("Chen", "Chen")),
    "POSTER: A Pyramid Cross-Fusion Transformer Network for Facial Expression Recognition",
    "IEEE/CVF International Conference on Computer Vision Workshops (ICCVW)",
    2023,
    pages="3138\u20133147",
)
MTCNN = Source(
    "zhang2016mtcnn",
    (("Kaipeng", "Zhang"), ("Zhanpeng", "Zhang"), ("Zhifeng", "Li"), ("Yu", "Qiao")),
    "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional Networks",
    "IEEE Signal Processing Letters 23(10)",
    2016,
    "article",
    "1499\u20131503",
)
COLOR_TRANSFER = Source(
    "reinhard2001color",
    (("Erik", "Reinhard"), ("Michael", "Ashikhmin"), ("Bruce", "Gooch"), ("Peter", "Shirley")),
    "Color Transfer between Images",
    "IEEE Computer Graphics and Applications 21(5)",
    2001,
    "article",
    "34\u201341",
)
COVARIANCE_TRANSFER = Source(
    "pitie2007linear",
    (("François", "Pitié"), ("Anil", "Kokaram")),
    "The Linear Monge-Kantorovitch Linear Colour Mapping for Example-Based Colour Transfer",
    "IET European Conference on Visual Media Production (CVMP)",
    2007,
)
TRANSPORT = Source(
    "ferradans2014regularized",
    (("Sira", "Ferradans"), ("Nicolas", "Papadakis"), ("Gabriel", "Peyré"), ("Jean-François", "Aujol")),
    "Regularized Discrete Optimal Transport",
    "SIAM Journal on Imaging Sciences 7(3)",
    2014,
    "article",
    "1853\u20131882",
)
PYRAMID = Source(
    "burt1983multiresolution",
    (("Peter J.", "Burt"), ("Edward H.", "Adelson")),
    "A Multiresolution Spline with Application to Image Mosaics",
    "ACM Transactions on Graphics 2(4)",
    1983,
    "article",
    "217\u2013236",
)
POISSON = Source(
    "perez2003poisson",
    (("Patrick", "Pérez"), ("Michel", "Gangnet"), ("Andrew", "Blake")),
    "Poisson Image Editing",
    "ACM Transactions on Graphics 22(3)",
    2003,
    "article",
    "313\u2013318",
)
SAM = Source(
    "foret2021sam",
    (("Pierre", "Foret"), ("Ariel", "Kleiner"), ("Hossein", "Mobahi"), ("Behnam", "Neyshabur")),
    "Sharpness-Aware Minimization for Efficiently Improving Generalization",
    "International Conference on Learning Representations (ICLR)",
    2021,
)
RAF_DB = Source(
    "li2017rafdb",
    (("Shan", "Li"), ("Weihong", "Deng"), ("JunPing", "Du")),
    "Reliable Crowdsourcing and Deep Locality-Preserving Learning for Expression Recognition in the Wild",
    "IEEE Conference on Computer Vision and Pattern Recognition (CVPR)",
    2017,
)
AFFECTNET = Source(
    "mollahosseini2019affectnet",
    (("Ali", "Mollahosseini"), ("Behzad", "Hasani"), ("Mohammad H.", "Mahoor")),
    "AffectNet: A Database for Facial Expression, Valence, and Arousal Computing in the Wild",
    "IEEE Transactions on Affective Computing 10(1)",
    2019,
    "article",
    "18\u201331",
)
READERS = Source(
    "obuchowski1995readers",
    (("Nancy A.", "Obuchowski"), ("Howard E.", "Rockette")),
    "Hypothesis Testing of Diagnostic Accuracy for Multiple Readers and Multiple Tests: An ANOVA Approach with "
    "Dependent Observations",
    "Communications in Statistics: Simulation and Computation 24(2)",
    1995,
    "article",
    "285\u2013308",
)
FREEDOM = Source(
    "hillis2007freedom",
    (("Stephen L.", "Hillis"),),
    "A Comparison of Denominator Degrees of Freedom Methods for Multiple Observer ROC Analysis",
    "Statistics in Medicine 26(3)",
    2007,
    "article",
    "596\u2013619",
)
HOLM = Source(
    "holm1979",
    (("Sture", "Holm"),),
    "A Simple Sequentially Rejective Multiple Test Procedure",
    "Scandinavian Journal of Statistics 6(2)",
    1979,
    "article",
    "65\u201370",
)
EQUIVALENCE = Source(
    "schuirmann1987",
    (("Donald J.", "Schuirmann"),),
    "A Comparison of the Two One-Sided Tests Procedure and the Power Approach for Assessing the Equivalence of Average "
    "Bioavailability",
    "Journal of Pharmacokinetics and Biopharmaceutics 15(6)",
    1987,
    "article",
    "657\u2013680",
)


# By the name of a method of color transfer or blending.
_ADAPTATION = {
    "lab": COLOR_TRANSFER,
    "lab-skin": COLOR_TRANSFER,
    "mkl": COVARIANCE_TRANSFER,
    "transport": TRANSPORT,
    "pyramid": PYRAMID,
    "poisson": POISSON,
}


def sources_of(config: Mapping[str, Any]) -> list[Source]:
    """Return what a study rests on, by its configuration: the one it repeats, then methods, sets, statistics."""
    return list(_cited(config))


def _cited(config: Mapping[str, Any]) -> Iterator[Source]:
    datasets = config["datasets"].values()
    synthetic = [entry["synthetic"] for entry in datasets if "synthetic" in entry]
    natural = [entry["natural"] for entry in datasets if "natural" in entry]
    drawn = {f"results/drawings/{name}" for name in config.get("drawings", {})}
    layouts = {entry["layout"] for entry in natural if entry.get("path") not in drawn}
    yield STUDY
    if synthetic:
        yield GANMUT
        yield MTCNN
    used = {entry[stage]["method"] for entry in synthetic for stage in ("color", "blend")}
    yield from dict.fromkeys(source for method, source in _ADAPTATION.items() if method in used)
    yield POSTER
    if any(model.get("optimizer") == "sam" for model in config.get("models", {}).values()):
        yield SAM
    if "raf-db" in layouts:
        yield RAF_DB
    if "affectnet" in layouts:
        yield AFFECTNET
    yield from (READERS, FREEDOM, HOLM, EQUIVALENCE)


def bibtex_of(sources: Sequence[Source]) -> str:
    """Return the BibTeX entries of ``sources``."""
    return "\n\n".join(source.bibtex() for source in sources)
