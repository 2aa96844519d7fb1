import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from synface.core.errors import InputError
from synface.core.shards import read_shard, write_shard
from synface.ganmut.checkpoint import load_generator, save_generator
from synface.ganmut.generator import LinearGenerator
from synface.ganmut.inference import InferenceGenerator
from synface.stages.edit import crop_frames, edit_faces, edit_patches, from_network, planned_faces, to_network

COUNT = 11
CPU = torch.device("cpu")


def box(index):
    return 3 + index, 5, 43 + index, 55 + index % 3


@pytest.fixture(scope="module")
def frames():
    random = np.random.default_rng(0)
    return {f"{i:03}": random.integers(0, 256, (64, 72, 3), dtype=np.uint8) for i in range(COUNT)}


def write_edit(folder, frames, shard_of):
    """Write plan, frames and faces of a whole edit; face 002 is rejected."""
    plan = pd.DataFrame({"source_id": list(frames), "shard": [shard_of(i) for i in range(COUNT)]})
    plan["code_x"], plan["code_y"] = np.linspace(-1, 1, COUNT), 0.5
    plan.to_csv(folder / "plan.csv", index=False)
    for shard, rows in plan.groupby("shard"):
        with write_shard(folder / f"frames{shard}.tar") as write:
            for source_id in rows["source_id"]:
                write(source_id, frames[source_id])
        faces = pd.DataFrame([box(i) for i in rows.index], columns=["left", "top", "right", "bottom"])
        faces.insert(0, "source_id", rows["source_id"].to_numpy())
        faces["reason"] = ["no face" if source_id == "002" else "" for source_id in faces["source_id"]]
        faces = faces.astype({"left": object})
        faces.loc[faces["reason"] != "", ["left", "top", "right", "bottom"]] = None
        faces.to_csv(folder / f"faces{shard}.csv", index=False)
    return plan


@pytest.fixture(scope="module")
def generator(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("generator") / "generator.safetensors"
    save_generator(LinearGenerator(channels=8, blocks=2, image_size=32), path)
    return path


def run(folder, generator, shard, **options):
    edited = folder / f"edited{shard}.tar"
    options = {"batch_size": 4, "precision": "float32", **options}
    edit_faces(
        frames=folder / f"frames{shard}.tar",
        faces=folder / f"faces{shard}.csv",
        plan=folder / "plan.csv",
        generator=generator,
        edited=edited,
        shard=shard,
        device=CPU,
        **options,
    )
    return list(read_shard(edited))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_shards_and_order_change_nothing(tmp_path, frames, generator, precision):
    results = []
    for name, shard_of in {"one": lambda i: 0, "two": lambda i: i // 7, "three": lambda i: i % 3}.items():
        (tmp_path / name).mkdir()
        write_edit(tmp_path / name, frames, shard_of)
        shards = sorted({shard_of(i) for i in range(COUNT)})
        patches = {}
        for shard in shards:
            patches.update(run(tmp_path / name, generator, shard, batch_size=4, precision=precision))
        results.append({key: patch.tobytes() for key, patch in patches.items()})
    assert len(results[0]) == COUNT - 1
    assert results[0] == results[1] == results[2]
    reversed_frames = dict(reversed(frames.items()))
    (tmp_path / "backwards").mkdir()
    plan = write_edit(tmp_path / "backwards", reversed_frames, lambda i: 0)
    boxes = {source_id: int(source_id) for source_id in plan["source_id"]}
    faces = pd.DataFrame([box(i) for i in boxes.values()], columns=["left", "top", "right", "bottom"])
    faces.insert(0, "source_id", list(boxes))
    faces["reason"] = ""
    plan["code_x"] = [np.linspace(-1, 1, COUNT)[i] for i in boxes.values()]
    plan.to_csv(tmp_path / "backwards" / "plan.csv", index=False)
    faces.to_csv(tmp_path / "backwards" / "faces0.csv", index=False)
    backwards = run(tmp_path / "backwards", generator, 0, batch_size=4, precision=precision)
    assert [source_id for source_id, _ in backwards] == list(reversed_frames)
    assert all(results[0][key] == patch.tobytes() for key, patch in backwards if key != "002")


def test_against_the_steps_of_the_notebook(tmp_path, frames, generator):
    plan = write_edit(tmp_path, frames, lambda i: 0)
    network = load_generator(generator)
    edited = run(tmp_path, generator, 0)
    assert [source_id for source_id, _ in edited] == [source_id for source_id in frames if source_id != "002"]
    for source_id, patch in edited:
        index = int(source_id)
        left, top, right, bottom = box(index)
        bgr = cv2.cvtColor(frames[source_id], cv2.COLOR_RGB2BGR)
        face = cv2.resize(bgr[top:bottom, left:right], (32, 32))
        tensor = torch.from_numpy((face.transpose(2, 0, 1)[None] / 255.0 - 0.5) / 0.5).float()
        with torch.no_grad():
            result = network(tensor, torch.tensor([[plan["code_x"][index], 0.5]], dtype=torch.float32))
        wanted = result[0, [2, 1, 0]].numpy().transpose(1, 2, 0) / 2 + 0.5
        assert patch.dtype == np.uint8
        assert np.abs(patch - wanted * 255).max() < 0.52


def test_conversion_there_and_back():
    images = np.arange(256, dtype=np.uint8).repeat(3 * 4).reshape(4, 16, 16, 3)[:, ::1]
    images[..., 1] = 255 - images[..., 1]
    images[..., 2] //= 2
    tensor = to_network(images)
    assert tensor.shape == (4, 3, 16, 16)
    assert (tensor.min(), tensor.max()) == (-1, 1)
    assert tensor[3, 0, 0, 0] == pytest.approx(images[3, 0, 0, 2] / 127.5 - 1, abs=1e-6)
    assert (from_network(tensor) == images).all()


def test_every_pass_has_the_full_batch():
    seen = []

    def network(images, codes):
        seen.append((len(images), len(codes)))
        return images

    faces = [(str(i), np.full((8, 8, 3), i, np.uint8), (0.0, 0.0)) for i in range(7)]
    patches = list(edit_patches(faces, network, 3, CPU))
    assert seen == [(3, 3)] * 3
    assert [(name, patch[0, 0, 0]) for name, patch in patches] == [(str(i), i) for i in range(7)]


def test_tables_of_different_runs(tmp_path, frames):
    plan = write_edit(tmp_path, frames, lambda i: 0)
    faces = pd.read_csv(tmp_path / "faces0.csv", dtype={"source_id": str}).dropna(subset="left")
    with pytest.raises(InputError, match=r"faces\.csv: face 010 is not in this shard"):
        planned_faces(plan[plan["source_id"] != "010"], faces, name="faces.csv")
    accepted = planned_faces(plan, faces, name="faces.csv")
    some = [(key, frame) for key, frame in frames.items() if key != "005"]
    with pytest.raises(InputError, match="no frame 005"):
        list(crop_frames(some, accepted, 32, name="frames.tar"))


def test_unknown_precision():
    with pytest.raises(ValueError, match="precision is 'half'"):
        InferenceGenerator(LinearGenerator(channels=4, blocks=1), precision="half")
