"""For all tests: no screen, fixed seeds, and nothing left behind."""

from __future__ import annotations

import os
import random
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


@pytest.fixture(autouse=True)
def seeds() -> None:
    random.seed(0)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test of the editor that leaves a thread, a running timer or a window behind."""
    if not request.path.is_relative_to(_GUI):
        yield
        return
    from tests.gui.leaks import Leftovers

    before = Leftovers()
    yield
    assert before.left() == []
