"""How long an edit of a large document takes in the window: ``python -m benchmarks.large_edits``.

Opens the real window (on the display there is, or offscreen) with a random graph of scalar
neurons and deletes a node, undoes that, moves a node, labels one and gives one another id. Prints
the milliseconds from the event until the canvas is painted, what of them the GUI thread itself
computed (other load does not disturb that), and the longest time for which the GUI thread then
answered nothing, until all background work was done: medians over several nodes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeAlias

from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.editor import TickWatch, wait, wait_until
from engine.benchmark.networks import draw_wiring, irregular
from engine.compiler.compile import compile_document
from engine.interpreter.parameter_vector import initial, to_tensors
from engine.library import library
from graph.changes import adding
from graph.model.dataset import Generator
from graph.model.document import Document
from graph.model.edits import Batch, Move, SetDataset, SetLabel, SetParameterValues
from gui.canvas.graph_canvas import GraphCanvas
from gui.documents.document_files import Prompts
from gui.settings import Settings
from gui.shell import window as shell_window
from gui.shell.app import make_application

_COLUMN, _ROW = 220.0, 110.0
_GRAB = QPoint(3, 0)
Delays: TypeAlias = tuple[float, float, float]
"""Until painted, of that the GUI thread's own, longest stall after: milliseconds."""


class PaintWatchCanvas(GraphCanvas):
    """The canvas, with a note of when it was painted last."""

    painted = 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and note when that was done."""
        super().paintEvent(event)
        self.painted = time.perf_counter()


def network(neurons: int, fan_in: int) -> Document:
    """Return scalar tanh neurons that read some of those before them, in columns."""
    columns = ("x1", "x2")
    document = draw_wiring(irregular(neurons, fan_in, inputs=2), columns)
    data = Generator(name="circle", n=64, features=columns, targets=("y",))
    rows = max(1, round((neurons * 0.62 * _COLUMN / _ROW) ** 0.5))
    places = {name: (i // rows * _COLUMN, i % rows * _ROW) for i, name in enumerate(document.nodes)}
    document.apply(Batch((SetDataset(data), Move(places))))
    plan = compile_document(document, {"x1": 1, "x2": 1, "y": 1})
    values = to_tensors(plan, initial(plan, document, seed=0))
    document.apply(SetParameterValues(values))  # as after training
    return document


class EditorBench:
    """A window with a document, and a stop watch."""

    def __init__(self, document: Document, scale: float | None) -> None:
        folder = Path(tempfile.mkdtemp())
        store = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
        prompts = Prompts(lambda _: None, lambda _: None, lambda _: "discard")
        self.window = shell_window.Window(library(), Settings(store, folder), prompts)
        self.window.resize(1600, 1000)
        self.window.show()
        self.session = self.window.session
        self.session.kernels.start("float64")
        self.session.new(document)
        canvas = self.window.canvas
        assert isinstance(canvas, PaintWatchCanvas)
        self.canvas = canvas
        wait_until(lambda: self.session.kernels.ready("float64"))
        if scale is not None:
            canvas.zoom_by(scale / canvas.camera.scale)
        self.settle()

    def settle(self) -> float:
        """Let all background work end; return the longest time without an answer, ms."""
        watch = TickWatch()
        watch.start()
        wait(0.1)
        wait_until(lambda: not self.session.background.busy)
        wait(1.4)
        return max(watch.lateness, default=0.0)

    def time(self, work: Callable[[], object]) -> Delays:
        """Do something; return its delays."""
        QApplication.processEvents()
        start, spent = time.perf_counter(), time.thread_time()
        work()
        while self.canvas.painted < start:
            QApplication.processEvents()
        own = (time.thread_time() - spent) * 1e3
        return (self.canvas.painted - start) * 1e3, own, self.settle()

    def command(self, name: str) -> Delays:
        """Time a command of the menus."""
        return self.time(self.window.actions_by_id[name].trigger)

    def place(self, node: str) -> QPoint:
        """Return where a node is on the widget."""
        x, y = self.session.document.positions[node]
        return QPointF(*self.canvas.camera.to_widget(x, y)).toPoint()

    def drag(self, node: str) -> Delays:
        """Drag a node; time the release, when the document changes."""
        at, button = self.place(node), Qt.MouseButton.LeftButton
        QTest.mousePress(self.canvas, button, pos=at)
        for step in range(1, 5):
            QTest.mouseMove(self.canvas, at + _GRAB * step)
            QApplication.processEvents()
        end, keys = at + _GRAB * 4, Qt.KeyboardModifier.NoModifier
        return self.time(lambda: QTest.mouseRelease(self.canvas, button, keys, end))

    def all(self, node: str) -> dict[str, Delays]:
        """Time every edit with one node."""
        session, document = self.session, self.session.document
        session.select([node])
        self.settle()
        found = {
            "delete a node": self.command("edit.delete"),
            "undo that": self.command("edit.undo"),
            "move a node": self.drag(node),
            "label a node": self.time(lambda: session.push(SetLabel(node, "renamed"), "Label")),
        }
        found["give it another id"] = self.time(
            lambda: session.push(adding.rename(document, node, f"{node}.new"), "Rename")
        )
        while session.undo_stack.canUndo():
            session.undo()
        self.settle()
        return found


def measure(neurons: int, fan_in: int, scale: float | None, repeats: int) -> list[str]:
    """Return the rows of the table for one size."""
    bench = EditorBench(network(neurons, fan_in), scale)
    names = list(bench.session.document.nodes)
    found = [bench.all(names[len(names) * (i + 1) // (repeats + 1)]) for i in range(repeats)]
    edges = len(bench.session.document.edges)
    size = f"{neurons:,} / {edges:,}, {'all in view' if scale is None else f'zoom {scale:g}'}"
    lines = []
    for name in found[0]:
        painted, own, stall = (median(one[name][k] for one in found) for k in range(3))
        lines.append(f"| {size} | {name} | {painted:.0f} | {own:.0f} | {stall:.0f} |")
    bench.window.close()
    return lines


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="*", default=["10000x3"])
    parser.add_argument("--scales", nargs="*", type=float, default=[0.0, 1.0])
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args()
    app = make_application()
    vars(shell_window)["GraphCanvas"] = PaintWatchCanvas  # the window's own, with a watch
    write = sys.stdout.write
    write(f"{app.platformName()}, milliseconds\n")
    write("| neurons / edges | edit | painted after | GUI thread's own | longest stall |\n")
    write("|---|---|---|---|---|\n")
    for size in chosen.sizes:
        neurons, fan_in = map(int, size.split("x"))
        for scale in chosen.scales:
            write("\n".join(measure(neurons, fan_in, scale or None, chosen.repeats)) + "\n")


if __name__ == "__main__":
    main()
