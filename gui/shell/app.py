"""The program: application, window, what happens when something goes wrong."""

from __future__ import annotations

import gc
import logging
import sys
from collections import Counter
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from gui.look import theme
from gui.settings import Settings

if TYPE_CHECKING:
    from gui.shell.window import Window

_log = logging.getLogger(__name__)
_COMPLAINTS = 20
_TURN = 0.001  # seconds a thread may keep the window from going on, rather than Python's 5 ms
_REST = 50  # ms from the first look at the window to the work behind it


def run(path: Path | None = None) -> int:
    """Start the editor on a document or the start page; return its exit code once it is closed."""
    app = make_application()
    settings = Settings()
    _log_to(settings.folder)
    theme.apply(app, settings.theme)
    from engine.library import library
    from gui.shell.window import Window

    window = Window(library(), settings)
    _watch_errors(window.notices.show_text)
    window.show()
    QTimer.singleShot(0, window, lambda: _settle(window, path))
    code = app.exec()
    window.session.close()
    return code


def make_application() -> QApplication:
    """Return the application, with the name under which settings are kept."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Gradwire")
    app.setApplicationDisplayName("Gradwire")
    app.setOrganizationName("Gradwire")
    app.setDesktopFileName("gradwire")
    app.setStyle("Fusion")
    sys.setswitchinterval(_TURN)
    return app


def _settle(window: Window, path: Path | None) -> None:
    """Do what can wait until the window is seen: open the file, freeze what was imported."""
    if path is not None:
        window.documents.open(path)
    elif window.documents.recovery.lost():
        window.status.show_news("Unsaved work of an earlier run was found: see the left side.")
    gc.collect()
    gc.freeze()
    QTimer.singleShot(_REST, window, lambda: window.session.kernels.start("float64"))


class _Seldom(logging.Filter):
    """Lets the same place complain only a few times, so that a fault in painting fills no disk."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: Counter[tuple[str, int, str]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is written."""
        key = (record.pathname, record.lineno, record.getMessage())
        self._seen[key] += 1
        return self._seen[key] <= _COMPLAINTS


def _log_to(folder: Path) -> None:
    """Keep a log in the data folder; without a folder that can be written there is none."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "gradwire.log", maxBytes=1_000_000, backupCount=1, encoding="utf-8"
        )
    except OSError:
        return
    handler.addFilter(_Seldom())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)


def _watch_errors(tell: Callable[[str], None]) -> None:
    """Log what nobody caught and say so in one sentence; the program goes on."""

    def excepthook(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        _log.error("an error nobody expected", exc_info=(kind, error, trace))
        tell(f"Something went wrong ({kind.__name__}); nothing is lost, details are in the log.")

    sys.excepthook = excepthook
