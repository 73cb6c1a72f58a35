"""How usable the editor stays while a large graph trains: ``python -m benchmarks.editor``.

Opens the real window (on the display there is, or offscreen) with a random graph of scalar
neurons, plays, and measures for some seconds: how late a 16 ms timer of the GUI thread fires, how
long a repaint of the canvas takes, frames and epochs per second. Milliseconds, p50 and p99.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEventLoop, QObject, QSettings, Qt, QTimer
from PySide6.QtGui import QPaintEvent

from engine.benchmark.networks import draw_wiring, irregular
from engine.library import library
from graph.layout.arrange import arrange
from graph.model.dataset import Cell, Generator, Inline
from graph.model.document import Document
from graph.model.edits import Batch, Move, SetDataset, SetTraining
from graph.model.training import Training
from gui.canvas.graph_canvas import GraphCanvas
from gui.commands.network_builder import Blueprint
from gui.commands.network_builder import network as blueprint
from gui.settings import Settings
from gui.shell import window as shell_window
from gui.shell.app import make_application

TICK = 16.0


def network(neurons: int, fan_in: int) -> Document:
    """Return scalar tanh neurons that each read ``fan_in`` earlier nodes, laid out in layers."""
    columns = ("x1", "x2")
    document = draw_wiring(irregular(neurons, fan_in, inputs=2), columns)
    data = Generator(name="circle", n=64, features=columns, targets=("y",))
    settings = Training(learning_rate=0.001, epochs=1_000_000, batch_size=32)
    document.apply(Batch((SetDataset(data), SetTraining(settings))))
    document.apply(Move(arrange(document)))
    return document


def exclusive_or() -> Document:
    """Return two sigmoid neurons and an output, to learn exclusive or: tiny, so very fast."""
    document = Document(library())
    batch, _ = blueprint(document, Blueprint((2, 2, 1)), ("x1", "x2"), ("y",))
    columns: dict[str, list[Cell]] = {"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1], "y": [0, 1, 1, 0]}
    data = Inline(columns=columns, features=("x1", "x2"), targets=("y",))
    settings = Training(learning_rate=0.05, epochs=1_000_000_000)
    document.apply(Batch((SetDataset(data), batch, SetTraining(settings))))
    return document


@dataclass
class TickWatch(QObject):
    """Lateness of a timer and durations of paints, in milliseconds."""

    lateness: list[float] = field(default_factory=list)
    paints: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._clock = QElapsedTimer()
        self._timer = QTimer(self, interval=round(TICK), timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin to measure."""
        self._clock.start()
        self._timer.start()

    def _tick(self) -> None:
        self.lateness.append(self._clock.nsecsElapsed() / 1e6 - TICK)
        self._clock.restart()


class TimedCanvas(GraphCanvas):
    """The canvas, with a stop watch around its painting."""

    watch: TickWatch | None = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and note how long it took."""
        start = time.perf_counter()
        super().paintEvent(event)
        if self.watch is not None:
            self.watch.paints.append((time.perf_counter() - start) * 1e3)


def wait(seconds: float) -> None:
    """Let the program run."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Let the program run until something holds."""
    end = time.perf_counter() + seconds
    while not condition() and time.perf_counter() < end:
        wait(0.05)


def measure(neurons: int, fan_in: int, seconds: float) -> str:
    """Train a graph in the window and return one row of the table."""
    folder = Path(tempfile.mkdtemp())
    store = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    window = shell_window.Window(library(), Settings(store, folder))
    window.resize(1600, 1000)
    window.show()
    session = window.session
    session.kernels.start("float64")
    session.new(network(neurons, fan_in) if neurons else exclusive_or())
    wait_until(lambda: session.kernels.ready("float64") and session.plan is not None)
    session.run.speed = math.inf
    session.run.play()
    wait(2)
    watch = TickWatch()
    TimedCanvas.watch = watch
    updates, start = session.run.updates, time.perf_counter()
    watch.start()
    wait(seconds)
    spent = time.perf_counter() - start
    done = session.run.updates - updates
    TimedCanvas.watch = None
    session.undo_stack.setClean()
    session.close()
    late, paint = np.array(watch.lateness), np.array(watch.paints or [np.nan])
    edges = len(session.document.edges)
    cells = [
        f"{neurons:,} / {edges:,}",
        f"{np.percentile(late, 50):.1f}",
        f"{np.percentile(late, 99):.1f}",
        f"{late.max():.1f}",
        f"{np.percentile(paint, 50):.1f}",
        f"{np.percentile(paint, 99):.1f}",
        f"{len(watch.paints) / spent:.0f}",
        f"{done / spent:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--sizes", nargs="*", default=["0x0", "100x8", "1000x3", "1000x8"])
    chosen = parser.parse_args()
    app = make_application()
    vars(shell_window)["GraphCanvas"] = TimedCanvas  # the window's own, with a watch
    head = "neurons / edges|tick late p50|p99|max|paint p50|p99|frames/s|updates/s"
    lines = ["| " + head.replace("|", " | ") + " |", "|---" * 8 + "|"]
    for size in chosen.sizes:
        neurons, fan_in = map(int, size.split("x"))
        lines.append(measure(neurons, fan_in, chosen.seconds))
    sys.stdout.write(f"{app.platformName()}, milliseconds\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
