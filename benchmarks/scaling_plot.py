"""The plot of ``benchmarks.scaling``: what an edge costs, over the number of edges."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from benchmarks.scaling_point import ScalingPoint

Curve = tuple[str, str, Callable[[ScalingPoint], float]]
_PANELS: Sequence[tuple[str, str, Sequence[Curve]]] = (
    (
        "Time of an update",
        "ns per edge and row",
        (("forward, backward, descent", "#2f6fde", lambda size: size.sample * 1e9),),
    ),
    (
        "Memory, of the tape and of the whole process",
        "bytes per edge",
        (
            ("tape", "#2f6fde", lambda size: size.tape / size.edges),
            ("process", "#d9622b", lambda s: s.process / s.edges),
        ),
    ),
    (
        "Until it can train",
        "µs per edge",
        (
            ("compile", "#2f6fde", lambda size: size.compiling / size.edges * 1e6),
            ("initial θ", "#3f9d55", lambda size: size.initial / size.edges * 1e6),
            ("lower", "#d9622b", lambda size: size.lowering / size.edges * 1e6),
        ),
    ),
)
_WIDTH, _HEIGHT = 1500, 460


def draw(sizes: Sequence[ScalingPoint], path: Path) -> None:
    """Draw a panel each for time, memory and readiness into a picture."""
    app = QApplication.instance() or QApplication([sys.argv[0], "-platform", "offscreen"])
    pg.setConfigOptions(background="w", foreground="#333", antialias=True)
    board = pg.GraphicsLayoutWidget()
    board.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    board.resize(_WIDTH, _HEIGHT)
    board.show()
    edges = [size.edges for size in sizes]
    for column, (title, unit, curves) in enumerate(_PANELS):
        plot = board.addPlot(row=0, col=column, title=title)
        plot.setLogMode(x=True, y=False)
        plot.setLabel("bottom", "edges")
        ticks = _decades(edges)
        plot.getAxis("bottom").setTicks([ticks, []])
        plot.setXRange(ticks[0][0], ticks[-1][0])
        plot.setLabel("left", unit)
        plot.showGrid(x=True, y=True, alpha=0.2)
        plot.addLegend(offset=(-10, 10))
        for name, colour, figure in curves:
            seen = [size for size in sizes if figure(size) > 0]  # 0: less than the libraries took
            heights, places = [figure(size) for size in seen], [size.edges for size in seen]
            pen = pg.mkPen(colour, width=2)
            plot.plot(places, heights, pen=pen, symbol="o", symbolBrush=colour, name=name)
        largest = max(figure(size) for _, _, figure in curves for size in sizes)
        plot.setYRange(0, largest * 1.35)
    app.processEvents()
    path.parent.mkdir(parents=True, exist_ok=True)
    board.grab().save(str(path))
    board.close()


def _decades(numbers: Sequence[int]) -> list[tuple[float, str]]:
    """Return the powers of ten around some numbers, as ticks."""
    lowest, highest = math.floor(math.log10(min(numbers))), math.ceil(math.log10(max(numbers)))
    return [(float(power), f"{10**power:,}") for power in range(lowest, highest + 1)]
