"""For all tests: no screen, fixed seeds, and nothing left behind."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

# the same examples in every run of CI; new ones at every run at home
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("home", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "home")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # read when Qt is first imported

_GUI = Path(__file__).parent / "gui"
_PATIENCE = 2.0  # seconds a thread may take to end


@pytest.fixture(autouse=True)
def seeds() -> None:
    random.seed(0)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test of the editor that leaves a thread or an open window behind."""
    if not request.path.is_relative_to(_GUI):
        yield
        return
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    threads = set(threading.enumerate())
    windows = {id(widget) for widget in QApplication.topLevelWidgets()}
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [w for w in QApplication.topLevelWidgets() if id(w) not in windows and w.isVisible()]
    for widget in left:
        widget.close()
    assert not left, f"windows are still open: {left}"
    end = time.monotonic() + _PATIENCE
    for thread in set(threading.enumerate()) - threads:
        thread.join(max(end - time.monotonic(), 0.01))
        assert not thread.is_alive(), f"a thread still runs: {thread}"
