"""Pages of ``docs/`` that are tested: their code blocks, written where they say they belong."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SOURCES = ("graph", "engine", "gui", "examples", "tests")
_COMPILED = Path("engine", "native")
_CODE = r"\n```\w*\n(?P<code>.*?)\n```$"
_BLOCK = re.compile(r"<!-- file: (?P<path>\S+) -->" + _CODE, re.MULTILINE | re.DOTALL)
_INSERTED = re.compile(
    r"<!-- insert: (?P<path>\S+) after: (?P<line>[^\n]+) -->" + _CODE, re.MULTILINE | re.DOTALL
)
_RUN = re.compile(r"<!-- pytest: (?P<arguments>.+) -->")


def blocks(page: Path) -> dict[str, str]:
    """Return a page's code blocks by the path that the comment above each gives."""
    return {
        match["path"]: match["code"] + "\n"
        for match in _BLOCK.finditer(page.read_text(encoding="utf-8"))
    }


def write_copy(page: Path, folder: Path) -> None:
    """Copy the sources to a folder with a page's blocks in place, as files or after a line.

    Raises
    ------
    FileExistsError
        If a block would replace a file.
    """
    text = page.read_text(encoding="utf-8")
    inserted = list(_INSERTED.finditer(text))
    ignored = shutil.ignore_patterns("__pycache__", "native")
    for name in _SOURCES:
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    changed = [*blocks(page), *(match["path"] for match in inserted)]
    if any(Path(path).is_relative_to(_COMPILED) for path in changed):
        shutil.copytree(ROOT / _COMPILED, folder / _COMPILED, ignore=ignored)
    else:
        (folder / _COMPILED).symlink_to(ROOT / _COMPILED)  # with the kernels already compiled
    for name in ("gradwire.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    for path, code in blocks(page).items():
        place = folder / path
        if place.exists():
            raise FileExistsError(f"{page.name} would replace {path}")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(code, encoding="utf-8")
    for match in inserted:
        _insert(folder / match["path"], match["line"], match["code"])


def _insert(place: Path, line: str, code: str) -> None:
    """Write code behind the one line of a file that reads so."""
    before, found, after = place.read_text(encoding="utf-8").partition(f"{line}\n")
    assert found, f"{place.name} has no line {line!r}"
    place.write_text(f"{before}{found}{code}\n{after}", encoding="utf-8")


def runs(page: Path) -> list[list[str]]:
    """Return pytest's arguments for a page: the tests among its blocks, then what it names."""
    own = [path for path in blocks(page) if Path(path).name.startswith("test_")]
    named = [shlex.split(found["arguments"]) for found in _RUN.finditer(page.read_text("utf-8"))]
    return [own, *named] if own else named
