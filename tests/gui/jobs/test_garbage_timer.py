"""Garbage is collected in the GUI thread alone, though another thread outlives the window."""

from __future__ import annotations

import gc
import threading

from PySide6.QtCore import QObject

from gui.jobs.garbage_timer import GarbageTimer, nothing_collected


def test_a_thread_that_outlives_the_window_never_collects(qapp: QObject) -> None:
    assert gc.isenabled()
    begun, over = threading.Event(), threading.Event()

    def work() -> None:
        with nothing_collected():
            begun.set()
            over.wait()

    timer = GarbageTimer(qapp)
    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    timer.close()
    enabled = [gc.isenabled()]
    over.set()
    thread.join()
    enabled.append(gc.isenabled())
    another = GarbageTimer(qapp)
    enabled.append(gc.isenabled())
    another.close()
    enabled.append(gc.isenabled())
    timer.deleteLater()
    another.deleteLater()
    assert enabled == [False, False, False, True]
