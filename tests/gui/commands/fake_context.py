"""What commands need, without a window: a session, and notes of what they asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from graph.model.edits import Position
from gui.canvas.interaction import node_placement
from gui.documents.document_files import Documents
from gui.session.session import Session
from gui.settings import Settings


@dataclass
class FakeCanvas:
    """A view of the scene that only remembers what it was asked for."""

    session: Session
    asked: list[object] = field(default_factory=list)

    def fit(self) -> None:
        self.asked.append("fit")

    def zoom_to(self, nodes: Iterable[str]) -> None:
        self.asked.append(("zoom_to", set(nodes)))

    def zoom_by(self, factor: float) -> None:
        self.asked.append(("zoom_by", factor))

    def set_motion(self, motion: bool) -> None:
        self.asked.append(("motion", motion))

    def set_dimming(self, dims: bool) -> None:
        self.asked.append(("dimming", dims))

    def middle(self) -> Position:
        return 500.0, 400.0

    def mouse_position(self) -> Position:
        return 900.0, 900.0

    def global_position(self, at: QPoint) -> Position:
        return float(at.x()), float(at.y())

    def add_at(self, kind: str, position: Position) -> str | None:
        return node_placement.add(self.session, kind, position)


@dataclass
class FakeContext:
    """A `CommandContext` of real document, files and settings around a `FakeCanvas`."""

    session: Session
    documents: Documents
    settings: Settings
    dialog_parent: QWidget
    canvas: FakeCanvas
    offers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    panels: dict[str, QWidget] = field(default_factory=dict)
    projects: bool = False

    def offer(self, text: str, action: str, callback: Callable[[], object]) -> None:
        self.offers.append(action)

    def raise_dock(self, name: str) -> QWidget:
        self.asked.append(name)
        return self.panels[name]

    def show_canvas(self) -> None:
        self.asked.append("canvas")

    def show_start(self) -> None:
        self.asked.append("start")

    def toggle_projector(self) -> None:
        self.asked.append("projector")

    def go_back(self) -> None:
        self.asked.append("back")

    def deepen(self, steps: int) -> None:
        self.asked.append(f"deepen {steps}")

    def show_training(self) -> None:
        self.asked.append("training")

    def show_commands(self) -> None:
        self.asked.append("commands")

    def show_shortcuts(self) -> None:
        self.asked.append("shortcuts")

    def close(self) -> None:
        self.asked.append("close")
