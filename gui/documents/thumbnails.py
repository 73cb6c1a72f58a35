"""Pictures of documents for the start page: drawn when there is time, kept on disk."""

from __future__ import annotations

import hashlib
import logging
from collections import deque
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage

from graph.errors import GradwireError
from graph.model.document import Document
from graph.model.kinds import Library
from gui.jobs.job_queue import Background

if TYPE_CHECKING:
    from engine.interpreter.probe import Probe
    from gui.canvas.scene import Scene

_log = logging.getLogger(__name__)
_PAUSE = 5  # ms between two pictures, for the page to answer in
_VERSION = b"2"  # changes when the canvas draws differently, so that old pictures are not shown
_FINER = 2  # drawn so many times larger, then scaled down: more detail in a small picture
_ROWS = 50  # rows of data that the numbers in a picture are the mean of
_KEY = "picture"


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

    Documents are read, calculated and laid out in the background; only the painting, which Qt
    wants in its own thread, is done in between. A picture is kept under the hash of the file's
    content, theme and size, so it is drawn once.
    """

    ready = Signal(object, object)  # a path and its `QImage`

    def __init__(
        self,
        library: Library,
        background: Background,
        folder: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._library, self._background, self._folder = library, background, folder
        self._waiting: deque[tuple[Path, _Look]] = deque()
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._next)

    def request(self, paths: list[Path], size: QSize, ratio: float, *, dark: bool) -> None:
        """Ask for pictures of ``size`` × ``ratio`` pixels; earlier requests are forgotten."""
        self.stop()
        look = _Look(size, ratio, dark)
        self._waiting = deque((path, look) for path in paths)
        self._timer.start()

    def stop(self) -> None:
        """Forget what is asked for; a page that is not seen needs no pictures."""
        self._waiting.clear()
        self._timer.stop()
        self._background.drop(_KEY)

    def _next(self) -> None:
        if not self._waiting:
            return
        path, look = self._waiting.popleft()
        try:
            content = path.read_bytes()
        except OSError:
            self._timer.start()
            return
        name = hashlib.sha256(_VERSION + look.mark() + content).hexdigest()
        kept = self._folder / f"{name}.png"
        image = QImage(str(kept))
        if not image.isNull():
            self._deliver(path, image)
            return
        work = partial(_scene, content, path, self._library)
        draw = partial(self._draw, path, look, kept)
        self._background.run(_KEY, work, draw, self._skip)

    def _draw(self, path: Path, look: _Look, kept: Path, scene: Scene) -> None:
        from gui.canvas.export_picture import picture
        from gui.look import theme

        colors = theme.DARK if look.dark else theme.LIGHT
        large = picture(scene, look.size * _FINER, colors, ratio=look.ratio)
        image = large.scaled(
            look.size * look.ratio,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        image.setDevicePixelRatio(1.0)
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            image.save(str(kept))
        except OSError:
            _log.warning("the picture of %s cannot be kept", path, exc_info=True)
        self._deliver(path, image)

    def _skip(self, sentence: str) -> None:
        _log.warning("a picture is missing: %s", sentence)
        self._timer.start()

    def _deliver(self, path: Path, image: QImage) -> None:
        self.ready.emit(path, image)
        self._timer.start()


def _scene(content: bytes, path: Path, library: Library) -> Scene:
    """Read a document; return it ready to be drawn, wires routed and numbers calculated."""
    from graph.files.storage import loads
    from gui.canvas.export_picture import prepared

    document = loads(content, library, str(path))
    try:
        readings = _readings(document, path.parent)
    except GradwireError:  # without its data, or unfinished: drawn without numbers
        readings = None
    return prepared(document, readings)


def _readings(document: Document, folder: Path) -> Probe | None:
    """Calculate a document's numbers at its first parameters; None if it has no data."""
    from engine.compiler.compile import compile_document
    from engine.data import prepare
    from engine.interpreter.parameter_vector import initial
    from engine.interpreter.probe import probe

    if document.dataset is None:
        return None
    data = prepare(document.dataset, folder)
    plan = compile_document(document, data.schema)
    theta = initial(plan, document, document.training.seed)
    rows = data.splits["train"]
    columns = data.batch(plan.columns, rows[:_ROWS])
    return probe(plan, theta, columns, document.training, len(rows), None, document.version)
