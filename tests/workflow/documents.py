"""What the documents tell a reader to type: commands and pieces of a configuration, with where they stand."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from workflow_study import ROOT

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "config/README.md", "examples/*/README.md", "resources/**/README.md")
    for path in ROOT.glob(pattern)
    if path.name != "CHANGELOG.md"
)
# The head of an example's configuration says how it is run.
HEADS = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("examples/*/config/*.yaml"))

# How a command begins, wherever it stands: one word of these is none.
PROGRAM = re.compile(
    r"(?:[A-Z_]+=\S+ )*(?:\.venv/bin/|benchmarks/|\.ci/)?"
    r"(?:snakemake|python3?|pip|make|git|npm|mlcroissant|module load|source|export|cp|mkdir|ln|tmux|tail|squeue|sinfo|"
    r"scontrol|scancel|sbatch|apptainer|docker|conda|on_gpu\.sh|run)(?= |$)"
)
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", flags=re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^|\n\n)((?:    .+\n)+)")
SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")


def fenced(text: str, *languages: str) -> list[str]:
    """Return the fenced blocks in one of ``languages``, without the indentation of their fence."""
    return [textwrap.dedent(block) for _, language, block in FENCE.findall(text) if language in languages]


def commands_of(page: str) -> list[str]:
    """Return every command of a document as it stands, without comments: those of blocks, of lines, and of heads."""
    text = (ROOT / page).read_text(encoding="utf-8")
    if page in HEADS:
        head = re.match(r"(?:#.*\n)*", text)[0]
        lines = [line[4:] for line in head.splitlines() if line.startswith("#   ")]
        return list(dict.fromkeys(_joined("\n".join(lines))))
    found = [command for block in fenced(text, "sh", "bash", "console") for command in _joined(block)]
    # In a YAML block a comment may say where a file comes from.
    for block in fenced(text, "yaml"):
        found += [comment for comment in re.findall(r"# (.+)$", block, flags=re.MULTILINE) if _is_command(comment)]
    prose = FENCE.sub("", text)
    for block in INDENTED.findall(prose):
        found += [line for line in _joined(textwrap.dedent(block)) if PROGRAM.match(line)]
    spans = (" ".join(span.split()) for span in SPAN.findall(prose))
    found += [span for span in spans if _is_command(span)]
    return list(dict.fromkeys(found))


def yaml_blocks_of(page: str) -> Iterator[str]:
    """Yield every YAML block of a document, and every span of it that is a table of the configuration."""
    text = (ROOT / page).read_text(encoding="utf-8")
    yield from fenced(text, "yaml")
    yield from re.findall(r"`((?:drawings|sources|generators|edits|datasets|models|experiments): \{[^`]+\})`", text)


def _joined(block: str) -> list[str]:
    """Return the commands of a block: lines that go on are joined, comments and empty lines left out."""
    lines = re.sub(r"\\\n\s*", "", block).splitlines()
    commands = (re.sub(r"(^|\s+)#.*$", "", line).strip() for line in lines)
    return [command for command in commands if command]


def _is_command(span: str) -> bool:
    found = PROGRAM.match(span)
    return bool(found) and (len(span) > found.end() or "/" in found[0])


def text_of(page: str) -> str:
    return Path(ROOT, page).read_text(encoding="utf-8")
