"""Start the training of the demo's generator again and compare its first losses with those of the shipped log.

    python benchmarks/retraining.py [--iterations 50]

Draws the training faces, imports them and trains, all by the workflow with examples/demo-networks/config/config.yaml,
in a temporary folder, on the CPU with one thread as the shipped one was. On another kind of machine the last digits may
differ, since PyTorch adds up in another order there.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import yaml

ROOT = Path(__file__).resolve().parents[1]
HISTORY = "results/generators/ganmut/history.csv"


def main() -> None:
    """Train, compare and print; exit status 1 when a loss differs by more than 1e-6 of itself."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iterations", type=int, default=50, help="a multiple of 50, after which losses are logged")
    iterations = parser.parse_args().iterations
    study = yaml.safe_load((ROOT / "examples/demo-networks/config/config.yaml").read_text())
    # Of the pairs alone, as the training began; the discriminator must have something left, and gets one iteration.
    study["generators"]["ganmut"] |= {"iterations": iterations + 1, "pairs_first": iterations}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config").mkdir()
        (Path(folder) / "config/config.yaml").write_text(yaml.safe_dump(study, sort_keys=False))
        command = [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "--snakefile", str(ROOT / "Snakefile")]
        on_cpu = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
        subprocess.run([*command, "--directory", folder, HISTORY], check=True, env=on_cpu)
        again = pd.read_csv(Path(folder) / HISTORY, index_col="iteration").loc[:iterations].dropna(axis="columns")
    shipped = pd.read_csv(ROOT / "resources/demo/ganmut-history.csv", index_col="iteration")
    shipped = shipped.loc[again.index, again.columns]
    table = pd.DataFrame({"shipped": shipped.stack(), "again": again.stack()})
    print(table.to_string(float_format=lambda value: f"{value:.10g}"))
    difference = ((table["again"] - table["shipped"]) / table["shipped"]).abs().max()
    print(f"largest relative difference {difference:.2g}")
    sys.exit(int(difference > 1e-6))


if __name__ == "__main__":
    main()
