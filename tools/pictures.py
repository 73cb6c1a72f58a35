"""Make the pictures of ``docs/`` from the real window, under Xvfb: ``python tools/pictures.py``."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gui.shell.window import Window

ROOT = Path(__file__).resolve().parents[1]
WIDTH, HEIGHT = 1280, 800
ROW = 2  # the third of the table
STOPS = {
    "forward": "s:o",
    "loss": "loss:E",
    "delta-sum": "message:i-k",
    "update": "update:i-j.weight",
}
_EPOCHS, _PATIENCE = 40, 60.0


@contextmanager
def screen() -> Iterator[None]:
    """Show all windows on a screen of its own."""
    read, write = os.pipe()
    size = ["-screen", "0", f"{WIDTH}x{HEIGHT}x24"]
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), *size, "-noreset"], pass_fds=[write]
    )
    os.close(write)
    with os.fdopen(read) as number:
        os.environ |= {"DISPLAY": f":{number.readline().strip()}", "QT_QPA_PLATFORM": "xcb"}
    try:
        yield
    finally:
        server.terminate()
        server.wait()


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; raises `TimeoutError` if it does not come true."""
    from PySide6.QtTest import QTest

    end = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the window does not come to show what is asked")
        QTest.qWait(20)


def save(window: Window, name: str) -> None:
    """Write what the window shows, once it is at rest."""
    from PySide6.QtTest import QTest

    QTest.qWait(600)
    place = ROOT / "docs" / name
    place.parent.mkdir(exist_ok=True)
    window.grab().save(str(place), "PNG", 0)
    print(f"{place.relative_to(ROOT)}: {place.stat().st_size // 1024} KiB")  # noqa: T201


def _explains(window: Window, quantity: str) -> bool:
    answer = window.explanation.page.answer
    return answer is not None and answer.quantity == quantity


def step_pictures(window: Window, theme_name: str) -> None:
    """Show one update of an example at a stop of each phase."""
    from PySide6.QtCore import Qt

    from engine.headless import examples

    window.documents.open(examples.path("dolhansky_3_outputs"))
    session = window.session
    until(lambda: session.stepper.score is not None and session.readings is not None)
    session.set_row(ROW)
    until(lambda: session.readings is not None and session.readings.row == ROW)
    window.raise_dock("explanation")
    for dock in window.docks.values():  # there are no curves yet: let the network be large
        dock.setVisible(window.dockWidgetArea(dock) is Qt.DockWidgetArea.RightDockWidgetArea)
    for name, quantity in STOPS.items():
        while session.stepper.at is None or session.stepper.at.quantity != quantity:
            session.stepper.forward()
        until(partial(_explains, window, quantity))
        window.canvas.fit()
        save(window, f"pictures/step-{name}-{theme_name}.png")
    session.stepper.rest()


def editor_picture(window: Window) -> None:
    """Show the first example after some training."""
    from engine.headless import examples

    window.documents.open(examples.path(examples.WELCOME))
    session = window.session
    until(lambda: session.stepper.score is not None and session.readings is not None)
    for dock in window.docks.values():
        dock.show()
    window.raise_dock("loss")
    session.run.speed = None
    session.run.play()
    until(lambda: session.run.epoch >= _EPOCHS)
    session.run.pause()
    when = f"after {session.run.shown_update} updates"
    until(lambda: when in window.explanation.page.about.text())
    window.canvas.fit()
    save(window, "editor.png")


def main() -> None:
    """Make all pictures."""
    from PySide6.QtCore import QSettings
    from PySide6.QtTest import QTest

    from engine.library import library
    from gui.documents.document_files import Prompts
    from gui.look import theme
    from gui.settings import Settings
    from gui.shell.app import make_application
    from gui.shell.window import Window

    app = make_application()
    for theme_name in ("light", "dark"):
        with tempfile.TemporaryDirectory() as folder:
            store = QSettings(f"{folder}/settings.ini", QSettings.Format.IniFormat)
            theme.apply(app, theme_name)
            prompts = Prompts(lambda _: None, lambda _: None, lambda _: "discard")
            window = Window(library(), Settings(store, Path(folder)), prompts)
            window.resize(WIDTH, HEIGHT)
            window.show()
            QTest.qWaitForWindowExposed(window)
            step_pictures(window, theme_name)
            if theme_name == "light":
                editor_picture(window)
            window.close()
    app.shutdown()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    with screen():
        main()
