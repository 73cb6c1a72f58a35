"""A desktop of its own for each test: Xvfb, a window manager, and mouse and keyboard (xdotool)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from gui.shell.app import make_application
from tests.window.reader import Reader

WIDTH, HEIGHT = 1600, 1000


class Desktop:
    """An X server with one user sitting before it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        read, write = os.pipe()
        screen = ["-screen", "0", f"{WIDTH}x{HEIGHT}x24"]
        self._processes = [
            subprocess.Popen(
                ["Xvfb", "-displayfd", str(write), *screen, "-nolisten", "tcp", "-noreset"],
                pass_fds=[write],
                stderr=subprocess.DEVNULL,
            )
        ]
        os.close(write)
        with os.fdopen(read) as number:
            self.display = f":{number.readline().strip()}"
        self._start("openbox")
        self.wait_until(
            lambda: self.run("get_desktop", check=False) != "", "the window manager does not start"
        )

    def environment(self) -> dict[str, str]:
        """Return the environment of a fresh user on this display."""
        folders = {
            f"XDG_{name}_HOME": str(self.home / name.lower())
            for name in ("CONFIG", "DATA", "CACHE", "STATE")
        }
        return os.environ | folders | {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}

    def gradwire(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start the program as a user would and wait for its window."""
        program = Path(sys.executable).with_name("gradwire")
        process = self._start(str(program), *arguments)
        self.wait_until(self._is_before_the_user, "the window does not appear")
        window = self.window()
        self.run("windowsize", "--sync", window, str(WIDTH), str(HEIGHT - 28))
        self.run("windowmove", window, "0", "24")  # below the frame's title bar
        self.settle()
        return process

    def window(self) -> str:
        """Return the id of the program's visible window with a title, or an empty string."""
        found = self.run("search", "--onlyvisible", "--name", "Gradwire", check=False)
        return found.split("\n")[0]

    def _is_before_the_user(self) -> bool:
        """Ask for the program's window to be the active one; tell whether it is."""
        window = self.window()
        if window:
            self.run("windowactivate", window, check=False)
        return bool(window) and self.run("getactivewindow", check=False).strip() == window

    def title(self) -> str:
        """Return the title of the active window."""
        return self.run("getactivewindow", "getwindowname", check=False).strip()

    def key(self, *chords: str) -> None:
        """Press keys one after the other (``ctrl+s``, ``Return``)."""
        self.run("key", "--delay", "40", *chords)

    def type(self, text: str) -> None:
        """Type a text."""
        self.run("type", "--delay", "15", text)

    def click(self, x: float, y: float, count: int = 1) -> None:
        """Click the left button at a point of the screen."""
        self.run("mousemove", "--sync", str(round(x)), str(round(y)))
        self.run("click", "--repeat", str(count), "--delay", "60", "1")

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag with the left button, in a few steps as a hand does."""
        self.run("mousemove", "--sync", str(round(start[0])), str(round(start[1])))
        self.run("mousedown", "1")
        for step in range(1, 9):
            x = start[0] + (end[0] - start[0]) * step / 8
            y = start[1] + (end[1] - start[1]) * step / 8
            self.run("mousemove", str(round(x)), str(round(y)))
            time.sleep(0.02)
        time.sleep(0.05)
        self.run("mouseup", "1")

    def picture(self, path: Path) -> Path:
        """Save a picture of the whole screen, in the format its name says."""
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment(), check=True)
        return path

    def wait_until(
        self, condition: Callable[[], bool], complaint: str, seconds: float = 60
    ) -> None:
        """Wait until a condition holds; fail with the complaint after so many seconds."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                self.picture(self.home / "failed.png")
                pytest.fail(f"{complaint} (title {self.title()!r}, {self.home}/failed.png)")
            time.sleep(0.1)

    def settle(self) -> None:
        """Wait until two pictures of the screen, a moment apart, are the same."""
        before = b""

        def still() -> bool:
            nonlocal before
            time.sleep(0.2)
            seen, before = before, self.picture(self.home / "settling.ppm").read_bytes()
            return seen == before

        self.wait_until(still, "the screen does not come to rest")

    def run(self, *arguments: str, check: bool = True) -> str:
        """Run xdotool and return what it prints."""
        done = subprocess.run(
            ["xdotool", *arguments],
            env=self.environment(),
            check=check,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout

    def close(self) -> None:
        """End everything this desktop started."""
        for process in reversed(self._processes):
            if process.poll() is None:
                process.terminate()
                process.wait(timeout=20)

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        log = (self.home / f"{Path(command[0]).name}.log").open("ab")
        with log:
            process = subprocess.Popen(
                command, env=self.environment(), cwd=self.home, stdout=log, stderr=log
            )
        self._processes.append(process)
        return process


@pytest.fixture(scope="session")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    """Return a desktop on which this process itself has its windows."""
    result = Desktop(tmp_path_factory.mktemp("screen"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", result.display)
        patch.setenv("QT_QPA_PLATFORM", "xcb")
        yield result
        application = QApplication.instance()
        if application is not None:
            application.shutdown()  # before its X server goes
    result.close()


@pytest.fixture(scope="module")
def reader(screen: Desktop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Return one who reads the window; it is the same for all tests of a module."""
    application = make_application()
    assert application.platformName() == "xcb", "run these tests alone: make window"
    result = Reader(screen, tmp_path_factory.mktemp("reader"))
    yield result
    result.close()


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    result = Desktop(tmp_path)
    yield result
    result.close()
