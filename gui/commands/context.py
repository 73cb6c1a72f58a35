"""What a command may use of the window it is called in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from graph.model.edits import Position
from gui.documents.document_files import Documents
from gui.session.session import Session
from gui.settings import Settings


class CanvasView(Protocol):
    """The canvas, as far as commands move it or ask it where something is."""

    def fit(self) -> None:
        """Show everything."""

    def zoom_to(self, nodes: Iterable[str]) -> None:
        """Show these nodes as large as they fit."""

    def zoom_by(self, factor: float) -> None:
        """Zoom about the middle."""

    def set_motion(self, motion: bool) -> None:
        """Let things move by themselves, or not."""

    def set_dimming(self, dims: bool) -> None:
        """Make wires that do not touch the selected nodes faint, or not."""

    def middle(self) -> Position:
        """Return the scene point in the middle of the view."""

    def mouse_position(self) -> Position:
        """Return the scene point under the mouse; the middle of the view if it is elsewhere."""

    def global_position(self, at: QPoint) -> Position:
        """Return the scene point under a point of the screen."""

    def add_at(self, kind: str, position: Position) -> str | None:
        """Add a node at a scene point and return its id; None if it was refused."""


class CommandContext(Protocol):
    """The document and the user's choices, the canvas, messages and panels."""

    session: Session
    documents: Documents
    settings: Settings

    @property
    def canvas(self) -> CanvasView:
        """The canvas."""

    @property
    def dialog_parent(self) -> QWidget:
        """The widget that dialogs open above and that takes the shortcuts."""

    def offer(self, text: str, action: str, callback: Callable[[], object]) -> None:
        """Show a sentence with a button that does something about it."""

    def raise_dock(self, name: str) -> QWidget:
        """Bring a panel to the front and return what is in it."""

    def show_canvas(self) -> None:
        """Show the document with the panels around it."""

    def show_start(self) -> None:
        """Show the start page alone."""

    @property
    def projects(self) -> bool:
        """Whether the canvas is shown alone, with larger type and strokes."""

    def toggle_projector(self) -> None:
        """Show the canvas alone with larger type and strokes, or everything again."""

    def go_back(self) -> None:
        """Return to the explanation before."""

    def deepen(self, steps: int) -> None:
        """Open the explanation over more nodes, or fewer."""

    def show_training(self) -> None:
        """Show the training settings."""

    def show_commands(self) -> None:
        """Let a command be found by typing."""

    def show_shortcuts(self) -> None:
        """List all commands with their keys."""

    def close(self) -> object:
        """End the program after asking about unsaved work."""
