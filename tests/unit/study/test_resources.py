import pytest

from synface.settings.generator import GanmutTraining
from synface.settings.keys import plain
from synface.settings.model import PosterTraining
from synface.study import resources

PUBLISHED = plain(PosterTraining(epochs=50))
GANMUT = plain(GanmutTraining())


def test_rows_are_counted_without_the_header(tmp_path):
    table = tmp_path / "metadata.csv"
    table.write_text("file_name,label\na,anger\nb,fear\n")
    assert resources.count_rows(table) == 2
    table.write_text("file_name,label\n")
    assert resources.count_rows(table) == 0


def test_a_table_that_is_not_there_yet_is_named_as_snakemake_knows_it(tmp_path):
    # Snakemake shows <TBD> for a resource when the missing file is an input, by its name.
    with pytest.raises(FileNotFoundError) as error:
        resources.count_rows(str(tmp_path / "metadata.csv"))
    assert error.value.filename == str(tmp_path / "metadata.csv")


def test_a_shard_of_a_thousand_at_half_a_second_takes_nine_minutes_and_the_start():
    assert resources.minutes_per_image(1000, 0.5) == resources.START_MINUTES + 9
    assert resources.minutes_per_image(1000, 0.5, attempt=3) == 3 * (resources.START_MINUTES + 9)


def test_the_reports_training_by_hand():
    # 12,271 images, 50 epochs, two passes forward and backward: 15.6e9 * 6 * 613,550 FLOPs at 1e13 per second are
    # 5,743 s; 9,600 steps add 480 s; in all 103.7 minutes.
    assert resources.poster_minutes(12271, **PUBLISHED) == resources.START_MINUTES + 104


def test_steps_count_whatever_the_number_of_images():
    by_steps = PUBLISHED | {"steps": 9600}
    assert resources.poster_minutes(100, **by_steps) == resources.poster_minutes(10**6, **by_steps)
    assert resources.poster_minutes(12271, **by_steps) == pytest.approx(
        resources.poster_minutes(12271, **PUBLISHED), abs=1
    )


@pytest.mark.parametrize(
    ("change", "factor"),
    [({"epochs": 100}, 2.0), ({"optimizer": "adam"}, 0.5), ({"width": 0.5}, 0.25), ({"input_size": 112}, 0.25)],
)
def test_time_follows_the_work(monkeypatch, change, factor):
    monkeypatch.setattr(resources, "SECONDS_PER_STEP", 0.0)
    monkeypatch.setattr(resources, "START_MINUTES", 0)
    usual = resources.poster_minutes(1_000_000, **PUBLISHED)
    assert resources.poster_minutes(1_000_000, **{**PUBLISHED, **change}) == pytest.approx(factor * usual, rel=1e-3)


def test_the_networks_have_the_flops_that_times_come_from():
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from synface.ganmut.trainer import Trainer
    from synface.poster.model import Poster

    trainer = Trainer(GanmutTraining(), torch.device("cpu"))
    faces = torch.zeros(1, 3, 128, 128)
    for forward, flops in (
        (lambda: Poster().eval()(torch.zeros(1, 3, 224, 224)), resources.POSTER_FLOPS),
        (lambda: trainer.generator(faces, torch.zeros(1, 2)), resources.GENERATOR_FLOPS),
        (lambda: trainer.discriminator(faces), resources.DISCRIMINATOR_FLOPS),
    ):
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            forward()
        assert counter.get_total_flops() == pytest.approx(flops, rel=0.05)


def test_training_images_fit_in_memory_twice():
    # 100,000 images at 224 pixels are 15.05 GB; twice that, and 8 GB.
    assert resources.poster_megabytes(100_000, input_size=224) == 8000 + 15053
    assert resources.poster_megabytes(100_000, input_size=224, attempt=2) == 2 * (8000 + 15053)
    assert resources.poster_megabytes(10**6, input_size=224) == 8000 + 32000  # from a file


def test_ganmuts_time_by_hand():
    # Per image and iteration: 19.6 + 12 * 1.4 + (6 * 19.6 + 3 * 1.4) / 5 = 60.76e9 FLOPs; 2e6 iterations of 16 at 1e13
    # per second are 194,432 s, and 100,000 s more at 0.05 s each: 4,907.2 minutes.
    assert resources.ganmut_minutes(**GANMUT) == resources.START_MINUTES + 4908
