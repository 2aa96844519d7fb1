"""Folders of drawn faces: exact counts, readable layouts, the same pictures from any number of processes."""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from facenet_pytorch import MTCNN

from drawn import dataset as module
from drawn.dataset import draw_faces, plan_faces
from drawn.face import draw_face
from synface.core.emotions import AFFECTNET, LABELS, RAF_DB, Emotion
from synface.core.errors import InputError
from synface.core.images import read_image
from synface.core.tables import read_table

COUNTS = {"train": {"surprise": 2, "fear": 1, "neutral": 3}, "test": {"happiness": 2, "anger": 1}}
RAF = {"domain": "raf", "layout": "raf-db", "seed": 4, "counts": COUNTS}


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file's bytes by its path in ``folder``."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


class TestRafLayout:
    def test_list_and_images(self, tmp_path: Path) -> None:
        draw_faces(folder=tmp_path / "raf", settings=RAF)
        lines = (tmp_path / "raf/EmoLabel/list_patition_label.txt").read_text().splitlines()
        found = {"train": Counter(), "test": Counter()}
        for line in lines:
            name, code = line.split()
            found[name.split("_")[0]][RAF_DB[int(code)].label] += 1
            image = read_image(tmp_path / "raf/Image/aligned" / name.replace(".jpg", "_aligned.jpg"))
            assert image.shape == (100, 100, 3)
        assert {split: dict(counts) for split, counts in found.items()} == COUNTS
        assert lines[0].startswith("train_00001.jpg ")
        assert lines[-1].startswith("test_0003.jpg ")

    def test_truth(self, tmp_path: Path) -> None:
        draw_faces(folder=tmp_path / "raf", settings=RAF)
        truth = read_table(tmp_path / "raf/truth.csv")
        archive = np.load(tmp_path / "raf/landmarks.npz")
        assert list(truth["file"]) == list(archive["files"])
        assert archive["landmarks"].shape == (9, 68, 2)
        planned = plan_faces(RAF)
        drawn = draw_face(planned[0].parameters(seed=4, domain="raf"))
        np.testing.assert_array_equal(archive["landmarks"][0], drawn.landmarks)
        expressive = truth[truth["label"] != "neutral"]
        assert expressive["intensity"].between(0.45, 1.0).all()
        assert (truth[truth["label"] == "neutral"]["intensity"] == 0).all()
        assert (truth[truth["label"] == "happiness"]["AU12"] > 0.2).all()
        np.testing.assert_allclose(
            truth.loc[0, ["skin_L", "skin_a", "skin_b"]].astype(float), drawn.skin_lab, atol=1e-3
        )

    def test_processes_do_not_matter(self, tmp_path: Path) -> None:
        draw_faces(folder=tmp_path / "one", settings=RAF, threads=1)
        draw_faces(folder=tmp_path / "two", settings=RAF, threads=2)
        assert contents(tmp_path / "one") == contents(tmp_path / "two")

    @pytest.mark.parametrize(("platform", "methods"), [("win32", ["spawn"]), ("darwin", ["spawn", "fork"])])
    def test_where_nothing_is_forked_the_pictures_are_the_same(self, tmp_path, monkeypatch, platform, methods) -> None:
        draw_faces(folder=tmp_path / "one", settings=RAF, threads=1)
        monkeypatch.setattr(module.multiprocessing, "get_all_start_methods", lambda: methods)
        monkeypatch.setattr(module.multiprocessing, "get_context", lambda _method: pytest.fail("forked"))
        monkeypatch.setattr(module, "sys", SimpleNamespace(platform=platform))
        draw_faces(folder=tmp_path / "two", settings=RAF, threads=3)
        assert contents(tmp_path / "one") == contents(tmp_path / "two")


class TestAffectnetLayout:
    def test_annotations(self, tmp_path: Path) -> None:
        settings = {
            "domain": "affectnet",
            "layout": "affectnet",
            "seed": 1,
            "counts": {"test": {"disgust": 2, "sadness": 1}},
        }
        draw_faces(folder=tmp_path / "a", settings=settings)
        codes = [int(np.load(tmp_path / f"a/val_set/annotations/{n}_exp.npy")) for n in range(3)]
        assert Counter(AFFECTNET[code] for code in codes) == {Emotion.DISGUST: 2, Emotion.SADNESS: 1}
        assert read_image(tmp_path / "a/val_set/images/2.jpg").shape == (224, 224, 3)
        assert np.load(tmp_path / "a/val_set/annotations/0_lnd.npy").shape == (136,)


class TestPortraitsLayout:
    def test_thousands(self, tmp_path: Path) -> None:
        settings = {"domain": "portraits", "layout": "portraits", "seed": 1, "count": 3, "size": 96}
        draw_faces(folder=tmp_path / "p", settings=settings)
        assert read_image(tmp_path / "p/00000/00002.png").shape == (96, 96, 3)
        assert plan_faces(settings | {"count": 2001})[2000].file == "02000/02000.png"


class TestPlan:
    def test_more_of_one_label_changes_no_other_face(self) -> None:
        more = RAF | {"counts": {"train": COUNTS["train"] | {"sadness": 5}, "test": COUNTS["test"]}}
        before = {face.item: (face.emotion, face.intensity) for face in plan_faces(RAF)}
        after = {face.item: (face.emotion, face.intensity) for face in plan_faces(more)}
        assert before.items() <= after.items()
        assert len(after) == len(before) + 5

    def test_wrong_labels_are_a_part_of_each_training_class_and_the_truth_is_kept(self, tmp_path: Path) -> None:
        counts = {split: {"fear": 10, "happiness": 40} for split in ("train", "test")}
        settings = {**RAF, "counts": counts, "wrong_labels": 0.2}
        right, noisy = plan_faces({**RAF, "counts": counts}), plan_faces(settings)
        assert [(face.file, face.item, face.emotion, face.intensity) for face in right] == [
            (face.file, face.item, face.emotion, face.intensity) for face in noisy
        ]
        assert all(face.label is face.emotion for face in right)
        wrong = Counter((face.split, face.emotion.label) for face in noisy if face.label is not face.emotion)
        assert wrong == {("train", "fear"): 2, ("train", "happiness"): 8}
        assert len({face.label for face in noisy}) > 3
        few = {**settings, "counts": {"train": {"fear": 5, "anger": 1}}}
        draw_faces(folder=tmp_path / "raf", settings=few)
        lines = (tmp_path / "raf/EmoLabel/list_patition_label.txt").read_text().splitlines()
        written = [RAF_DB[int(line.split()[1])] for line in lines]
        assert written == [face.label for face in plan_faces(few)]
        truth = read_table(tmp_path / "raf/truth.csv")
        assert Counter(truth["label"]) == {"fear": 5, "anger": 1}
        assert (truth["label"] != [emotion.label for emotion in written]).sum() == 1

    def test_portraits_may_smile(self) -> None:
        asked = {"domain": "portraits", "layout": "portraits", "seed": 4, "count": 400}
        smiles = [face.intensity for face in plan_faces({**asked, "smiling": 0.7}) if face.emotion is Emotion.HAPPINESS]
        # Four standard deviations of 400 draws; the usual part is 0.3.
        assert len(smiles) / 400 == pytest.approx(0.7, abs=4 * (0.7 * 0.3 / 400) ** 0.5)
        assert min(smiles) >= 0.45
        assert max(smiles) > 0.9
        assert all(face.emotion is Emotion.HAPPINESS for face in plan_faces({**asked, "smiling": 1.0}))
        others = Counter(face.emotion for face in plan_faces({**asked, "smiling": 0.0}))
        assert Emotion.HAPPINESS not in others
        assert others[Emotion.NEUTRAL] / 400 == pytest.approx(0.55 / 0.7, abs=0.09)

    def test_labels_are_mixed(self) -> None:
        planned = plan_faces(RAF | {"counts": {"train": dict.fromkeys(LABELS, 20)}})
        assert len({face.emotion for face in planned[:20]}) >= 5


class TestFolder:
    def test_failure_leaves_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*arguments: object) -> None:
            raise RuntimeError("disk full")

        monkeypatch.setattr("drawn.dataset.write_labels", fail)
        with pytest.raises(RuntimeError):
            draw_faces(folder=tmp_path / "raf", settings=RAF | {"size": 48})
        assert list(tmp_path.iterdir()) == []

    def test_foreign_files_are_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine/thesis.txt").write_text("years of work")
        with pytest.raises(InputError, match="no drawn faces"):
            draw_faces(folder=tmp_path / "mine", settings=RAF)
        assert (tmp_path / "mine/thesis.txt").exists()

    def test_earlier_drawings_are_replaced(self, tmp_path: Path) -> None:
        for seed in (1, 2):
            draw_faces(
                folder=tmp_path / "raf", settings=RAF | {"seed": seed, "counts": {"test": {"fear": 1}}, "size": 48}
            )
        assert len(read_table(tmp_path / "raf/truth.csv")) == 1

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"domain": "moon"}, "unknown domain 'moon'"),
            ({"layout": "vhs"}, "unknown layout 'vhs'"),
            ({"counts": {}}, "`count`"),
        ],
    )
    def test_bad_settings(self, tmp_path: Path, change: dict[str, object], message: str) -> None:
        with pytest.raises(InputError, match=message):
            draw_faces(folder=tmp_path / "x", settings=RAF | change)


class TestDetection:
    def test_mtcnn_finds_portraits_where_they_are(self) -> None:
        detector = MTCNN(keep_all=True, device="cpu")
        for planned in plan_faces({"domain": "portraits", "layout": "portraits", "seed": 8, "count": 40}):
            face = draw_face(planned.parameters(seed=8, domain="portraits"))
            boxes, probabilities, points = detector.detect(face.image, landmarks=True)
            assert boxes is not None, planned.item
            best = int(np.argmax(probabilities))
            eyes = np.stack([face.landmarks[36:42].mean(0), face.landmarks[42:48].mean(0)])
            distance = np.linalg.norm(np.asarray(points[best][:2], float) - eyes, axis=1)
            assert distance.max() < 0.2 * np.linalg.norm(eyes[1] - eyes[0]), planned.item
