"""Pairs: what is read of a folder, what a batch has, and that a generator learns the picture after."""

import numpy as np
import pandas as pd
import pytest
import torch

from drawn.dataset import draw_faces
from synface.core.emotions import GANMUT, Emotion
from synface.core.errors import InputError
from synface.core.images import encode_png
from synface.ganmut.generator import LinearGenerator
from synface.ganmut.losses import pair_terms
from synface.ganmut.pairs import PairBatch, Pairs
from synface.ganmut.trainer import Trainer
from synface.settings.drawing import PairDrawing, UnlabelledDrawing
from synface.settings.generator import GanmutTraining, TrainedGenerator


def folder_of(path, rows, colors):
    """Write pictures of one color each, by name, and pairs.csv."""
    path.mkdir()
    for name, color in colors.items():
        (path / name).write_bytes(encode_png(np.full((40, 40, 3), color, np.uint8)))
    pd.DataFrame(rows, columns=["before", "after", "label", "rho"]).to_csv(path / "pairs.csv", index=False)
    return path


COLORS = {"a.png": (10, 20, 30), "b.png": (200, 20, 30), "c.png": (10, 200, 30)}
ROWS = [("a.png", "b.png", "fear", 0.5), ("a.png", "c.png", "neutral", 0)]


def test_a_batch_has_before_and_after_in_the_editors_order_and_range(tmp_path):
    pairs = Pairs(folder_of(tmp_path / "pairs", ROWS, COLORS), 32, "smooth")
    assert pairs.pictures.shape == (3, 32, 32, 3)
    batch = pairs.batch(seed=1, iteration=4, size=16)
    for before, after, label, rho in zip(batch.before, batch.after, batch.labels, batch.rho, strict=True):
        emotion = GANMUT[int(label)]
        shown = {Emotion.FEAR: "b.png", Emotion.NEUTRAL: "c.png"}[emotion]
        assert float(rho) == (0.5 if emotion is Emotion.FEAR else 0)
        for image, name in ((before, "a.png"), (after, shown)):
            blue_green_red = torch.tensor(COLORS[name][::-1]) / 127.5 - 1
            torch.testing.assert_close(image, blue_green_red[:, None, None].expand(3, 32, 32), atol=1e-5, rtol=0)
    assert {int(label) for label in batch.labels} == {0, 4}
    again, other = (pairs.batch(seed=1, iteration=number, size=16) for number in (4, 5))
    assert torch.equal(again.noise, batch.noise)
    assert not torch.equal(other.noise, batch.noise)


def test_both_pictures_of_a_pair_are_augmented_alike(tmp_path):
    random = np.random.default_rng(3)
    folder = folder_of(tmp_path / "pairs", [("a.png", "b.png", "anger", 1)], {})
    noise = encode_png(random.integers(0, 256, (40, 40, 3), dtype=np.uint8))
    for name in ("a.png", "b.png"):
        (folder / name).write_bytes(noise)
    batch = Pairs(folder, 32, "smooth").batch(seed=1, iteration=0, size=4)
    assert torch.equal(batch.before, batch.after)
    assert not torch.equal(batch.before[0], batch.before[1])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "has no row; expected a pair in each"),
        ([("a.png", "b.png", "joy", 1)], "unknown label 'joy'"),
        ([("a.png", "b.png", "fear", 1), ("a.png", "b.png", "fear", 1.5)], "rho 1.5 in row 3; expected a number from"),
        ([("a.png", "b.png", "fear", "much")], "rho much in row 2; expected a number from 0 to 1"),
        ([("a.png", "d.png", "fear", 1)], "names d.png, which is not in the folder"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, rows, said):
    with pytest.raises(InputError) as told:
        Pairs(folder_of(tmp_path / "pairs", rows, COLORS), 32, "smooth")
    assert said in str(told.value)


def test_a_folder_without_its_table_is_told(tmp_path):
    with pytest.raises(InputError, match=r"pairs\.csv: missing; pairs are told by a table with the columns before"):
        Pairs(tmp_path, 32, "smooth")


class Adding(LinearGenerator):
    """Adds both numbers of the code to every pixel."""

    def forward(self, images, codes):
        return images + codes.sum(dim=1)[:, None, None, None]


def test_the_term_is_the_distance_weighted_by_what_changes():
    generator = Adding(channels=4, blocks=1, image_size=8)
    with torch.no_grad():
        generator.axes.weight.zero_()
        generator.axes.weight[3] = torch.tensor([0.0, 2.0])  # fear is code 4; its unit axis is (0, 1)
    before, after = torch.zeros(2, 3, 8, 8), torch.zeros(2, 3, 8, 8)
    after[0, :, :, :4] = 0.25
    batch = PairBatch(before, after, torch.tensor([4, 0]), torch.tensor([0.5, 0.7]), torch.zeros(2, 2))
    # Fear at 0.5: 0.25 is left where the picture changes by 0.25 (weight 3.5), 0.5 elsewhere; neutral leaves nothing.
    expected = (0.5 * 3.5 * 0.25 + 0.5 * 0.5) / 2
    assert pair_terms(generator, batch)["pairs"].item() == pytest.approx(expected, rel=1e-6)


def test_from_pairs_alone_a_generator_learns_who_gets_which_picture(tmp_path):
    folder = folder_of(tmp_path / "pairs", [("a.png", "b.png", "fear", 1), ("a.png", "c.png", "anger", 1)], COLORS)
    settings = GanmutTraining(
        iterations=200, image_size=16, channels=8, blocks=1, discriminator_channels=4, discriminator_depth=2,
        lr=5e-3, initialization="he", augmentation="smooth",
    )  # fmt: skip
    trainer = Trainer(settings, torch.device("cpu"))
    pairs = Pairs(folder, 16, "smooth")
    for number in range(120):
        trainer.pair_step(pairs.batch(seed=1, iteration=number, size=16))
    codes = trainer.generator.class_codes(1.0)[[Emotion.FEAR, Emotion.ANGER]]
    before = pairs.batch(seed=1, iteration=0, size=2).before
    with torch.no_grad():
        fear, anger = trainer.generator(before, codes).mean(dim=(2, 3))
    # Blue, green, red: fear turns the picture red, anger green.
    assert fear[2] > fear[1] + 0.5
    assert anger[1] > anger[2] + 0.5


def test_drawn_pairs_differ_in_the_expression_alone(tmp_path):
    draw_faces(
        folder=tmp_path / "drawn",
        settings={"domain": "faces", "layout": "pairs", "seed": 3, "people": 2, "size": 64},
    )
    table = pd.read_csv(tmp_path / "drawn/pairs.csv")
    truth = pd.read_csv(tmp_path / "drawn/truth.csv").set_index("file")
    assert len(table) == 2 * 13
    assert table["label"].value_counts().to_dict() == {"neutral": 2} | dict.fromkeys(
        ("surprise", "fear", "disgust", "happiness", "sadness", "anger"), 4
    )
    for pair in table.itertuples():
        before, after = truth.loc[pair.before], truth.loc[pair.after]
        assert after["label"] == pair.label
        assert pair.rho == after["intensity"] <= 1
        for same in ("identity", "skin_L", "yaw", "pitch", "roll"):
            assert before[same] == after[same]
    assert table.loc[table["label"] == "neutral", "rho"].eq(0).all()
    assert len(Pairs(tmp_path / "drawn", 32, "smooth").pictures) == 2 * 14


@pytest.mark.parametrize(
    ("kind", "layout"),
    [(PairDrawing, {"people": 3, "layout": "raf-db"}), (UnlabelledDrawing, {"count": 3, "layout": "pairs"})],
)
def test_people_are_drawn_as_pairs_and_nobody_else(kind, layout):
    (problem,) = kind(domain="faces", **layout).mistakes("drawings.x")
    assert str(problem) == (
        f"drawings.x.layout: found {layout['layout']}; `layout: pairs` and `people` go with each other alone"
    )


@pytest.mark.parametrize(
    ("settings", "key", "said"),
    [
        ({"pairs_first": 5}, "g.pairs_first", "expected 0, or a folder in `pairs`"),
        ({"pairs": "p", "pairs_first": 9, "iterations": 9}, "g.pairs_first", "expected fewer than iterations, 9"),
        ({"pairs": "p", "parametrization": "gaussian"}, "g.pairs", "does not go with a gaussian model"),
    ],
)
def test_settings_that_do_not_fit_pairs_are_told(settings, key, said):
    (problem,) = TrainedGenerator(train_on="faces", **settings).mistakes("g")
    assert problem.path == key
    assert said in problem.text
