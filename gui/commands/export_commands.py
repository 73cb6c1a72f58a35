"""Export from the File menu: pictures, a NumPy program, Graphviz."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from graph.errors import GradwireError
from graph.files.whole_file import write_whole
from gui.commands.context import CommandContext
from gui.look import theme
from gui.session.session import Session


@dataclass(frozen=True, slots=True)
class Format:
    """A way to export: what it is called, its suffix, and what writes it."""

    title: str
    suffix: str
    write: Callable[[Session, Path, theme.Theme], object]


def _picture(form: str) -> Callable[[Session, Path, theme.Theme], object]:
    def write(session: Session, path: Path, colors: theme.Theme) -> None:
        from gui.canvas import export_picture

        colors = theme.LIGHT if form == "pdf" else colors  # paper is white
        document, readings = session.document, session.readings
        export_picture.write(document, path, form, readings, colors, shown=session.shown)

    return write


def _numpy(session: Session, path: Path, _colors: theme.Theme) -> None:
    from engine.compiler.compile import compile_document
    from engine.export.numpy_export import to_numpy
    from engine.interpreter.parameter_vector import initial

    document = session.document
    plan = session.plan or compile_document(document, session.schema)
    theta = session.theta
    if theta is None:
        theta = initial(plan, document, document.training.seed, strict=False)
    write_whole(path, to_numpy(document, plan, theta).encode())


def _dot(session: Session, path: Path, _colors: theme.Theme) -> None:
    from engine.export.dot import to_dot

    write_whole(path, to_dot(session.document, session.readings).encode())


FORMATS: Mapping[str, Format] = {
    "png": Format("PNG picture", ".png", _picture("png")),
    "svg": Format("SVG drawing", ".svg", _picture("svg")),
    "pdf": Format("PDF", ".pdf", _picture("pdf")),
    "numpy": Format("NumPy program", ".py", _numpy),
    "dot": Format("Graphviz file", ".dot", _dot),
}
"""Format → how it is written."""


def export(session: Session, name: str, path: Path, colors: theme.Theme) -> bool:
    """Write the document in a format; a failure goes to ``notice``."""
    session.run.pause()
    chosen = FORMATS[name]
    path = path if path.suffix else path.with_suffix(chosen.suffix)
    try:
        chosen.write(session, path, colors)
    except GradwireError as error:
        session.notice.emit(f"Nothing was exported: {error}")
        return False
    session.news.emit(f"Exported to {path.name}.")
    return True


def choose_and_export(context: CommandContext, name: str) -> None:
    """Ask for a file and export to it."""
    chosen = FORMATS[name]
    stem = Path(context.documents.name).stem
    start = context.settings.last_folder / f"{stem}{chosen.suffix}"
    title = f"Export {chosen.title}"
    pattern = f"{chosen.title} (*{chosen.suffix})"
    parent = context.dialog_parent
    file, _ = QFileDialog.getSaveFileName(parent, title, str(start), pattern)
    if file:
        export(context.session, name, Path(file), theme.of(parent.palette()))
