"""What the program remembers of its user: looks, recent files, places of the docks."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QSettings, QStandardPaths, Signal

from gui.look.theme import ThemeChoice

_RECENT = 12
_DOCUMENTS = 200  # whose breakpoints are kept


class Settings(QObject):
    """The user's choices, kept in a `QSettings` store.

    Parameters
    ----------
    store : QSettings, optional
        Where they are kept; the application's own by default, a temporary file in tests.
    folder : Path, optional
        Where recovery files and the log go; the application's data folder by default.

    Attributes
    ----------
    folder, pictures : Path
        Where recovery files and the log go, and pictures of documents (they can be drawn again).
    changed : Signal()
        Theme, motion, dimming or the recent files are different now.
    """

    changed = Signal()

    def __init__(self, store: QSettings | None = None, folder: Path | None = None) -> None:
        super().__init__()
        self._store = store or QSettings()
        location = QStandardPaths.StandardLocation
        self.folder = folder or Path(QStandardPaths.writableLocation(location.AppDataLocation))
        cache = folder or Path(QStandardPaths.writableLocation(location.CacheLocation))
        self.pictures = cache / "pictures"

    @property
    def theme(self) -> ThemeChoice:
        """The colours: those of the system, light or dark."""
        choices: dict[str, ThemeChoice] = {"light": "light", "dark": "dark"}
        return choices.get(str(self._store.value("theme", "system")), "system")

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._set("theme", choice)

    @property
    def reduce_motion(self) -> bool:
        """Whether nothing may move by itself."""
        return bool(self._store.value("reduce_motion", False, type=bool))

    @reduce_motion.setter
    def reduce_motion(self, reduce: bool) -> None:
        self._set("reduce_motion", reduce)

    @property
    def dim_others(self) -> bool:
        """Whether wires that do not touch the selected nodes are faint."""
        return bool(self._store.value("dim_others", False, type=bool))

    @dim_others.setter
    def dim_others(self, dim: bool) -> None:
        self._set("dim_others", dim)

    @property
    def recent(self) -> list[Path]:
        """Files opened or saved lately, the latest first; those that exist."""
        stored = self._store.value("recent", [])
        names = stored if isinstance(stored, list) else [stored]
        return [path for name in names if name and (path := Path(str(name))).is_file()]

    def add_recent(self, path: Path) -> None:
        """Put a file at the head of the recent ones."""
        path = path.resolve()
        paths = [path, *(old for old in self.recent if old != path)][:_RECENT]
        self._set("recent", [str(item) for item in paths])

    def breakpoints(self, path: Path) -> str:
        """Return what was stored of a document's breakpoints; empty at first."""
        return str(self._all_breakpoints().get(str(path.resolve()), ""))

    def set_breakpoints(self, path: Path, text: str) -> None:
        """Store a document's breakpoints; those of the documents changed last are kept."""
        stored, name = self._all_breakpoints(), str(path.resolve())
        if str(stored.pop(name, "")) != text:
            kept = list(({name: text} if text else {}).items()) + list(stored.items())
            self._store.setValue("breakpoints", json.dumps(kept[:_DOCUMENTS]))

    def _all_breakpoints(self) -> dict[str, object]:
        try:
            return dict(json.loads(str(self._store.value("breakpoints", "[]"))))
        except (ValueError, TypeError):
            return {}  # of a store that was edited by hand

    @property
    def last_folder(self) -> Path:
        """Where the last file was chosen."""
        return Path(str(self._store.value("last_folder", str(Path.home()))))

    @last_folder.setter
    def last_folder(self, folder: Path) -> None:
        self._store.setValue("last_folder", str(folder))

    def window(self, name: str) -> QByteArray:
        """Return what was stored of a window's ``geometry`` or ``state``; empty at first."""
        stored = self._store.value(f"window/{name}", QByteArray())
        return stored if isinstance(stored, QByteArray) else QByteArray()

    def set_window(self, name: str, data: QByteArray) -> None:
        """Store a window's ``geometry`` or ``state``."""
        self._store.setValue(f"window/{name}", data)

    def _set(self, key: str, value: object) -> None:
        self._store.setValue(key, value)
        self.changed.emit()
