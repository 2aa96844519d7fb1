"""POSTER's weights: the published files, and our own safetensors that know how they were built."""

import logging
import re
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from synface.compute.weights import load_strictly, read_state, read_weights, write_weights
from synface.core.emotions import AFFECTNET, LABELS
from synface.core.errors import InputError
from synface.poster.mobilefacenet import MobileFaceNet
from synface.poster.model import DEPTHS, Poster

logger = logging.getLogger(__name__)

METADATA_KEY = "synface.poster"
LANDMARKS_KEY = "synface.mobilefacenet"
# ArcFace's IR50 has a fourth stage of three blocks, which POSTER cuts off and files of the whole network still hold.
ARCFACE_LAST_STAGE = re.compile(r"body\.2[123]\.")


def load_poster(path: Path | str, *, color_order: str | None = None) -> Poster:
    """Load a trained POSTER in evaluation mode, from our safetensors or a published ``.pth``.

    A published file may wrap its tensors in ``model_state_dict`` or ``state_dict`` and prefix its keys with
    ``module.``; the keys say size, number of classes and token mixing. It does not say how it was fed:
    with token mixing (the RAF-DB version) BGR and RAF-DB's label order are assumed, without (the AffectNet version)
    RGB and AffectNet's.

    Args:
        path: the file.
        color_order: ``"rgb"`` or ``"bgr"``, when the assumption above is wrong.

    Raises:
        InputError: an unreadable file, or a missing, surplus or misshapen tensor, which is named.
    """
    path = Path(path)
    if path.suffix == ".safetensors":
        state, facts = _read_own(path)
        model = Poster(**facts["config"])
        model.color_order, model.class_names = facts["color_order"], tuple(facts["class_names"])
    else:
        state = read_state(path)
        model = _published_layout(state, path)
    load_strictly(model, state, str(path))
    if color_order is not None:
        model.color_order = color_order
    return model.eval()


def save_poster(model: Poster, path: Path | str, facts: Mapping[str, object] | None = None) -> None:
    """Write ``model`` as safetensors with what `load_poster` needs, and any further ``facts`` that fit into JSON."""
    described = {
        **(facts or {}),
        "config": model.config,
        "color_order": model.color_order,
        "class_names": list(model.class_names),
    }
    write_weights(model, path, METADATA_KEY, described)


def save_mobilefacenet(network: MobileFaceNet, path: Path | str, facts: Mapping[str, object]) -> None:
    """Write a landmark network as safetensors; ``facts["settings"]`` says for which POSTER it was trained.

    `load_pretrained` compares its ``width``, ``input_size`` and ``color_order``.
    """
    write_weights(network, path, LANDMARKS_KEY, facts)


def load_pretrained(model: Poster, *, ir50: Path | str | None = None, mobilefacenet: Path | str | None = None) -> None:
    """Load pretrained parts into ``model``, strictly: the published files, or what `save_mobilefacenet` wrote.

    Published are ``ir50.pth`` and ``mobilefacenet_model_best.pth.tar``. The one surplus that is accepted is ArcFace's
    last stage (``body.21`` to ``body.23``), which POSTER does not have.
    """
    if ir50 is not None:
        state = {key: value for key, value in read_state(ir50).items() if not ARCFACE_LAST_STAGE.match(key)}
        load_strictly(model.ir_back, state, str(ir50))
    if mobilefacenet is not None:
        if Path(mobilefacenet).suffix == ".safetensors":
            state, facts = read_weights(mobilefacenet, LANDMARKS_KEY)
            _check_fit(model, facts.get("settings", {}), str(mobilefacenet))
        else:
            state = read_state(mobilefacenet)
        load_strictly(model.face_landback, state, str(mobilefacenet))


def _check_fit(model: Poster, trained: Mapping[str, object], name: str) -> None:
    """Compare what a landmark network was trained for with the POSTER that is to use it."""
    width = model.config["width"]
    if trained.get("width", width) != width:
        raise InputError(
            f"{name}: a landmark network of width {trained['width']} in a POSTER of width {width}; "
            "give both the same width"
        )
    for key, wanted in (("input_size", model.config["input_size"]), ("color_order", model.color_order)):
        if trained.get(key, wanted) != wanted:
            logger.warning("%s was trained with %s %s and is used with %s", name, key, trained[key], wanted)


def _read_own(path: Path) -> tuple[dict[str, Tensor], dict]:
    state, facts = read_weights(path, METADATA_KEY)
    if "config" not in facts:
        raise InputError(f"{path}: no POSTER written by synface (its metadata lacks {METADATA_KEY})")
    return state, facts


def _published_layout(state: Mapping[str, Tensor], path: Path) -> Poster:
    """Build the network that ``state`` was saved from, as far as its keys tell; the rest is checked when loading."""
    blocks = {int(match[1]) for key in state if (match := re.match(r"pyramid_fuse\.blocks\.(\d+)\.", key))}
    sizes = {depth: size for size, depth in DEPTHS.items()}
    head = state.get("head.linear.weight")
    if len(blocks) not in sizes or head is None:
        raise InputError(
            f"{path}: no POSTER checkpoint: {len(blocks)} pyramid blocks (expected {', '.join(map(str, sizes))}) and "
            f"{'no ' if head is None else ''}head.linear.weight"
        )
    mixing = "pyramid_fuse.blocks.0.block_l.conv.weight" in state
    model = Poster(sizes[len(blocks)], head.shape[0], mixing)
    model.color_order = "bgr" if mixing else "rgb"
    if not mixing:
        affectnet = (*(AFFECTNET[code].label for code in sorted(AFFECTNET)), "contempt")
        model.class_names = affectnet[: head.shape[0]]
    elif head.shape[0] > len(LABELS):
        model.class_names = (*LABELS, "contempt")[: head.shape[0]]
    return model
