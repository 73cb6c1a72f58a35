"""Draw XOR from an empty canvas with mouse and keyboard, train it, save, close and reopen it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.window.conftest import Desktop

GRADWIRE = Path(sys.executable).with_name("gradwire")
HALF = 70  # from a node's centre to its ports, at 100 %
CANVAS = (230, 160, 900, 360)  # x, y, width, height on the screen, without its edges
INPUTS = [(330, 200), (330, 330)]
HIDDEN = [(540, 200), (540, 330)]
OUTPUT = (750, 260)
TARGET = (750, 380)
LOSS = (960, 320)
RATE, OPTIMIZER = (540, 72), (650, 72)  # fields of the run bar
REFIT = (1197, 712)  # in the legend
CORNER = (1200, 640)  # of the canvas, empty


def add(desktop: Desktop, kind: str, place: tuple[int, int]) -> None:
    desktop.click(*place, count=2)
    desktop.type(kind)
    desktop.key("Return")


def wire(
    desktop: Desktop, source: tuple[int, int], target: tuple[int, int], shift: int = 0
) -> None:
    start, end = (source[0] + HALF, source[1]), (target[0] - HALF, target[1] + shift)
    desktop.drag(start, end)


def draw(desktop: Desktop) -> None:
    for place in INPUTS:
        add(desktop, "input", place)
    for place in [*HIDDEN, OUTPUT]:
        add(desktop, "neuron", place)
    add(desktop, "target", TARGET)
    add(desktop, "half squared", LOSS)
    for source in INPUTS:
        for target in HIDDEN:
            wire(desktop, source, target)
    for source in [*HIDDEN, *INPUTS]:  # wires past the hidden neurons too
        wire(desktop, source, OUTPUT)
    wire(desktop, OUTPUT, LOSS, -13)
    wire(desktop, TARGET, LOSS, 13)


def error(path: Path) -> float:
    done = subprocess.run(
        [GRADWIRE, "evaluate", str(path), "--json"], check=True, capture_output=True, text=True
    )
    return float(json.loads(done.stdout)["error"])


def canvas_picture(desktop: Desktop, name: str) -> bytes:
    """Return the pixels of the canvas, with the whole network fitted into it."""
    desktop.key("f")
    desktop.run("mousemove", "8", "8")
    desktop.settle()
    x, y, width, height = CANVAS
    path = desktop.picture(desktop.home / name)
    return subprocess.run(
        ["convert", str(path), "-crop", f"{width}x{height}+{x}+{y}", "rgb:-"],
        check=True,
        capture_output=True,
    ).stdout


def choose_training(desktop: Desktop) -> None:
    desktop.click(*RATE, count=3)
    desktop.type("0.1")
    desktop.key("Return")
    desktop.click(*OPTIMIZER)
    desktop.type("Adam")
    desktop.key("Return")


@pytest.mark.window
def test_xor_from_an_empty_canvas(desktop: Desktop) -> None:
    path = desktop.home / "xor.gradwire"
    program = desktop.gradwire()
    desktop.key("ctrl+n")
    desktop.wait_until(lambda: "Untitled" in desktop.title(), "no new network")
    desktop.settle()
    desktop.key("ctrl+shift+d")
    desktop.wait_until(lambda: "Data" in desktop.title(), "no data dialog")
    desktop.settle()
    desktop.key("alt+i")
    desktop.settle()
    desktop.picture(desktop.home / "data.png")
    desktop.key("Return")
    desktop.wait_until(lambda: "Untitled" in desktop.title(), "the data is not taken")
    draw(desktop)
    desktop.picture(desktop.home / "drawn.png")
    choose_training(desktop)
    desktop.key("ctrl+s")
    desktop.wait_until(lambda: "Save" in desktop.title(), "no save dialog")
    desktop.settle()
    desktop.type(str(path))
    desktop.key("Return")
    desktop.wait_until(path.exists, "the file is not saved")
    drawn = json.loads(path.read_text())
    assert len(drawn["edges"]) == 10
    assert drawn["training"]["optimizer"] == "adam"
    before = error(path)

    def trained() -> bool:
        desktop.click(*CORNER)
        desktop.key("space")
        desktop.settle()
        desktop.key("ctrl+s")
        desktop.settle()
        if error(path) < 0.01:
            return True
        desktop.key("ctrl+shift+p")  # stuck in a local minimum, as XOR may be: other weights
        desktop.settle()
        desktop.type("randomise")
        desktop.key("Return")
        return False

    desktop.wait_until(trained, "E does not fall below 0.01", seconds=200)
    assert before > 0.1
    desktop.click(*REFIT)  # scales hold still through a run; a file that is opened fits its own
    desktop.click(*CORNER)
    desktop.settle()
    saved, picture = path.read_bytes(), canvas_picture(desktop, "before.png")
    desktop.key("ctrl+q")
    desktop.wait_until(lambda: program.poll() is not None, "the program does not end")

    desktop.gradwire(str(path))
    assert canvas_picture(desktop, "after.png") == picture
    desktop.key("ctrl+s")
    desktop.settle()
    assert path.read_bytes() == saved
