"""POSTER's weights: the published files, and our own safetensors that know how they were built."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from synface.compute.facts import read_fact
from synface.compute.filetype import shown
from synface.compute.weights import check_fit, load_strictly, read_weights, write_weights
from synface.core.emotions import AFFECTNET, LABELS
from synface.core.errors import InputError
from synface.poster.ir50 import IR50
from synface.poster.mobilefacenet import MobileFaceNet
from synface.poster.model import DEPTHS, Poster

logger = logging.getLogger(__name__)

METADATA_KEY = "synface.poster"
LANDMARKS_KEY = "synface.mobilefacenet"
IMAGES_KEY = "synface.ir50"
HEAD = "head.linear.weight"
LEAST_WIDTH, MOST_WIDTH = 1e-3, 4.0  # factors on the published channels
MOST_PIXELS = 4096  # per side
# ArcFace's IR50 has a fourth stage of three blocks, which POSTER cuts off and files of the whole network still hold.
ARCFACE_LAST_STAGE = re.compile(r"body\.2[123]\.")


def load_poster(
    path: Path | str, *, color_order: str | None = None, class_names: Sequence[str] | None = None
) -> Poster:
    """Load a trained POSTER in evaluation mode, from our safetensors or a published ``.pth``; its content tells which.

    A published file may wrap its tensors in dictionaries (``model_state_dict``) and set the same before all its keys
    (``module.``); the keys say size, number of classes and token mixing. It does not say how it was fed:
    with token mixing (the RAF-DB version) BGR and RAF-DB's label order are assumed, without (the AffectNet version)
    RGB and AffectNet's.

    Args:
        path: the file.
        color_order: ``"rgb"`` or ``"bgr"``, when the assumption above is wrong.
        class_names: the emotion of each output, when the assumption above is wrong.

    Raises:
        InputError: an unreadable file, facts in it that cannot be, a missing, surplus or misshapen tensor, which is
            named, or ``class_names`` for another number of classes.
    """
    name = str(path)
    state, facts = read_weights(path, METADATA_KEY, marks=(HEAD,))
    layout = _own_layout(facts, state, name) if facts else _published_layout(state, name)
    try:
        # Compared without memory first.
        with torch.device("meta"):
            check_fit(Poster(**layout.config), state, name)
    except ValueError as error:
        raise error if isinstance(error, InputError) else InputError(f"{name}: {error}; write the file again") from None
    model = Poster(**layout.config)
    model.color_order, model.class_names = color_order or layout.color_order, tuple(class_names or layout.class_names)
    if len(model.class_names) != layout.config["classes"]:
        raise InputError(
            f"{name}: has {layout.config['classes']} classes; found {len(model.class_names)} names of classes for them "
            f"({', '.join(model.class_names)}); name each"
        )
    load_strictly(model, state, name)
    return model.eval()


def import_poster(
    *, checkpoint: Path | str, model: Path | str, color_order: str | None, class_names: Sequence[str] | None
) -> None:
    """Turn a published or own checkpoint into the file that the other stages read; arguments as of `load_poster`."""
    loaded = load_poster(checkpoint, color_order=color_order, class_names=class_names)
    save_poster(loaded, model, {"checkpoint": Path(checkpoint).name})
    logger.info(
        "%s: POSTER %s with%s token mixing, %s images, its outputs being %s",
        checkpoint,
        loaded.config["size"],
        "" if loaded.config["token_mixing"] else "out",
        loaded.color_order,
        ", ".join(loaded.class_names),
    )


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


def save_ir50(network: IR50, path: Path | str, facts: Mapping[str, object]) -> None:
    """Write an image network as safetensors, with facts as those of `save_mobilefacenet`.

    It need not have ArcFace's embedding, ``output_layer``, which POSTER never calls.
    """
    write_weights(network, path, IMAGES_KEY, facts)


def load_pretrained(model: Poster, *, ir50: Path | str | None = None, mobilefacenet: Path | str | None = None) -> None:
    """Load pretrained parts into ``model``, strictly: the published files, or what was trained here.

    Published are ``ir50.pth`` and ``mobilefacenet_model_best.pth.tar``. The one surplus that is accepted is ArcFace's
    last stage (``body.21`` to ``body.23``), which POSTER does not have. Raises `InputError` as `load_poster` does.
    """
    if ir50 is not None:
        state, facts = read_weights(ir50, IMAGES_KEY, marks=("input_layer.0.weight",))
        _check_training(model, facts, str(ir50), "an image network")
        state = {key: value for key, value in state.items() if not ARCFACE_LAST_STAGE.match(key)}
        if facts:
            own = model.ir_back.state_dict()
            state = {key: value for key, value in own.items() if key.startswith("output_layer.")} | state
        load_strictly(model.ir_back, state, str(ir50))
    if mobilefacenet is not None:
        state, facts = read_weights(mobilefacenet, LANDMARKS_KEY, marks=("conv1.conv.weight",))
        _check_training(model, facts, str(mobilefacenet), "a landmark network")
        load_strictly(model.face_landback, state, str(mobilefacenet))


def _check_training(model: Poster, facts: Mapping[str, Any], name: str, kind: str) -> None:
    """Compare what a part was trained for, where it says so, with the POSTER that is to use it."""
    trained = facts.get("settings", {})
    if not isinstance(trained, Mapping):
        raise InputError(f"{name}: says settings is {shown(repr(trained))}; expected names and values; write it again")
    width = model.config["width"]
    own = read_fact(trained, "width", float, width, name=name)
    if own != width:
        raise InputError(f"{name}: {kind} of width {own} in a POSTER of width {width}; give both the same width")
    for key, wanted in (("input_size", model.config["input_size"]), ("color_order", model.color_order)):
        value = read_fact(trained, key, type(wanted), wanted, name=name)
        if value != wanted:
            logger.warning("%s was trained with %s %s and is used with %s", name, key, value, wanted)


@dataclass(frozen=True)
class _Layout:
    """What a network is built after, and how it is fed and read."""

    config: dict[str, Any]
    color_order: str
    class_names: tuple[str, ...]


def _own_layout(facts: Mapping[str, Any], state: Mapping[str, Tensor], name: str) -> _Layout:
    """Return what a file of ours says of itself, as far as it can be."""
    config = facts.get("config")
    if not isinstance(config, Mapping):
        found = shown(repr(config)) if "config" in facts else "none"
        raise InputError(f"{name}: says config is {found}; expected names and values; write the file again")
    head = state.get(HEAD)
    if head is None or head.ndim != 2:
        raise InputError(f"{name}: no POSTER: expected {HEAD} with two dimensions; give the file of a whole POSTER")
    classes, blocks = head.shape[0], len(_blocks(state))
    size = read_fact(config, "size", str, name=name, among=tuple(DEPTHS))
    known = {
        "size": size,
        "classes": read_fact(config, "classes", int, name=name, least=classes, most=classes),
        "token_mixing": read_fact(config, "token_mixing", bool, name=name),
        "width": read_fact(config, "width", float, name=name, least=LEAST_WIDTH, most=MOST_WIDTH),
        "depth": read_fact(config, "depth", int, DEPTHS[size], name=name, least=blocks, most=blocks),
        "input_size": read_fact(config, "input_size", int, name=name, least=32, most=MOST_PIXELS),
    }
    if surplus := sorted(set(config) - set(known)):
        raise InputError(f"{name}: config has {shown(surplus[0])}, which no POSTER has; write the file again")
    names = facts.get("class_names")
    texts = isinstance(names, list) and all(isinstance(one, str) for one in names)
    if not texts or len(names) != classes or len(set(names)) != classes or not set(LABELS) <= set(names):
        raise InputError(
            f"{name}: says class_names is {shown(repr(names))}; expected {classes} names, as many as it has classes, "
            f"among them {', '.join(LABELS)}; write the file again"
        )
    return _Layout(known, read_fact(facts, "color_order", str, name=name, among=("rgb", "bgr")), tuple(names))


def _published_layout(state: Mapping[str, Tensor], name: str) -> _Layout:
    """Return what network ``state`` was saved from, as far as its keys tell; the rest is checked when loading."""
    blocks = _blocks(state)
    sizes = {depth: size for size, depth in DEPTHS.items()}
    head = state.get(HEAD)
    if len(blocks) not in sizes or head is None or head.ndim != 2:
        raise InputError(
            f"{name}: no POSTER checkpoint: {len(blocks)} pyramid blocks (expected {', '.join(map(str, sizes))}) and "
            f"{'no ' if head is None else ''}{HEAD}; give the file of a whole POSTER"
        )
    classes = head.shape[0]
    if classes not in (len(LABELS), len(LABELS) + 1):
        raise InputError(
            f"{name}: {HEAD} gives {classes} classes; expected {len(LABELS)}, or {len(LABELS) + 1} with contempt, "
            "since the file does not say what they are; give a file of ours (safetensors), which does"
        )
    mixing = "pyramid_fuse.blocks.0.block_l.conv.weight" in state
    labels = LABELS if mixing else tuple(AFFECTNET[code].label for code in sorted(AFFECTNET))
    return _Layout(
        {"size": sizes[len(blocks)], "classes": classes, "token_mixing": mixing},
        "bgr" if mixing else "rgb",
        (*labels, "contempt")[:classes],
    )


def _blocks(state: Mapping[str, Tensor]) -> set[int]:
    """Return the numbers of the pyramid blocks."""
    return {int(match[1]) for key in state if (match := re.match(r"pyramid_fuse\.blocks\.(\d{1,4})\.", key))}
