"""Pictures written to files without a window: the canvas and loss curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PySide6.QtWidgets import QApplication

from engine.interpreter.probe import Probe
from graph.errors import FileError
from graph.layout.arrange import arrange
from graph.model.document import Document
from graph.model.edits import Move
from gui.canvas import export_picture
from gui.look import theme

CurvesBySplit: TypeAlias = Mapping[str, Mapping[str, Sequence[float]]]
"""Split → name → one number an epoch."""

_CHART_SIZE = (800, 450)


def write_canvas(document: Document, readings: Probe | None, path: Path, form: str) -> None:
    """Write what the canvas shows as ``png``, ``svg`` or ``pdf``; raises `FileError`.

    Nodes without a place are given one in the document.
    """
    homeless = [node for node in document.nodes if node not in document.positions]
    if homeless:
        document.apply(Move(arrange(document, homeless if document.positions else None)))
    try:
        export_picture.write(document, path, form, readings)
    except OSError as error:
        raise FileError(f"cannot be written ({error.strerror or error})", str(path)) from error


def write_run(
    document: Document, readings: Probe | None, curves: CurvesBySplit, folder: Path
) -> None:
    """Write ``canvas.png`` and ``loss.png``, the loss of each split; raises `FileError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"the folder cannot be made ({error.strerror})", str(folder)) from error
    write_canvas(document, readings, folder / "canvas.png", "png")
    write_losses({split: found["loss"] for split, found in curves.items()}, folder / "loss.png")


def write_losses(losses: Mapping[str, Sequence[float]], path: Path) -> None:
    """Write loss curves, one a split over the epochs, as PNG; raises `FileError`."""
    application = QApplication.instance() or QApplication(["gradwire", "-platform", "offscreen"])
    assert isinstance(application, QApplication)  # nothing here makes another kind
    theme.apply(application, "light")

    from gui.look.theme import series_color
    from gui.plots.chart import Chart
    from gui.plots.chart_export import save_png

    chart = Chart()
    chart.resize(*_CHART_SIZE)
    panel = chart.add_panel("epoch", "loss")
    panel.set_log(all(min(loss) > 0 for loss in losses.values()))
    chart.recolor()
    chart.ensurePolished()
    legend: list[str] = []
    for index, (split, loss) in enumerate(losses.items()):
        color = series_color(index, chart.palette())
        legend.append(f"<span style='color: {color.name()}'>{split}</span>")
        panel.draw(split, np.arange(len(loss), dtype=float), np.asarray(loss, float), color)
    panel.item.setTitle(" · ".join(legend))
    chart.grab()  # lays the chart out
    save_png(chart, path)
    chart.close()
