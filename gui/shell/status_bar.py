"""The status bar: E, epoch, selection, zoom, problems, background work."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLabel, QStatusBar

from gui.commands.edit_commands import count, described
from gui.session.run_progress import RunProgress
from gui.session.session import Session
from gui.widgets.layouts import tool_button
from gui.widgets.number_text import number_text

_NEWS = 6000  # ms that a piece of news stays
_INTERVAL = 100  # ms between two updates of the numbers while training
_WORK = {
    "data": "Reading data…",
    "plan": "Preparing the network…",
    "probe": "Computing…",
    "layout": "Arranging…",
    "check": "Checking gradients…",
}


class Status(QStatusBar):
    """Numbers about the whole, always in sight."""

    problems_clicked = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setSizeGripEnabled(False)
        self.work = QLabel()
        self.addWidget(self.work)
        self.selected, self.error, self.epoch, self.zoom = (QLabel() for _ in range(4))
        self.problems = tool_button("", "", self.problems_clicked.emit)
        for widget in (self.selected, self.problems, self.epoch, self.error, self.zoom):
            self.addPermanentWidget(widget)
        self.error.setMinimumWidth(110)
        self._timer = QTimer(self, singleShot=True, interval=_INTERVAL)
        self._timer.timeout.connect(self._show_numbers)
        session.selection_changed.connect(self._show_selection)
        session.problems_changed.connect(self._show_problems)
        session.readings_changed.connect(self._show_numbers)  # in the frame of the canvas
        session.training_changed.connect(self._later)
        session.training_changed.connect(self._show_problems)
        session.background.busy_changed.connect(self._show_work)
        session.kernels.changed.connect(self._show_work)
        session.kernels.changed.connect(self._show_problems)
        session.replaced.connect(self.show_all)
        self.show_all()

    def show_all(self) -> None:
        """Show everything as it is now."""
        self._show_selection()
        self._show_problems()
        self._show_numbers()

    def show_news(self, text: str) -> None:
        """Show what is good to know for a few seconds, where it covers nothing."""
        self.showMessage(text, _NEWS)

    def show_zoom(self, scale: float) -> None:
        """Show the canvas's scale (1 is 100 %)."""
        self.zoom.setText(f"{100 * scale:.0f} %")

    def _later(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _show_numbers(self) -> None:
        run = self._session.run
        error = self._session.error
        about = "" if self._session.row is None else f" of {self._session.rows_text}"
        approximately = "≈" if self._session.calculation.probing.sampled else "="
        self.error.setText(
            f"E{about} {approximately} {number_text(error, 5)}" if error is not None else ""
        )
        self.epoch.setText(_progress(run))

    def _show_selection(self) -> None:
        selection = self._session.selection
        text = described(len(selection.nodes), len(selection.edges)) if selection else ""
        self.selected.setText(f"{text} selected" if text else "")

    def _show_problems(self) -> None:
        drawn = bool(self._session.document.nodes)
        problems = self._session.problems if drawn else []
        errors = sum(problem.severity == "error" for problem in problems)
        warnings = len(problems) - errors + (len(self._session.hints) if drawn else 0)
        parts = [count(n, word) for n, word in ((errors, "problem"), (warnings, "hint")) if n]
        self.problems.setText(", ".join(parts))
        self.problems.setVisible(bool(parts))

    def _show_work(self) -> None:
        keys = self._session.background.busy
        shown = [text for key, text in _WORK.items() if key in keys and key != "probe"]
        self.work.setText(shown[0] if shown else self._session.kernels.note)


def _progress(run: RunProgress) -> str:
    """Return how far a run is; while epochs take long, also within the present one."""
    share, error = run.batch
    if run.running and share:
        return f"epoch {run.epoch:,} + {share:.0%}, batch E = {number_text(error, 3)}"
    return f"epoch {run.epoch:,}" if run.epoch else ""
