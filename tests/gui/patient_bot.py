"""A qtbot that waits for conditions as long as a busy machine may need."""

from __future__ import annotations

from functools import partialmethod

from pytestqt.qtbot import QtBot

_LIMIT = 60_000  # ms: only a test that fails waits so long


class PatientBot(QtBot):
    """As `QtBot`, but nothing that comes true is missed because the machine is slow."""

    waitUntil = partialmethod(QtBot.waitUntil, timeout=_LIMIT)  # noqa: N815  # Qt's way
    waitSignal = partialmethod(QtBot.waitSignal, timeout=_LIMIT)  # noqa: N815
    waitExposed = partialmethod(QtBot.waitExposed, timeout=_LIMIT)  # noqa: N815
    waitActive = partialmethod(QtBot.waitActive, timeout=_LIMIT)  # noqa: N815
