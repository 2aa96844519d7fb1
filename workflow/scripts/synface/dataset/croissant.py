"""The description of a dataset in Croissant 1.1 (MLCommons), with its vocabulary for responsible AI: `croissant.json`.

What nobody has said is left out: a date of publication, an address and a citation are for whoever publishes the
dataset. Plain JSON; the tests read it with mlcroissant.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from synface.core.counts import SPLITS
from synface.core.emotions import LABELS
from synface.core.files import atomic_path
from synface.core.files import digest as file_digest
from synface.dataset.card import recipe_lines
from synface.dataset.columns import METADATA, NUMBERS
from synface.dataset.kinds import KINDS, Origin, is_synthetic, kinds_in, labels_of, tell_origin
from synface.dataset.license import licenses_of

CONFORMS_TO = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]

# The context that the specification recommends (its appendix 1), with prov for lineage.
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{
        term: f"cr:{term}"
        for term in (
            *("arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field", "fileObject"),
            *("fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5"),
            *("parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate"),
            *("separator", "source", "subField", "transform"),
        )
    },
}
_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".bmp": "image/bmp",
    ".webp": "image/webp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}


def write_croissant(
    path: Path | str,
    *,
    name: str,
    what: str,
    rows: pd.DataFrame,
    recipe: Mapping[str, Any],
    origins: Sequence[Origin],
) -> None:
    """Write ``croissant.json`` into the folder of a dataset, whose tables are there already.

    Args:
        path: the file to write, beside metadata.csv.
        name: of the dataset.
        what: one paragraph.
        rows: of metadata.csv: ``file_name`` says which types of files there are.
        recipe: the facts of how it was made.
        origins: what it was made of.
    """
    folder = Path(path).parent
    tables = ["metadata.csv", "counts.csv", *(f"images/{split}/metadata.csv" for split in SPLITS)]
    sums = {table: file_digest(folder / table) for table in tables}
    description = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": name,
        "description": what,
        "conformsTo": CONFORMS_TO,
        "license": [f"{whose}: {terms}" for whose, terms in licenses_of(origins).items()],
        # Two datasets with this version are equal, byte for byte.
        "version": f"1.0.0+{sums['metadata.csv'][:12]}",
        "keywords": ["facial expression recognition", *(["synthetic"] if is_synthetic(origins) else [])],
        "isLiveDataset": False,
        **_lineage(recipe, origins),
        **_responsible(recipe, origins),
        "distribution": [*(_table(table, sums[table]) for table in tables), *_files(rows["file_name"])],
        "recordSet": _records(rows["file_name"]),
    }
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(description, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _lineage(recipe: Mapping[str, Any], origins: Sequence[Origin]) -> dict[str, Any]:
    """Return what it was made of and how, in the words of W3C's PROV, as Croissant 1.1 asks."""
    return {
        "prov:wasDerivedFrom": [
            {"@type": "prov:Entity", "name": origin["name"], "description": tell_origin(origin)} for origin in origins
        ],
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "name": "synface",
            "description": "\n".join(recipe_lines(recipe)),
        },
    }


def _responsible(recipe: Mapping[str, Any], origins: Sequence[Origin]) -> dict[str, Any]:
    """Return the properties of the vocabulary for responsible AI that synface knows something for."""
    kinds = [KINDS[kind] for kind in kinds_in(origins)]
    tools = [tell_origin(origin) for origin in origins if origin["kind"] in ("generator", "model")]
    return {
        "rai:dataCollection": "; ".join(tell_origin(origin) for origin in origins if origin["kind"] in KINDS),
        "rai:dataPreprocessingProtocol": recipe_lines(recipe),
        "rai:dataAnnotationProtocol": _each(labels_of(kind, origins) for kind in kinds_in(origins)),
        **({"rai:machineAnnotationTools": tools} if tools else {}),
        "rai:dataUseCases": ["Research on how machines recognize facial expressions."],
        "rai:dataLimitations": [
            "A label does not say what a person feels.",
            "Seven emotions, one to an image: none for faces that show several, or none of them.",
        ],
        "rai:dataSocialImpact": "Not to be used, nor models trained on it, to judge people: not for hiring, policing, "
        "education or health.",
        "rai:dataBiases": _each(kind.biases for kind in kinds),
        "rai:personalSensitiveInformation": _each(kind.people.replace("**", "") for kind in kinds),
    }


def _each(sentences) -> list[str]:
    return list(dict.fromkeys(sentences))


def _table(table: str, digest: str) -> dict[str, Any]:
    facts = {"name": table, "contentUrl": table, "encodingFormat": "text/csv", "sha256": digest}
    return {"@type": "cr:FileObject", "@id": table, **facts}


def _files(names: pd.Series) -> list[dict[str, Any]]:
    """Return the images as a set of files; the SHA-256 of each is in metadata.csv."""
    suffixes = sorted({PurePosixPath(name).suffix for name in names})
    types = sorted({_TYPES.get(suffix, "image/*") for suffix in suffixes})
    facts = {"encodingFormat": types, "includes": [f"images/*{suffix}" for suffix in suffixes]}
    return [{"@type": "cr:FileSet", "@id": "image-files", "name": "image-files", **facts}] if len(names) else []


def _records(names: pd.Series) -> list[dict[str, Any]]:
    """Return the splits, the classes in their order, and the images with the fields of metadata.csv."""
    image = {
        **_field("images/image", "sc:ImageObject"),
        "source": {"fileSet": {"@id": "image-files"}, "extract": {"fileProperty": "content"}},
    }
    named = {
        **_field("images/file_name", "sc:Text"),
        "source": {
            "fileSet": {"@id": "image-files"},
            "extract": {"fileProperty": "fullpath"},
            "transform": {"regex": "(.+)"},  # a path becomes text, which can be compared with a column
        },
        "references": _column("file_name"),
    }
    fields = [
        {**_field(f"images/{column}", "sc:Float" if column in NUMBERS else "sc:Text"), "source": _column(column)}
        for column in METADATA[1:]
    ]
    for field in fields:
        if field["name"] == "label":
            field["references"] = {"field": {"@id": "classes/name"}}
        if field["name"] == "split":
            field["references"] = {"field": {"@id": "splits/name"}}
    splits = [{"splits/name": split, "splits/url": f"cr:{_SPLITS[split]}"} for split in SPLITS]
    classes = [{"classes/name": label, "classes/index": index} for index, label in enumerate(LABELS)]
    described = [
        _record_set(
            "splits",
            [_field("splits/name", "sc:Text"), _field("splits/url", "sc:URL")],
            key="splits/name",
            dataType="cr:Split",
            data=splits,
        ),
        _record_set(
            "classes",
            [_field("classes/name", "sc:Text"), _field("classes/index", "sc:Integer")],
            key="classes/name",
            dataType="sc:Enumeration",
            data=classes,
        ),
    ]
    if len(names):
        described.append(_record_set("images", [named, image, *fields], key="images/file_name"))
    return described


_SPLITS = {"train": "TrainingSplit", "test": "TestSplit"}


def _record_set(name: str, fields: list[dict[str, Any]], *, key: str, **facts: Any) -> dict[str, Any]:
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "key": {"@id": key}, **facts, "field": fields}


def _field(name: str, kind: str) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": name, "name": name.partition("/")[2], "dataType": kind}


def _column(column: str) -> dict[str, Any]:
    return {"fileObject": {"@id": "metadata.csv"}, "extract": {"column": column}}
