"""The license of a dataset, as far as the configuration knows: the terms of what it was made of, and no other."""

from collections.abc import Sequence
from pathlib import Path

from synface.core.files import atomic_path
from synface.dataset.kinds import Origin, tell_origin

UNKNOWN = "unknown: the configuration does not say"
_DRAWN = ("drawings", "edited drawings", "drawn portraits")

_TEXT = """\
What may be done with the dataset {name}

synface grants nothing here: it made this dataset of what others made, and whoever passes it on has to keep to the terms
of each of these, all at once. Licenses are quoted from the configuration, which is the user's word; synface has not
checked them. Unknown means that nobody has said it, not that anything is allowed: ask before you pass images on.

{terms}
"""


def license_of(origin: Origin) -> str:
    """Return the license of an origin: as configured, or that it is unknown, with what is known all the same."""
    if origin["license"]:
        return str(origin["license"])
    drawn = "drawn by the study's own code, from no picture of anybody else's" if origin["kind"] in _DRAWN else ""
    known = origin.get("terms") or drawn
    return f"{UNKNOWN}; {known}" if known else UNKNOWN


def licenses_of(origins: Sequence[Origin]) -> dict[str, str]:
    """Return the license of everything whose images, edits or labels are in a dataset, by what it is."""
    return {tell_origin(each): license_of(each) for each in origins if each["kind"] != "counts"}


def write_license(path: Path | str, *, name: str, origins: Sequence[Origin]) -> None:
    """Write the text that travels with the dataset ``name``: what it was made of, with the license of each."""
    places = {tell_origin(origin): origin["from"] for origin in origins}
    lines = []
    for what, terms in licenses_of(origins).items():
        lines += [f"- {what}", f"    license: {terms}"]
        if places[what]:
            lines.append(f"    from: {places[what]}")
    with atomic_path(path) as temporary:
        temporary.write_text(_TEXT.format(name=name, terms="\n".join(lines) or f"- {UNKNOWN}"))
