"""Published files and our own: what loads, and what the message says when it does not."""

import pickle

import pytest
import torch

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.poster.ir50 import IR50
from synface.poster.loading import load_poster, load_pretrained, save_poster
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
