"""Files: new, open, save, recent; asking before work is lost; noticing changes on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.headless import examples
from graph.model.dataset import relocated
from graph.model.edits import SetDataset
from gui.documents.recovery import Lost, Recovery
from gui.session.session import Session
from gui.session.training_run import TEACHING
from gui.settings import Settings

FILTER = "Gradwire documents (*.gradwire);;All files (*)"


@dataclass(frozen=True, slots=True)
class Prompts:
    """The questions that need an answer before work can go on; tests answer them themselves.

    Parameters
    ----------
    open_path, save_path : callable
        Ask for a file; None is "never mind". Both get a folder or file to start from.
    keep : callable
        Ask whether to save the changes to a named document: ``save``, ``discard``, ``cancel``.
    """

    open_path: Callable[[Path], Path | None]
    save_path: Callable[[Path], Path | None]
    keep: Callable[[str], str]


class Documents(QObject):
    """What the File menu does with documents."""

    changed_on_disk = Signal()  # another program wrote the open file

    def __init__(
        self, session: Session, settings: Settings, recovery: Recovery, prompts: Prompts
    ) -> None:
        super().__init__(session)
        self._session, self._settings = session, settings
        self.recovery = recovery
        self.prompts = prompts
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._on_file_changed)
        self._written: tuple[int, int] | None = None
        session.path_changed.connect(self._on_path)

    @property
    def name(self) -> str:
        """What the document is called in the title bar."""
        session = self._session
        if session.path is not None:
            return session.path.name
        return session.document.title or "Untitled"

    # -- opening ------------------------------------------------------------------------------

    def new(self) -> bool:
        """Start an empty document."""
        if not self.may_discard():
            return False
        self._session.new()
        return True

    def choose(self) -> bool:
        """Ask for a file and open it."""
        path = self.prompts.open_path(self._settings.last_folder)
        return path is not None and self.open(path)

    def open(self, path: Path) -> bool:
        """Open a file after asking what to do with unsaved changes."""
        if not self.may_discard() or not self._session.open(path):
            return False
        self._settings.last_folder = path.parent
        self._settings.add_recent(path)
        self._choose_speed(path)
        return True

    def _choose_speed(self, path: Path) -> None:
        """Let the examples of texts begin at the teaching pace, others at the normal one."""
        is_lesson = path.resolve().parent == examples.folder() and path.stem in examples.OF_TEXTS
        self._session.run.speed = TEACHING if is_lesson else None

    def open_example(self, path: Path) -> bool:
        """Open an example as a new document, so that saving asks for a place of its own."""
        if not self.may_discard() or not self._session.open(path):
            return False
        self._session.is_example = True
        self._choose_speed(path)
        return True

    def reload(self) -> bool:
        """Read the open file again, giving up the changes made here."""
        path = self._session.path
        return path is not None and self._session.open(path)

    def recover(self, lost: Lost) -> bool:
        """Take back work that a crash interrupted."""
        if not self.may_discard() or not self._session.restore(lost.path, lost.original):
            return False
        self.recovery.write()
        self.recovery.discard(lost)
        return True

    # -- saving -------------------------------------------------------------------------------

    def save(self) -> bool:
        """Save to the document's file, or ask for one."""
        session = self._session
        if session.path is None or session.is_example:
            return self.save_as()
        return self.save_to(session.path)

    def save_as(self) -> bool:
        """Ask for a file and save to it."""
        session = self._session
        start = self._settings.last_folder / f"{session.document.title or 'untitled'}.gradwire"
        if session.path is not None and not session.is_example:
            start = session.path
        path = self.prompts.save_path(start)
        return path is not None and self.save_to(path)

    def save_to(self, path: Path) -> bool:
        """Save to a file; data files stay where they are, named from the new place."""
        if not path.suffix:
            path = path.with_suffix(".gradwire")
        session = self._session
        folder, entries = session.calculation.folder, session.undo_stack.count()
        self._move_data(folder, path.parent)
        self._unwatch()
        saved = session.save(path)
        if saved:
            session.is_example = False
            self._settings.last_folder = path.parent
            self._settings.add_recent(path)
        elif session.undo_stack.count() > entries:
            session.calculation.folder = folder
            session.undo()
        self._on_path()
        return saved

    def _move_data(self, old: Path, new: Path) -> None:
        """Name data files from another folder."""
        session = self._session
        dataset = session.document.dataset
        moved = dataset and relocated(dataset, old, new)
        if moved != dataset:
            session.calculation.folder = new
            session.push(SetDataset(moved), "Adjust data paths")

    def may_discard(self) -> bool:
        """Ask about unsaved changes; True if the document may be given up."""
        session = self._session
        session.run.pause()
        if session.undo_stack.isClean():
            return True
        answer = self.prompts.keep(self.name)
        if answer == "save":
            return self.save()
        return answer == "discard"

    # -- the file on disk ---------------------------------------------------------------------

    def _unwatch(self) -> None:
        if files := self._watcher.files():
            self._watcher.removePaths(files)

    def _on_path(self) -> None:
        self._unwatch()
        path = self._session.path
        self._written = _stamp(path) if path else None
        if self._written is not None:
            self._watcher.addPath(str(path))

    def _on_file_changed(self, _name: str) -> None:
        path = self._session.path
        if path is None:
            return
        stamp = _stamp(path)
        if stamp is not None and str(path) not in self._watcher.files():
            self._watcher.addPath(str(path))  # replaced by a rename: watch the new file
        if stamp is not None and stamp != self._written:
            self._written = stamp
            self.changed_on_disk.emit()


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def dialogs_above(parent: QWidget) -> Prompts:
    """Return the prompts that show Qt's dialogs above a window."""

    def open_path(start: Path) -> Path | None:
        name, _ = QFileDialog.getOpenFileName(parent, "Open", str(start), FILTER)
        return Path(name) if name else None

    def save_path(start: Path) -> Path | None:
        name, _ = QFileDialog.getSaveFileName(parent, "Save as", str(start), FILTER)
        return Path(name) if name else None

    def keep(name: str) -> str:
        return _ask_keep(parent, name)

    return Prompts(open_path, save_path, keep)


def _ask_keep(parent: QWidget, name: str) -> str:
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Unsaved changes")
    box.setText(f"Save the changes to “{name}”?")
    box.setInformativeText("Without saving they are lost.")
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    answer = box.exec()
    return {buttons.Save: "save", buttons.Discard: "discard"}.get(buttons(answer), "cancel")
