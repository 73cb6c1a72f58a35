"""The fast engine's machine code: made once in a process of its own, then read from a file."""

from __future__ import annotations

import logging
import sys
import threading
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, Qt, Signal

import engine
from gui.jobs.garbage_timer import nothing_collected

if TYPE_CHECKING:
    from engine.plan.plan import Plan
    from engine.training import Engine
    from graph.model.training import Training

_log = logging.getLogger(__name__)
_ROOT = Path(engine.__file__).parent.parent
_PATIENCE = 3.0  # seconds a thread that reads the code, or a process that ends, may take


class _State(Enum):
    LOADING = auto()  # a thread looks for the code and reads it
    COMPILING = auto()  # a process makes it
    READY = auto()
    FAILED = auto()


class Kernels(QObject):
    """Says whether training may use the fast engine, and gets it ready.

    The first start on a machine compiles it behind the window, in a process that gives way to
    others, the commonest kernels first. The fast engine trains a document as soon as the kernels
    of its plan are there, NumPy until then. Every later start reads files, in a thread.
    """

    changed = Signal()  # ``note`` or ``problem`` is new
    prepared = Signal()  # what had to be compiled is ready
    _looked = Signal(str, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.command: tuple[str, ...] = ("-m", "engine.native")  # of Python; the precision follows
        self._states: dict[str, _State] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._processes: dict[str, QProcess] = {}
        self._open = False
        self._looked.connect(self._on_looked, Qt.ConnectionType.QueuedConnection)

    def start(self, dtype: str) -> None:
        """Begin, with the code for one precision; others follow when they are asked for."""
        self._open = True
        self.want(dtype)

    def want(self, dtype: str) -> None:
        """Get the code for a precision ready, unless that was begun before."""
        if self._open and dtype not in self._states:
            self._load(dtype)

    def engine(
        self, dtype: str, plan: Plan | None = None, training: Training | None = None
    ) -> Engine:
        """Return what a run that begins now uses; while kernels compile, by what its plan needs.

        Files that are just being read are waited for, so that from the second start on every run
        has the same bits.
        """
        self.want(dtype)
        if self._states.get(dtype) is _State.LOADING:
            self._threads[dtype].join(_PATIENCE)
        found = self.ready(dtype) or self._compiled(dtype, plan, training)
        return "native" if found else "numpy"

    def _compiled(self, dtype: str, plan: Plan | None, training: Training | None) -> bool:
        """Tell whether all that a plan needs is there, though the rest still compiles."""
        if plan is None or training is None or self._states.get(dtype) is not _State.COMPILING:
            return False
        from engine.native import uncompiled

        return not uncompiled(plan, training, surely=True)

    def ready(self, dtype: str) -> bool:
        """Tell whether the code for a precision is there."""
        return self._states.get(dtype) is _State.READY

    @property
    def note(self) -> str:
        """What is being done, for the status bar; empty if nothing is."""
        if self._processes:
            return "Compiling the fast engine (once); NumPy trains what is not compiled yet"
        return ""

    @property
    def problem(self) -> str:
        """Why there is no fast engine; empty if there is, or may be soon."""
        if _State.FAILED in self._states.values():
            return "The fast engine could not be prepared, so NumPy trains; the log has the reason."
        return ""

    def close(self) -> None:
        """End what is under way."""
        self._open = False
        for process in self._processes.values():
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(round(_PATIENCE * 1000))
        self._processes.clear()
        for thread in self._threads.values():
            thread.join(_PATIENCE)

    # -- reading and making it ---------------------------------------------------------------

    def _load(self, dtype: str, *, made: bool = False) -> None:
        self._states[dtype] = _State.LOADING
        name = f"kernels.{dtype}"
        thread = threading.Thread(target=self._look, args=(dtype, made), name=name, daemon=True)
        self._threads[dtype] = thread
        thread.start()

    def _look(self, dtype: str, made: bool) -> None:
        """Read the code if it is there; in a thread, as numba takes a while to import."""
        with nothing_collected():
            self._read(dtype, made)
            self._looked.emit(dtype, made)

    def _read(self, dtype: str, made: bool) -> None:
        try:
            # whole packages first, as the window imports them: two threads that import a package
            # and a module in it would wait for each other, and one would find it half made
            import engine.data
            import engine.native
            import engine.training
            import engine.training.runners.native_runner  # noqa: F401  (so that the first run begins at once)
            from engine.native import kept, prepare, ready

            found = ready(dtype)
            if found:
                prepare(dtype)
        except Exception:  # noqa: BLE001  (the thread's border: shown and logged)
            _log.exception("the fast engine cannot be loaded")
            self._states[dtype] = _State.FAILED
        else:
            self._states[dtype] = _State.READY if found else _State.COMPILING
            if not found and (made or not kept()):
                self._states[dtype] = _State.FAILED
                _log.error("the fast engine cannot be kept: numba finds no folder to write to")

    def _on_looked(self, dtype: str, made: bool) -> None:
        if not self._open:
            return
        if self._states[dtype] is _State.COMPILING and dtype not in self._processes:
            self._compile(dtype)
        elif self.ready(dtype) and made:
            self.prepared.emit()
        self.changed.emit()

    def _compile(self, dtype: str) -> None:
        process = QProcess(self)
        process.setWorkingDirectory(str(_ROOT))
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        process.finished.connect(partial(self._on_finished, dtype))
        process.errorOccurred.connect(partial(self._on_error, dtype))
        self._processes[dtype] = process
        process.start(sys.executable, [*self.command, dtype])

    def _on_finished(self, dtype: str, code: int, _status: object) -> None:
        process = self._processes.pop(dtype)
        if code == 0:
            self._load(dtype, made=True)
        else:
            _log.error("the fast engine: %s", process.readAll().toStdString())
            self._states[dtype] = _State.FAILED
        process.deleteLater()
        self.changed.emit()

    def _on_error(self, dtype: str, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            _log.error("the fast engine: %s", self._processes.pop(dtype).errorString())
            self._states[dtype] = _State.FAILED
            self.changed.emit()
