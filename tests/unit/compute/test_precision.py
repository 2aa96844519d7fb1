"""Which precision is taken on which processor, and that it is told."""

import logging

import pytest
import torch

from synface.compute import precision as module
from synface.compute.precision import choose_precision, processor

CPU = torch.device("cpu")


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return a function that gives this machine another processor."""

    def pretend(vendor, *flags):
        monkeypatch.setattr(module, "PROCESSOR_FILE", tmp_path / "cpuinfo")
        if vendor is not None:
            cores = [
                f"processor\t: {core}\nvendor_id\t: {vendor}\nflags\t\t: fpu {' '.join(flags)}\n" for core in (0, 1)
            ]
            (tmp_path / "cpuinfo").write_text("\n".join(cores))
        processor.cache_clear()

    yield pretend
    processor.cache_clear()


@pytest.mark.parametrize(
    ("vendor", "flags", "wanted"),
    [
        ("GenuineIntel", ("avx2", "avx512f", "avx512_bf16", "amx_bf16"), "bfloat16"),
        ("GenuineIntel", ("avx2", "avx512f", "avx512_bf16"), "float32"),
        ("AuthenticAMD", ("avx2", "avx512f", "avx512_bf16"), "bfloat16"),
        ("AuthenticAMD", ("avx2",), "float32"),
        (None, (), "float32"),
    ],
)
def test_auto_takes_what_is_faster_and_says_why(machine, caplog, vendor, flags, wanted):
    machine(vendor, *flags)
    caplog.set_level(logging.INFO)
    assert choose_precision("auto", CPU) == wanted
    assert f"precision: {wanted}" in caplog.text
    assert (flags[-1] if flags else "unknown") in caplog.text


@pytest.mark.parametrize(("has", "wanted"), [(True, "bfloat16"), (False, "float32")])
def test_a_gpu_is_asked(monkeypatch, has, wanted):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has)
    assert choose_precision("auto", torch.device("cuda")) == wanted


def test_what_is_given_is_taken_and_a_slower_choice_warned_of(machine, caplog):
    machine("GenuineIntel", "avx2", "avx512f")
    assert choose_precision("float32", CPU) == "float32"
    assert not caplog.records
    assert choose_precision("bfloat16", CPU) == "bfloat16"
    assert "slower here than float32" in caplog.text
    machine("GenuineIntel", "amx_bf16")
    caplog.clear()
    assert choose_precision("bfloat16", CPU) == "bfloat16"
    assert not caplog.records
