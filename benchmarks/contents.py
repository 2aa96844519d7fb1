"""How long planning looks at a folder of portraits: the first time, again, and after one was added.

    python benchmarks/contents.py [--files 70000]

The files are written into a temporary folder, a thousand to each folder inside it, as FFHQ's are.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from synface.study.contents import Contents

IN_A_FOLDER = 1000


def write_files(root: Path, count: int) -> None:
    """Write ``count`` files of one byte."""
    for number in range(count):
        folder = root / f"{number // IN_A_FOLDER:05d}"
        if number % IN_A_FOLDER == 0:
            folder.mkdir(parents=True)
        (folder / f"{number:07d}.png").write_bytes(b"x")


def main() -> None:
    """Print the seconds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=70_000)
    count = parser.parse_args().files
    with tempfile.TemporaryDirectory() as name:
        portraits, memory = Path(name) / "portraits", Path(name) / "memory"
        write_files(portraits, count)
        for what in ("the first time", "again", "after one was added"):
            if what == "after one was added":
                (portraits / "00000/new.png").write_bytes(b"x")
            start = time.perf_counter()
            seen = Contents(look=True, memory=memory).of("sources.portraits", str(portraits))
            print(f"{seen.number} files, {what}: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
