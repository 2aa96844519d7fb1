"""The rule behind `make fetch`: a study's weights from a server of this machine."""

import functools
import http.server
import threading

import pytest
import torch
from workflow_study import run, snakemake, write_study

from synface.poster.loading import load_poster, save_poster
from synface.poster.model import Poster


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A folder and the address under which it is served."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_weights_are_fetched_and_what_is_none_is_told_last(served, tmp_path):
    folder, address = served
    torch.manual_seed(0)
    save_poster(Poster("small", width=0.125, depth=1, input_size=32), folder / "model.safetensors")
    study = {
        "datasets": {"Mine": {"natural": {"layout": "class-folders", "path": "resources/mine", "split": "test"}}},
        "models": {
            "published": {
                "checkpoint": "resources/weights/model.safetensors",
                "obtain": {"url": f"{address}/model.safetensors", "license": "free for research"},
            }
        },
        "experiments": {"sanity": {"models": ["published"], "test_on": ["Mine"]}},
    }
    write_study(tmp_path, study)
    assert "license: free for research" in run(tmp_path, "fetch_weights")
    weights = tmp_path / "resources/weights"
    assert load_poster(weights / "model.safetensors").config["width"] == 0.125
    assert "fetched, " in (tmp_path / "logs/fetch/weights.log").read_text()
    run(tmp_path, "fetch_weights")
    # The file is an input like any other now.
    run(tmp_path, "results/models/published/elsewhere/seed0/model.safetensors")

    study["models"]["published"]["obtain"]["url"] = f"{address}/"  # a list of files, as a page
    (weights / "model.safetensors").unlink()
    write_study(tmp_path, study)
    done = snakemake(tmp_path, "fetch_weights")
    assert done.returncode != 0
    *_, told, where = done.stdout.rstrip().splitlines()
    assert told.startswith(f"fetch_weights failed: {address}/: gave no weights, but an HTML page titled")
    assert where == "  (logs/fetch/weights.log)"
    assert [file.name for file in weights.iterdir()] == ["model.safetensors.sha256"]
