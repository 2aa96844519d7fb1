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


def test_what_a_job_did_is_in_its_log(tmp_path):
    head = "s\th:m:s\tmax_rss\tcpu_time\n"
    told = {
        "edit/varied/0": "INFO 20 faces done in 4.0 s\nINFO greatest GPU memory 512 MB",
        "edit/varied/1": "INFO 30 faces done in 4.0 s",
        "audit/Raf 7.1": "INFO 9 pictures done in 1.0 s\nINFO 4 pairs done in 1.5 s\nINFO 5 pairs done in 1.5 s",
        "train/poster": "INFO 100 steps done in 9.0 s",
        "train/small": "INFO 50 images done in 9.0 s",
    }
    for name, lines in told.items():
        timing = tmp_path / "results" / "timings" / f"{name}.tsv"
        timing.parent.mkdir(parents=True, exist_ok=True)
        timing.write_text(f"{head}10.0\t0:00:10\t800\t7.5\n")
        log = tmp_path / "logs" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("".join(f"2026-01-01 00:00:00,000 {line}\n" for line in lines.split("\n")))
    gather_timings(timings=(tmp_path / "results").rglob("*.tsv"), table=tmp_path / "timings.csv")
    table = read_table(tmp_path / "timings.csv", text=["stage", "item", "what"]).set_index(["stage", "item"])
    assert table.loc[("edit", "total")].to_dict() == {
        "seconds": 20.0,
        "cpu_seconds": 15.0,
        "max_rss_mb": 800.0,
        "gpu_mb": 512.0,
        "done": 50.0,
        "what": "faces",
        "per_second": 2.5,
    }
    assert table.loc[("audit", "Raf 7.1"), ["done", "what", "per_second"]].tolist() == [9, "pairs", 0.9]
    assert table.loc[("train", "total"), ["done", "per_second"]].isna().all()  # steps and images do not add up
    assert table.loc[("train", "total"), "cpu_seconds"] == 15.0


def test_another_file_is_named(tmp_path):
    path = tmp_path / "timings" / "edit" / "x.tsv"
    path.parent.mkdir(parents=True)
    path.write_text("a\tb\n1\t2\n")
    with pytest.raises(InputError, match=r"x\.tsv: not a Snakemake benchmark file"):
        gather_timings(timings=[path], table=tmp_path / "timings.csv")
