import pytest

from synface.core.errors import InputError
from synface.core.tables import read_table
from synface.evaluate.timings import gather_timings

HEAD = "s\th:m:s\tmax_rss\tmax_vms\n"


def write_benchmark(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + "".join(f"{seconds}\t0:00:01\t{memory}\t0\n" for seconds, memory in rows))


def test_every_job_and_the_total_of_its_stage(tmp_path):
    write_benchmark(tmp_path / "in" / "timings" / "edit" / "varied" / "0.tsv", (10.5, 800))
    write_benchmark(tmp_path / "in" / "timings" / "edit" / "varied" / "1.tsv", (4.0, 900))
    write_benchmark(tmp_path / "in" / "timings" / "train" / "poster.tsv", (6.0, "NA"))
    gather_timings(timings=(tmp_path / "in").rglob("*.tsv"), table=tmp_path / "timings.csv")
    table = read_table(tmp_path / "timings.csv", text=["stage", "item"]).set_index(["stage", "item"])
    assert table["seconds"].to_dict() == {
        ("edit", "varied/0"): 10.5,
        ("edit", "varied/1"): 4.0,
        ("train", "poster"): 6.0,
        ("edit", "total"): 14.5,
        ("train", "total"): 6.0,
    }
    assert table.loc[("edit", "total"), "max_rss_mb"] == 900
    assert table["max_rss_mb"].isna().tolist() == [False, False, True, False, True]


def test_another_file_is_named(tmp_path):
    path = tmp_path / "timings" / "edit" / "x.tsv"
    path.parent.mkdir(parents=True)
    path.write_text("a\tb\n1\t2\n")
    with pytest.raises(InputError, match=r"x\.tsv: not a Snakemake benchmark file"):
        gather_timings(timings=[path], table=tmp_path / "timings.csv")
