"""`gradwire export`, and what happens without a display."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from tests.command_line.conftest import Process, Run
from tests.command_line.documents import XOR, write
from tests.graph.files.full_disk import full_disk


def test_export_of_text_goes_to_stdout_or_a_file(xor: Path, run: Run, tmp_path: Path) -> None:
    code, out, _ = run("export", xor, "--to", "numpy")
    assert code == 0
    compile(out, "exported", "exec")
    target = tmp_path / "net.dot"
    assert run("export", xor, "--to", "dot", "--out", target)[0] == 0
    assert target.read_text(encoding="utf-8").startswith('digraph "XOR"')
    code, _, err = run("export", xor, "--to", "dot", "--out", tmp_path / "no" / "net.dot")
    assert code == 2
    assert "cannot be written" in err


def test_a_picture_needs_no_display(xor: Path, tmp_path: Path, process: Process) -> None:
    done = process("export", xor, "--to", "png")
    assert done.returncode == 0, done.stderr
    assert_picture(tmp_path / "net.png", b"\x89PNG")


@pytest.mark.parametrize(("form", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_pictures_for_print(form: str, start: bytes, xor: Path, run: Run, qapp: object) -> None:
    out = xor.with_suffix(f".{form}")
    assert run("export", xor, "--to", form, "--out", out) == (0, f"Wrote {out}.\n", "")
    assert_picture(out, start)


@pytest.mark.parametrize("form", ["svg", "png", "pdf", "numpy", "dot"])
def test_a_full_disk_leaves_the_last_good_export(
    form: str, xor: Path, run: Run, qapp: object
) -> None:
    """It once said "Wrote" over a file of 0 bytes, and the older good one was gone."""
    out = xor.parent / f"net.{form}"
    out.write_bytes(b"the last good one")
    with full_disk(100):
        code, said, err = run("export", xor, "--to", form, "--out", out)
    assert (code, said) == (2, "")
    assert "cannot be written" in err
    assert out.read_bytes() == b"the last good one"


def assert_picture(path: Path, start: bytes) -> None:
    content = path.read_bytes()
    assert content.startswith(start)
    assert len(content) > 2000


def test_a_document_that_cannot_run_is_drawn_without_numbers(
    tmp_path: Path, run: Run, qapp: object
) -> None:
    content = copy.deepcopy(XOR)
    del content["dataset"]
    out = tmp_path / "net.svg"
    code, _, err = run("export", write(tmp_path, content), "--to", "svg", "--out", out)
    assert code == 0
    assert "without numbers" in err
    assert_picture(out, b"<?xml")


def test_without_a_display_it_trains_and_draws(xor: Path, tmp_path: Path, process: Process) -> None:
    done = process(xor)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "out") in done.stderr
    assert "accuracy" in done.stdout
    for name in ("canvas.png", "loss.png"):
        assert (tmp_path / "out" / name).read_bytes().startswith(b"\x89PNG")
