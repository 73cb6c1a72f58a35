"""What the contributor's pages describe is built from their own code blocks, and works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks, runs, write_copy

_OWN = ("file-format.md", "native.md")
PAGES = [*(ROOT / "docs" / name for name in _OWN), *sorted((ROOT / "docs" / "how-to").glob("*.md"))]


def run_in(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_its_blocks_pass_their_tests(page: Path, tmp_path: Path) -> None:
    write_copy(page, tmp_path)
    assert runs(page), f"{page.name} has no test among its blocks"
    for tests in runs(page):
        done = run_in(tmp_path, "pytest", "-q", "--no-header", *tests)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_its_blocks_are_in_house_style(page: Path, tmp_path: Path) -> None:
    write_copy(page, tmp_path)
    sources = [path for path in blocks(page) if path.endswith(".py")]
    for command in (("ruff", "check"), ("ruff", "format", "--check")) if sources else ():
        done = run_in(tmp_path, *command, *sources)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_page_replaces_no_file(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- file: engine/errors.py -->\n```python\nx = 1\n```\n", encoding="utf-8")
    with pytest.raises(FileExistsError, match=r"page\.md would replace engine/errors\.py"):
        write_copy(page, tmp_path / "copy")


def test_a_failing_block_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    wrong = "def test_it() -> None:\n    assert 1 + 1 == 3"
    page.write_text(f"<!-- file: tests/test_it.py -->\n```python\n{wrong}\n```\n", "utf-8")
    write_copy(page, tmp_path / "copy")
    (tests,) = runs(page)
    assert run_in(tmp_path / "copy", "pytest", "-q", *tests).returncode == 1
