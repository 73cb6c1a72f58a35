"""Pictures of documents for the start page: drawn when there is time, kept on disk."""

from __future__ import annotations

import hashlib
import logging
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSize, QStandardPaths, QTimer, Signal
from PySide6.QtGui import QImage

from graph.errors import GradwireError
from graph.spec import Library

_log = logging.getLogger(__name__)
_PAUSE = 15  # ms between two pictures, for the page to answer in
_VERSION = b"1"  # changes when the canvas draws differently, so that old pictures are not shown


@dataclass(frozen=True, slots=True)
class _Look:
    """How pictures are wanted: logical size, pixels for each of its units, and theme."""

    size: QSize
    ratio: float
    dark: bool

    def mark(self) -> bytes:
        """Return what tells pictures of the same document apart."""
        theme = "dark" if self.dark else "light"
        return f"{self.size.width()}x{self.size.height()}@{self.ratio:g} {theme}".encode()


class Pictures(QObject):
    """Delivers pictures of documents one by one, without ever making the page wait.

    A picture is kept under the hash of the file's content, theme and size, so it is drawn once.

    Parameters
    ----------
    library : Library
        The node kinds.
    folder : Path, optional
        Where pictures are kept; the application's cache by default.

    Attributes
    ----------
    ready : Signal(object, object)
        A path and its `QImage`.
    """

    ready = Signal(object, object)

    def __init__(
        self, library: Library, folder: Path | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._library = library
        location = QStandardPaths.StandardLocation.CacheLocation
        self._folder = folder or Path(QStandardPaths.writableLocation(location)) / "pictures"
        self._waiting: deque[tuple[Path, _Look]] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._next)

    def request(self, paths: list[Path], size: QSize, ratio: float, *, dark: bool) -> None:
        """Ask for pictures of ``size`` × ``ratio`` pixels; earlier requests are forgotten."""
        look = _Look(size, ratio, dark)
        self._waiting = deque((path, look) for path in paths)
        self._timer.start()

    def stop(self) -> None:
        """Forget what is asked for; a page that is not seen needs no pictures."""
        self._waiting.clear()
        self._timer.stop()

    def _next(self) -> None:
        if not self._waiting:
            self._timer.stop()
            return
        path, look = self._waiting.popleft()
        image = self._picture(path, look)
        if image is not None:
            self.ready.emit(path, image)

    def _picture(self, path: Path, look: _Look) -> QImage | None:
        try:
            content = path.read_bytes()
        except OSError:
            return None
        name = hashlib.sha256(_VERSION + look.mark() + content).hexdigest()
        kept = self._folder / f"{name}.png"
        image = QImage(str(kept))
        if not image.isNull():
            return image
        drawn = self._draw(path, content, look)
        if drawn is not None:
            self._keep(drawn, kept)
        return drawn

    def _draw(self, path: Path, content: bytes, look: _Look) -> QImage | None:
        from graph.storage import loads
        from gui import theme
        from gui.canvas.picture import picture

        try:
            document = loads(content, self._library, str(path))
        except (GradwireError, OSError):
            _log.warning("no picture of %s: it cannot be read", path, exc_info=True)
            return None
        colors = theme.DARK if look.dark else theme.LIGHT
        return picture(document, look.size, colors, ratio=look.ratio)

    def _keep(self, image: QImage, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            return
        image.save(str(path))
