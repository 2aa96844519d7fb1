"""Published files and our own: what loads, and what the message says when it does not."""

import json
import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from synface.compute.weights import write_weights
from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.poster.ir50 import IR50
from synface.poster.loading import (
    METADATA_KEY,
    import_poster,
    load_poster,
    load_pretrained,
    save_mobilefacenet,
    save_poster,
)
from synface.poster.mobilefacenet import MobileFaceNet
from synface.poster.model import Poster


@pytest.fixture
def tiny():
    torch.manual_seed(3)
    return Poster("small", width=0.125, depth=1, input_size=64)


def prefixed(state):
    return {f"module.{key}": value for key, value in state.items()}


class TestPublishedCheckpoint:
    @pytest.fixture
    def path(self, tmp_path):
        path = tmp_path / "rafdb_best.pth"
        yield path
        path.unlink()  # 200 MB, which pytest would keep for three runs

    def test_as_saved_by_the_published_script(self, build, path, images, expected):
        state = prefixed(build("small").state_dict())
        optimizer = {"state": {0: {"step": 3}}, "param_groups": [{"lr": 4e-5, "betas": (0.9, 0.999)}]}
        torch.save({"iter": 5, "model_state_dict": state, "optimizer_state_dict": optimizer}, path)
        model = load_poster(path)
        assert not model.training
        assert (model.config["size"], model.config["token_mixing"]) == ("small", True)
        assert (model.color_order, model.class_names) == ("bgr", LABELS)
        with torch.no_grad():
            found = model(images)
        assert (found - torch.from_numpy(expected["small_raf7/logits"])).abs().max() < 1e-3

    @pytest.mark.parametrize(
        ("classes", "mixing", "names"),
        [
            (7, False, ("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger")),
            (8, True, (*LABELS, "contempt")),
        ],
    )
    def test_seven_and_eight_classes_of_either_version(self, build, path, classes, mixing, names):
        network = build("small", classes, mixing)
        torch.save({"state_dict": prefixed(network.state_dict()), "best_acc": np.float64(0.9)}, path)
        model = load_poster(path)
        assert (model.config["classes"], model.class_names) == (classes, names)
        assert torch.equal(model.head.linear.weight, network.head.linear.weight)

    def test_the_order_of_the_classes_may_be_given(self, build, path, tmp_path):
        alphabetical = ("anger", "contempt", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
        torch.save(build("small", 8, False).state_dict(), path)
        own = tmp_path / "model.safetensors"
        import_poster(checkpoint=path, model=own, color_order="bgr", class_names=alphabetical)
        assert (load_poster(own).class_names, load_poster(own).color_order) == (alphabetical, "bgr")
        own.unlink()
        with pytest.raises(InputError, match=r"has 8 classes; found 7 names of classes for them \(surprise, fear"):
            load_poster(path, class_names=LABELS)

    def test_a_number_of_classes_that_is_not_known_is_told(self, build, path):
        torch.save(build("small", 9, False).state_dict(), path)
        with pytest.raises(InputError, match=r"head\.linear\.weight gives 9 classes; expected 7, or 8 with contempt"):
            load_poster(path)

    def test_as_safetensors_without_facts(self, build, path, images, expected):
        save_file(prefixed(build("small").state_dict()), path)
        model = load_poster(path)
        assert (model.config["size"], model.color_order) == ("small", "bgr")
        with torch.no_grad():
            found = model(images)
        assert (found - torch.from_numpy(expected["small_raf7/logits"])).abs().max() < 1e-3

    def test_affectnet_version_is_told_from_the_keys(self, build, path):
        torch.save(build("small", 8, False).state_dict(), path)
        model = load_poster(path, color_order="bgr")
        assert (model.config["classes"], model.config["token_mixing"], model.color_order) == (8, False, "bgr")
        assert model.class_names == (
            "neutral",
            "happiness",
            "sadness",
            "surprise",
            "fear",
            "disgust",
            "anger",
            "contempt",
        )


class TestForeignFiles:
    def test_code_in_a_pickle_is_refused_and_not_run(self, tmp_path):
        trace = tmp_path / "ran"

        class Payload:
            def __reduce__(self):
                return (open, (str(trace), "w"))

        path = tmp_path / "evil.pth"
        torch.save({"state_dict": Payload()}, path)
        with pytest.raises(InputError, match="pickled code is not run"):
            load_poster(path)
        path.write_bytes(pickle.dumps(Payload(), protocol=2))
        with pytest.raises(InputError):
            load_poster(path)
        assert not trace.exists()

    @pytest.mark.parametrize("name", ["model.pth", "model.safetensors"])
    def test_garbage_and_absence_are_told(self, name, tmp_path):
        with pytest.raises(InputError, match=name):
            load_poster(tmp_path / name)
        (tmp_path / name).write_bytes(b"not a model at all")
        with pytest.raises(InputError, match=name):
            load_poster(tmp_path / name)

    def test_other_network_is_told(self, tmp_path):
        torch.save({"weight": torch.zeros(2)}, tmp_path / "other.pth")
        with pytest.raises(InputError, match="no POSTER checkpoint"):
            load_poster(tmp_path / "other.pth")


class TestOwnFile:
    def test_round_trip(self, tiny, tmp_path):
        tiny.color_order = "bgr"
        save_poster(tiny.to(memory_format=torch.channels_last), tmp_path / "model.safetensors", {"seed": 4})
        loaded = load_poster(tmp_path / "model.safetensors")
        assert loaded.config == tiny.config
        assert loaded.color_order == "bgr"
        images = torch.randn(2, 3, 64, 64)
        with torch.no_grad():
            torch.testing.assert_close(loaded(images), tiny.eval()(images), atol=1e-5, rtol=0)

    @pytest.mark.parametrize("name", ["model.pth", "model"])
    def test_its_suffix_does_not_matter(self, tiny, tmp_path, name):
        save_poster(tiny, tmp_path / "model.safetensors")
        (tmp_path / "model.safetensors").rename(tmp_path / name)
        assert load_poster(tmp_path / name).config == tiny.config

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"config": [1]}, r"says config is \[1\]; expected names and values"),
            ({"config": None}, "says config is None; expected names and values"),
            ({"width": "0.125"}, "says width is '0.125'; expected a number"),
            ({"width": 1e9}, "says width is 1000000000.0; expected a number from 0.001 to 4.0"),
            ({"width": 0.5}, r"does not fit Poster: .*and \d+ more; it is of another network, or of another width"),
            ({"depth": 10**9}, "says depth is 1000000000; expected 1"),
            ({"classes": 8}, "says classes is 8; expected 7"),
            ({"size": "huge"}, "says size is 'huge'; expected one of large, base, small"),
            ({"token_mixing": 1}, "says token_mixing is 1; expected true or false"),
            ({"input_size": 10**9}, "says input_size is 1000000000; expected a whole number from 32"),
            ({"input_size": 66}, "POSTER input size 66 does not fit its token grid"),
            ({"heads": 8}, "config has heads, which no POSTER has"),
            ({"class_names": LABELS[:6]}, "says class_names is .*; expected 7 names, as many as it has classes"),
            ({"class_names": [*LABELS, LABELS[0]]}, "says class_names is .*; expected 7 names"),
            ({"class_names": ["fear"] * 7}, "says class_names is .*; expected 7 names"),
            ({"class_names": [*LABELS[:6], "contempt"]}, "says class_names is .*; expected 7 names, .* among them"),
            ({"class_names": "fear"}, "says class_names is 'fear'; expected 7 names"),
            ({"color_order": "grb"}, "says color_order is 'grb'; expected one of rgb, bgr"),
        ],
    )
    def test_facts_that_cannot_be_are_told(self, tiny, tmp_path, change, message):
        facts = {"config": tiny.config, "color_order": "rgb", "class_names": LABELS}
        if change.keys() <= facts.keys():
            facts |= change
        else:
            facts["config"] = tiny.config | change
        write_weights(tiny, tmp_path / "model.safetensors", METADATA_KEY, facts)
        with pytest.raises(InputError, match=rf"model\.safetensors: {message}"):
            load_poster(tmp_path / "model.safetensors")

    @pytest.mark.parametrize("form", ["own", "published"])
    def test_a_head_without_dimensions_is_told(self, tiny, tmp_path, form):
        state = {key: value.contiguous() for key, value in tiny.state_dict().items()}
        facts = json.dumps({"config": tiny.config, "color_order": "rgb", "class_names": LABELS})
        metadata = {METADATA_KEY: facts} if form == "own" else None
        save_file(state | {"head.linear.weight": torch.tensor(1.0)}, tmp_path / "model.safetensors", metadata)
        with pytest.raises(InputError, match=r"model\.safetensors: no POSTER.*head\.linear\.weight"):
            load_poster(tmp_path / "model.safetensors")

    def test_weights_that_are_not_finite_are_told(self, tiny, tmp_path):
        with torch.no_grad():
            tiny.se_block.linear1.bias[3] = float("nan")
        save_poster(tiny, tmp_path / "model.safetensors")
        with pytest.raises(
            InputError, match=r"se_block\.linear1\.bias has values that are NaN or infinite \(1 of 64\)"
        ):
            load_poster(tmp_path / "model.safetensors")


class TestPretrainedParts:
    @pytest.mark.parametrize("prefix", [False, True])
    def test_load_strictly(self, tiny, tmp_path, prefix):
        torch.manual_seed(8)
        ir50, mobilefacenet = IR50(0.125).state_dict(), MobileFaceNet(0.125).state_dict()
        surplus = {"body.21.res_layer.0.weight": torch.zeros(2)}  # ArcFace's last stage, which POSTER cuts off
        torch.save(prefixed(ir50 | surplus) if prefix else ir50, tmp_path / "ir50.pth")
        torch.save({"state_dict": prefixed(mobilefacenet) if prefix else mobilefacenet}, tmp_path / "m.pth.tar")
        load_pretrained(tiny, ir50=tmp_path / "ir50.pth", mobilefacenet=tmp_path / "m.pth.tar")
        assert torch.equal(tiny.ir_back.body[20].res_layer[3].weight, ir50["body.20.res_layer.3.weight"])
        assert torch.equal(tiny.face_landback.conv1.conv.weight, mobilefacenet["conv1.conv.weight"])

    @pytest.mark.parametrize("form", ["pth", "safetensors"])
    @pytest.mark.parametrize("prefix", ["backbone.", "module.model."])
    def test_in_any_form_and_under_any_name(self, tiny, tmp_path, form, prefix):
        parts = {"ir50": IR50(0.125), "mobilefacenet": MobileFaceNet(0.125)}
        for name, part in parts.items():
            state = {prefix + key: value.double() for key, value in part.state_dict().items()}
            write = save_file if form == "safetensors" else torch.save
            write(state, tmp_path / name)
        load_pretrained(tiny, **{name: tmp_path / name for name in parts})
        assert torch.equal(tiny.ir_back.body[20].res_layer[3].weight, parts["ir50"].body[20].res_layer[3].weight)
        assert torch.equal(tiny.face_landback.conv1.conv.weight, parts["mobilefacenet"].conv1.conv.weight)

    @pytest.mark.parametrize(
        ("facts", "message"),
        [
            ({"settings": [0.125]}, r"says settings is \[0\.125\]; expected names and values"),
            ({"settings": {"width": "0.125"}}, "says width is '0.125'; expected a number"),
            ({"settings": {"input_size": "64"}}, "says input_size is '64'; expected a whole number"),
            ({"settings": {"color_order": 3}}, "says color_order is 3; expected a text"),
        ],
    )
    def test_facts_that_cannot_be_are_told(self, tiny, tmp_path, facts, message):
        save_mobilefacenet(MobileFaceNet(0.125), tmp_path / "m.safetensors", facts)
        with pytest.raises(InputError, match=rf"m\.safetensors: {message}"):
            load_pretrained(tiny, mobilefacenet=tmp_path / "m.safetensors")

    @pytest.mark.parametrize("part", ["ir50", "mobilefacenet"])
    def test_a_page_in_their_place_is_told(self, tiny, tmp_path, part):
        (tmp_path / "part.pth").write_text("<!DOCTYPE html><html><head><title>Google Drive")
        with pytest.raises(InputError, match=r"part\.pth: no weights, but an HTML page"):
            load_pretrained(tiny, **{part: tmp_path / "part.pth"})

    def test_published_entry_counts(self):
        with torch.device("meta"):
            assert len(IR50().state_dict()) == 304
            assert len(MobileFaceNet().state_dict()) == 333

    def test_missing_key_is_named(self, tiny, tmp_path):
        state = IR50(0.125).state_dict()
        del state["output_layer.3.weight"]
        torch.save(state, tmp_path / "ir50.pth")
        with pytest.raises(InputError, match=r"IR50: missing output_layer\.3\.weight"):
            load_pretrained(tiny, ir50=tmp_path / "ir50.pth")
