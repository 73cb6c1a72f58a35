"""Running commands, in this process or as a user does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

import gradwire
from engine.headless import tables
from engine.native import prepare
from engine.training import Epoch
from tests.command_line.documents import XOR, write

Run: TypeAlias = Callable[..., tuple[int, str, str]]
Process: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """Compile the native engine once, so that no command says that it must."""
    prepare("float64")


@pytest.fixture
def xor(tmp_path: Path) -> Path:
    return write(tmp_path, XOR)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process; give exit code, stdout and stderr."""

    def command(*arguments: object) -> tuple[int, str, str]:
        code = gradwire.main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return command


@pytest.fixture
def ctrl_c(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that has Ctrl-C pressed when an epoch is reached."""

    def press_at(epoch: int) -> None:
        @contextmanager
        def progress(*_: object) -> Iterator[Callable[[Epoch], None]]:
            def tell(record: Epoch) -> None:
                if record.epoch == epoch:
                    signal.raise_signal(signal.SIGINT)

            yield tell

        monkeypatch.setattr(tables, "progress", progress)

    return press_at


@pytest.fixture
def process(tmp_path: Path) -> Process:
    """Run the program as a user without a display does, in an empty folder."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    variables = {name: value for name, value in os.environ.items() if name not in hidden}

    def command(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, gradwire.__file__, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env=variables,
        )

    return command
