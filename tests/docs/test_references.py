"""Files and modules that pages and docstrings name in backticks exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

PACKAGES = "graph", "engine", "gui", "tests", "benchmarks"
FOLDERS = *PACKAGES, "examples", "docs", "tools"
_PATH = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]+)`")
_DOTTED = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:\.\w+)+)`")


def texts() -> list[Path]:
    sources = [found for folder in PACKAGES for found in ROOT.glob(f"{folder}/**/*.py")]
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "gradwire.py"]
    return [path for path in (*pages, *sources) if path != Path(__file__)]


def lacking(text: str) -> Iterator[str]:
    """Yield the references that lead nowhere; NAME stands for any name."""
    for path in _PATH.findall(text):
        if "NAME" not in path and not (ROOT / path).exists():
            yield path
    for dotted in _DOTTED.findall(text):
        if not resolves(dotted.split(".")):
            yield dotted


def resolves(names: list[str]) -> bool:
    """Tell whether names lead through folders to a module, and to a word in it."""
    place = ROOT
    for number, name in enumerate(names):
        place /= name
        module = place.with_suffix(".py")
        if not place.is_dir():
            rest = names[number + 1 :] if module.is_file() else names[number:]
            found = module if module.is_file() else place.parent / "__init__.py"
            return not rest or (found.is_file() and rest[0] in words(found))
    return True


def words(path: Path) -> set[str]:
    return set(re.findall(r"\w+", path.read_text(encoding="utf-8")))


def test_every_reference_leads_somewhere() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {reference}"
        for path in texts()
        for reference in lacking(path.read_text(encoding="utf-8"))
    }
    assert sorted(found) == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("`engine.plan.plan.Plan`, `graph/model` and ``engine.plan``", []),
        ("`engine.plan.gone`", ["engine.plan.gone"]),
        ("`engine.plan.plan.Gone`", ["engine.plan.plan.Gone"]),
        ("`docs/gone.md` or `gui/views/NAME.py`", ["docs/gone.md"]),
    ],
)
def test_references_that_lead_nowhere_are_found(text: str, missing: list[str]) -> None:
    assert list(lacking(text)) == missing
