"""ExpW (Zhang et al., 2018): `image/` and `label.lst`, which has a line for each labelled face of a photograph.

`name face_id top left right bottom confidence label`, labels in FER2013's order.
"""

from synface.core.errors import InputError
from synface.dataset.layouts.folder import SetFolder, first_of, is_image_name
from synface.dataset.layouts.rows import Row, listing_of
from synface.dataset.layouts.texts import read_text
from synface.dataset.layouts.words import FER2013_CODES, Classes
from synface.dataset.listing import Listing

_FIELDS = "a name, a face number, top, left, right, bottom, confidence and label"


def has_face_list(folder: SetFolder) -> bool:
    """Tell whether the list is there."""
    return bool(folder.matching(r"label\.lst"))


def list_faces(folder: SetFolder, split: str, classes: Classes | None) -> Listing:
    """List every labelled face with its box; the set has no split, so ``split`` must say which it becomes."""
    if split == "all":
        raise InputError(f"{folder.root}: ExpW has no split; set `split` to train, val or test, or `test_fraction`")
    table = first_of(folder.matching(r"label\.lst"))
    assert table is not None
    place = folder.root / table
    rows = []
    for number, line in enumerate(read_text(place).splitlines(), start=1):
        fields = line.rsplit(maxsplit=7)
        if not fields:
            continue
        where = f"{table}, line {number}"
        if len(fields) != 8:
            raise InputError(f"{folder.root / where}: expected {_FIELDS}, found {line.strip()!r}")
        name, face, top, left, right, bottom, _, label = fields
        key = f"{'train' if split == 'train' else 'test'}/{name.rpartition('.')[0]}-{face}"
        rows.append(Row(name, label, split, where, key=key, box=[left, top, right, bottom]))
    above = [path for path in folder.folders if path.rpartition("/")[2].lower() in ("image", "images", "origin")]
    listing = listing_of(folder, rows, classes or FER2013_CODES, [*sorted(above), ""])
    listing.beside |= {path for path in folder.files if not is_image_name(path)}
    return listing
