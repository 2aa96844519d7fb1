"""PyTorch's files are read as data: what is harmless beside a state may stand there, what would run is named."""

import argparse
import collections
import copyreg
import datetime
import decimal
import io
import os
import pathlib
import pickle
import pickletools
import struct
import subprocess
import sys
import types
import uuid
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

from synface.compute.pickles import examine
from synface.compute.plain import Beside
from synface.compute.weights import read_weights
from synface.core.errors import InputError

WEIGHT = torch.tensor([1.5, -2.0, 0.25])
STATE = {"layer.weight": WEIGHT}
ZONE = datetime.timezone(datetime.timedelta(hours=2))
FORMS = pytest.mark.parametrize("form", ["zip", "legacy"])


class RecorderMeter:
    """POSTER_V2's training script saves one beside the state."""

    def __init__(self):
        self.losses = np.zeros(3)


class Payload:
    """Leaves a trace when a pickle of it is followed."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def save(content, path, form):
    torch.save(content, path, _use_new_zipfile_serialization=form == "zip")
    return path


def refusal(path, **options):
    """Return the message with which a file is refused: one line, that no terminal obeys, without PyTorch's advice."""
    with pytest.raises(InputError) as error:
        read_weights(path, **options)
    message = str(error.value)
    assert message.isprintable()
    assert message.startswith(f"{path}: ")
    for advice in (
        "only if you trust",
        "add_safe_globals",
        "can still be loaded",
        "file an issue",
        "weights_only=True",
    ):
        assert advice not in message
    return message


HARMLESS = {
    "numpy number": np.int64(1_000_000),
    "numpy float": np.float64(0.93),
    "numpy truth": np.bool_(True),
    "numpy text": np.str_("best"),
    "numpy array": np.arange(6.0).reshape(2, 3),
    "numpy array of texts": np.array(["happiness", "fear"]),
    "numpy record": np.zeros(2, dtype=[("loss", "f4"), ("name", "U3")]),
    "numpy type": np.float32,
    "numpy dtype": np.dtype("f8"),
    "numpy class of a dtype": type(np.dtype("f8")),
    "numpy date": np.datetime64("2024-05-01"),
    "numpy's random state": np.random.RandomState(1).get_state(),
    "numpy's random generator": np.random.default_rng(1),
    "namespace": argparse.Namespace(lr=4e-5, out=pathlib.PurePosixPath("runs/a"), best=np.float64(0.9)),
    "simple namespace": types.SimpleNamespace(lr=4e-5),
    "dictionary with a default": collections.defaultdict(list, losses=[1.0, np.float32(0.5)]),
    "nested default": collections.defaultdict(dict, {1: collections.defaultdict(int, a=2)}),
    "ordered": collections.OrderedDict(a=1),
    "counter": collections.Counter("abca"),
    "deque": collections.deque([1.0, 2.0], maxlen=5),
    "path": pathlib.Path("runs/a"),
    "path of Windows": pathlib.PureWindowsPath("c:/runs/a"),
    "time": datetime.datetime(2024, 5, 1, 12, tzinfo=ZONE),
    "day": datetime.date(2024, 5, 1),
    "span": datetime.timedelta(hours=3),
    "decimal": decimal.Decimal("0.93"),
    "uuid": uuid.UUID(int=7),
    "set": {1, 2},
    "frozen set": frozenset([1]),
    "bytes": b"\x00\xff",
    "no bytes": b"",
    "complex": 1 + 2j,
    "range": range(3),
    "slice": slice(1, 2),
    "type": int,
    "large number": 10**50,
    "torch's dtype": torch.float16,
    "torch's random state": torch.get_rng_state(),
}


class TestHarmless:
    @FORMS
    @pytest.mark.parametrize("what", HARMLESS)
    def test_it_may_stand_beside_a_state(self, tmp_path, form, what):
        path = save({"state_dict": STATE, "extra": HARMLESS[what], "list": [HARMLESS[what]]}, tmp_path / "a.pth", form)
        state, _ = read_weights(path)
        assert list(state) == ["layer.weight"]
        assert torch.equal(state["layer.weight"], WEIGHT)

    @pytest.mark.parametrize("module", ["numpy.core.multiarray", "numpy._core.multiarray"])
    def test_names_of_numpy_1_and_2(self, tmp_path, module):
        names = zipfile.ZipFile(save({"state_dict": STATE, "best": np.float64(0.9)}, tmp_path / "a.pth", "zip"))
        with zipfile.ZipFile(tmp_path / "b.pth", "w") as renamed:
            for name in names.namelist():
                content = names.read(name)
                if name.endswith("data.pkl"):
                    assert content.count(b"cnumpy._core.multiarray\nscalar\n") == 1
                    content = content.replace(b"cnumpy._core.multiarray\n", f"c{module}\n".encode())
                renamed.writestr(name, content)
        assert torch.equal(read_weights(tmp_path / "b.pth")[0]["layer.weight"], WEIGHT)

    @FORMS
    def test_a_state_may_be_a_dictionary_with_a_default(self, tmp_path, form):
        path = save(collections.defaultdict(torch.Tensor, STATE), tmp_path / "a.pth", form)
        assert torch.equal(read_weights(path)[0]["layer.weight"], WEIGHT)

    @FORMS
    def test_parameters_are_tensors(self, tmp_path, form):
        path = save({"layer.weight": nn.Parameter(WEIGHT)}, tmp_path / "a.pth", form)
        assert torch.equal(read_weights(path)[0]["layer.weight"], WEIGHT)

    def test_nothing_stays_admitted(self, tmp_path):
        before = torch.serialization.get_safe_globals()
        read_weights(save({"state_dict": STATE, "best": np.float64(0.9)}, tmp_path / "a.pth", "zip"))
        assert torch.serialization.get_safe_globals() == before

    def test_what_stands_for_it_takes_anything_and_keeps_nothing(self):
        beside = Beside(1, "two")
        beside.__setstate__({"losses": [1]})
        assert vars(beside) == {}


class TestObjects:
    @FORMS
    def test_its_class_is_named(self, tmp_path, form):
        path = save({"recorder": RecorderMeter(), "state_dict": STATE}, tmp_path / "best.pth", form)
        message = refusal(path)
        assert f"holds an object of {RecorderMeter.__module__}.RecorderMeter, whose code would have to run" in message
        line = 'torch.save(torch.load("best.pth", map_location="cpu", weights_only=False)["state_dict"], "state.pth")'
        assert line in message

    @FORMS
    @pytest.mark.parametrize("wrap", [lambda network: network, lambda network: {"model": network}, nn.DataParallel])
    def test_a_whole_network_is_named(self, tmp_path, form, wrap):
        # Its layers stand for those of any user's class.
        network = wrap(nn.Sequential(nn.Conv2d(3, 2, 1)))
        message = refusal(save(network, tmp_path / "whole.pth", form))
        kind = (
            "parallel.data_parallel.DataParallel" if isinstance(network, nn.DataParallel) else "modules.container.Seq"
        )
        assert f"holds a whole network of torch.nn.{kind}" in message
        found = '["model"]' if isinstance(network, dict) else ""
        assert f'torch.load("whole.pth", map_location="cpu", weights_only=False){found}.state_dict(),' in message

    @FORMS
    def test_a_scheduler_of_pytorch_is_an_object_too(self, tmp_path, form):
        optimizer = torch.optim.SGD([nn.Parameter(WEIGHT)], lr=1.0)
        scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
        message = refusal(save({"G": STATE, "scheduler": scheduler}, tmp_path / "a.pth", form))
        assert "holds an object of torch.optim.lr_scheduler.ExponentialLR" in message
        assert 'weights_only=False)["G"]' in message

    @FORMS
    def test_a_function_is_called_and_not_run(self, tmp_path, form):
        trace = tmp_path / "ran"
        message = refusal(save({"state_dict": STATE, "a": Payload(trace)}, tmp_path / "a.pth", form))
        assert "calls io.open, whose code would have to run, and pickled code is not run" in message
        assert not trace.exists()

    @pytest.mark.parametrize("name", ["os.system", "builtins.eval", "builtins.getattr", "torch.load", "numpy.load"])
    def test_no_function_hides_among_what_is_harmless(self, tmp_path, name):
        module, _, own = name.rpartition(".")
        content = pickle.PROTO + b"\x02" + f"c{module}\n{own}\n".encode() + pickle.EMPTY_TUPLE + pickle.REDUCE + b"."
        with zipfile.ZipFile(tmp_path / "a.pth", "w") as archive:
            archive.writestr("archive/data.pkl", content)
            archive.writestr("archive/version", "3\n")
        assert f"calls {name}, " in refusal(tmp_path / "a.pth")

    def test_a_name_cannot_write_to_the_terminal(self, tmp_path):
        content = b"\x80\x02c\x1b[31mred\nClass\n)\x81."
        with zipfile.ZipFile(tmp_path / "a.pth", "w") as archive:
            archive.writestr("archive/data.pkl", content)
        assert "an object of ?[31mred.Class" in refusal(tmp_path / "a.pth")

    def test_another_protocol_is_told(self, tmp_path, recwarn):
        torch.save(STATE, tmp_path / "a.pth", pickle_protocol=4)
        assert "written with pickle protocol 4" in refusal(tmp_path / "a.pth")
        assert not recwarn.list

    def test_reading_imports_no_module_that_a_file_names(self, tmp_path):
        (tmp_path / "stranger.py").write_text("class Meter: pass\nprint('imported')\n")
        making = "import torch, stranger; torch.save({'a': stranger.Meter()}, 'a.pth')"
        options = {"cwd": tmp_path, "capture_output": True, "text": True, "check": False}
        assert subprocess.run([sys.executable, "-c", making], **options).stdout == "imported\n"
        reading = "from synface.compute.weights import read_weights; read_weights('a.pth')"
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, "-c", reading], env=environment, **options)
        assert done.stdout == ""
        assert "holds an object of stranger.Meter" in done.stderr


class TestSizes:
    """What a file declares is compared with what it has before memory is taken."""

    @FORMS
    def test_a_tensor_that_repeats_one_number_a_trillion_times(self, tmp_path, form):
        path = save({"layer.weight": torch.zeros(1).expand(10**12)}, tmp_path / "a.pth", form)
        assert "4000.0 GB of weights; expected at most 4.3 GB" in refusal(path)

    @FORMS
    def test_a_shape_beyond_its_numbers(self, tmp_path, form):
        path = save(STATE, tmp_path / "a.pth", form)
        # Shape (3,) and stride (1,) become (200,) and (1,): in the pickle two one-byte numbers, each a tuple of one.
        content = path.read_bytes()
        before = b"K\x00K\x03\x85" if b"K\x00K\x03\x85" in content else None
        assert before
        self.replace(path, before, b"K\x00K\xc8\x85")
        assert "a tensor larger than what is stored of it" in refusal(path)

    @FORMS
    def test_a_storage_larger_than_the_file(self, tmp_path, form):
        path = save({"layer.weight": torch.zeros(70_000)}, tmp_path / "a.pth", form)
        # 70,000 elements become 1,879,118,192, 7.5 GB, wherever the pickle says how many there are.
        self.replace(path, b"J" + struct.pack("<i", 70_000), b"J" + struct.pack("<i", 0x70011170))
        assert "it declares 7.5 GB " in refusal(path)

    @staticmethod
    def replace(path, old, new):
        """Change the pickle in a file, and what guards it."""
        if not zipfile.is_zipfile(path):
            path.write_bytes(path.read_bytes().replace(old, new))
            return
        with zipfile.ZipFile(path) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in entries.items():
                archive.writestr(name, content.replace(old, new) if name.endswith("data.pkl") else content)


class TestInstructions:
    """`examine` against what Python's own pickler wrote."""

    def test_names_and_texts(self):
        content = {"a": collections.Counter(b=1), "c": [datetime.date(2024, 5, 1), ("d", 7)]}
        for protocol in range(2, 6):
            found = examine(io.BytesIO(pickle.dumps(content, protocol=protocol)))
            assert {"collections.Counter", "datetime.date"} <= set(found.names)
            assert {"a", "b", "c", "d"} <= found.texts
            assert found.protocol == protocol

    def test_old_names_of_python_2(self):
        found = examine(io.BytesIO(pickle.dumps([copyreg.constructor, object], protocol=2)))
        assert found.names == ["copyreg.constructor", "builtins.object"]

    def test_what_is_remembered_late(self, tmp_path):
        # Half precision is named first after more than 256 remembered things, which takes another instruction.
        content = {str(number): torch.zeros(1) for number in range(100)}
        torch.save(content | {"a": torch.zeros(50).half(), "b": torch.zeros(60).half()}, tmp_path / "a.pth")
        with zipfile.ZipFile(tmp_path / "a.pth") as archive:
            content = archive.read("a/data.pkl")
        assert pickle.LONG_BINGET in {opcode.code.encode("latin1") for opcode, _, _ in pickletools.genops(content)}
        assert sorted(examine(io.BytesIO(content)).storages.values()) == [*[4] * 100, 100, 120]

    def test_storages_and_tensors_of_a_file(self, tmp_path):
        shared = torch.arange(10.0, dtype=torch.float64)
        content = {"a": shared[2:4], "b": shared, "c": torch.zeros(3, 5, dtype=torch.int16)}
        torch.save(content, tmp_path / "a.pth")
        with zipfile.ZipFile(tmp_path / "a.pth") as archive:
            found = examine(archive.open("a/data.pkl"))
        assert sorted(found.storages.values()) == [30, 80]
        assert found.tensor_bytes == 2 * 8 + 10 * 8 + 15 * 2
        assert not found.beyond
