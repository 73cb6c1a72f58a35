"""The run bar: play, pause, step, reset, how fast, how far, and what the canvas shows."""

from __future__ import annotations

import math
from typing import Any

import msgspec
from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QHideEvent, QIcon, QPalette, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QSlider, QToolBar, QToolButton, QWidget

from engine.data.row_numbers import row_number, row_place
from graph.model.edits import SetTraining
from graph.model.impact import Applied, Impact
from graph.model.training import OPTIMIZERS
from gui.look.edge_quantity import EDGE_MODES
from gui.look.theme import icon
from gui.session.session import Session
from gui.session.training_run import TEACHING
from gui.widgets.fields import choice, follow, show, whole
from gui.widgets.layouts import column, enlarged, named, tool_button
from gui.widgets.number_field import RateField
from gui.widgets.number_text import number_text
from gui.widgets.space_key import SpaceKey

_SPEEDS = (
    TEACHING,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    20.0,
    50.0,
    100.0,
    200.0,
    500.0,
    1000.0,
    None,
    math.inf,
)  # epochs/s
_SPEED_NAMES = {
    TEACHING: "teaching, 4 s an update",
    0.5: "2 s an update",
    None: "normal",
    math.inf: "flat out",
}
_OPTIMIZER_NAMES = {
    "sgd": "SGD",
    "adagrad": "Adagrad",
    "rmsprop": "RMSprop",
    "adamw": "AdamW",
    "lbfgs": "L-BFGS",
}
_STATES = {
    "idle": "Ready",
    "running": "Training…",
    "paused": "Paused",
    "finished": "Finished",
    "failed": "Stopped",
}
_SPEED_TIP = (
    "How many epochs a second, or how long an update takes. “Normal” gets faster, and takes some "
    "20 seconds for all epochs; “flat out” is as fast as this machine can"
)
_ROW_TIP = "Mean over the training rows, or one row of the data"
_REFRESH = 66  # ms between two updates of the numbers while training


class RunBar(QToolBar):
    """Controls and numbers of the run.

    Every control has a caption, a tool tip and an accessible name; the keys that the tool tips
    name are those of the window's commands.
    """

    def __init__(self, session: Session) -> None:
        super().__init__("Run bar")
        self.setObjectName("run_bar")
        self.setMovable(False)
        self.setIconSize(QSize(22, 22))
        self._session = session
        self.reset = self._button("Reset", "Back to the values before the run  (R)")
        self.back = self._button("Step back", "To the stop before, inside the update  (,)")
        self.forward = self._button("Step forward", "To the next stop inside the update  (.)")
        self.step = self._button("Step", "One update, then stand still  (S)")
        self.play = self._button("Play", "Train, or pause  (Space)")
        self._make_fields()
        self._space = SpaceKey(self)
        self._space.serve(self)
        self._timer = QTimer(self, interval=_REFRESH)
        self._timer.timeout.connect(self._show_numbers)
        self._connect()
        self._show_all()

    # -- building ----------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self.speed = QSlider(Qt.Orientation.Horizontal)
        self.speed.setRange(0, len(_SPEEDS) - 1)
        self.speed.setPageStep(1)
        self.speed.setFixedWidth(124)
        self._speed_caption = self._field("speed", self.speed, _SPEED_TIP)
        self.epoch = self._number("epoch", "8 888 888", "Epochs trained since the last reset")
        self.error = self._number("error E", "0.0008888", "Total error over the training rows")
        self.addSeparator()
        self.rate = RateField()
        self.rate.setFixedWidth(86)
        self._field("learning rate", self.rate, "Learning rate η; applies while training too")
        names = {name: _OPTIMIZER_NAMES.get(name, name.capitalize()) for name in OPTIMIZERS}
        self.optimizer = choice(names)
        self._field("optimizer", self.optimizer, "How the gradient changes the weights")
        self.batch = whole(0, 1_000_000, lowest="all rows")
        self._field("batch size", self.batch, "Rows of one update; 0 is all rows at once")
        self.addSeparator()
        self.shown = choice({by: mode.name for by, mode in EDGE_MODES.items()})
        kinds = "; ".join(f"{mode.name}: {mode.meaning}" for mode in EDGE_MODES.values())
        self._field("wires show", self.shown, f"Number, colour and width of the wires. {kinds}")
        self.row = whole(0, 0, lowest="batch mean")
        self.row.setPrefix("row ")
        self.row.valueChanged.connect(self._leave_row)
        self.row.lineEdit().returnPressed.connect(self._end_row)
        self._field("readings of", self.row, _ROW_TIP)
        self.state = named(QLabel(indent=8), "state of the run")
        self.state.setMinimumWidth(20)
        self.state.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(self.state)

    def _button(self, name: str, tip: str) -> QToolButton:
        button = tool_button("", tip, name=name)
        button.setFixedSize(36, 36)
        self.addWidget(button)
        return button

    def _field(self, caption: str, widget: QWidget, tip: str) -> QLabel:
        """Add a widget under a small caption; the caption is returned."""
        label, holder = enlarged(QLabel(caption), 0.8, bold=False), QWidget()
        holder.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        parts = label, (named(widget, caption, tip), 1)
        column(*parts, of=holder, margins=(5, 1, 5, 1)).setSpacing(0)
        self.addWidget(holder)
        return label

    def _number(self, caption: str, widest: str, tip: str) -> QLabel:
        """Add a number with room for the widest text, so that nothing moves while it changes."""
        label = enlarged(QLabel("–"), 1.2)
        label.setMinimumWidth(QFontMetrics(label.font()).horizontalAdvance(widest))
        self._field(caption, label, tip)
        return label

    def _connect(self) -> None:
        session, run = self._session, self._session.run
        self.play.clicked.connect(run.toggle)
        self.step.clicked.connect(session.stepper.finish)
        self.forward.clicked.connect(session.stepper.forward)
        self.back.clicked.connect(session.stepper.back)
        self.reset.clicked.connect(run.reset)
        self.speed.valueChanged.connect(self._set_speed)
        follow(self.rate, lambda rate, _: self._train(learning_rate=rate))
        follow(self.optimizer, lambda name, _: self._train(optimizer=name))
        follow(self.batch, lambda size, _: self._train(batch_size=size or None))
        follow(self.shown, lambda shown, _: session.show_on_edges(shown))
        follow(self.row, lambda row, _: session.set_row(row_place(row) if row else None))
        run.speed_changed.connect(self._show_speed)
        session.training_changed.connect(self._show_all)
        session.stepper.changed.connect(self._show_state)
        session.edited.connect(self._on_edited)
        session.replaced.connect(self._show_all)
        session.data_changed.connect(self._show_row)
        session.shown_changed.connect(self._show_choices)
        session.readings_changed.connect(self._on_readings)

    # -- doing -------------------------------------------------------------------------------

    def _train(self, **changes: Any) -> None:
        """Change the training settings; turning one knob is one undo entry."""
        before = self._session.document.training
        after = msgspec.structs.replace(before, **changes)
        if after != before:
            (name,) = changes
            text = f"Change {name.replace('_', ' ')}"
            if not self._session.push(SetTraining(after), text, merge=f"training.{name}"):
                self._show_settings()

    def _leave_row(self) -> None:
        """Give the keys back to the canvas once a row is chosen, unless it is being typed."""
        if self.row.hasFocus() and not self.row.lineEdit().isModified():
            self._end_row()

    def _end_row(self) -> None:
        self.row.lineEdit().deselect()
        self.row.clearFocus()

    def _set_speed(self, index: int) -> None:
        self._session.run.speed = _SPEEDS[index]

    # -- showing -----------------------------------------------------------------------------

    def _show_all(self) -> None:
        self._show_state()
        self._show_speed()
        self._show_settings()
        self._show_choices()
        self._show_row()
        self._show_numbers()

    def _show_state(self) -> None:
        state = str(self._session.run.state)
        running = state == "running"
        self.play.setAccessibleName("Pause" if running else "Play")
        if self.isVisible():
            self.play.setIcon(self._icon("mdi6.pause" if running else "mdi6.play"))
        inside = self._session.stepper.stop is not None
        self.state.setText("Inside an update" if inside else _STATES.get(state, state))
        self.state.setToolTip(self._session.run.failure)
        if running and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def _show_speed(self) -> None:
        speed = self._session.run.speed
        index = _SPEEDS.index(speed) if speed in _SPEEDS else len(_SPEEDS) - 1
        text = _SPEED_NAMES.get(speed) or f"{speed:g} epochs/s"
        self._speed_caption.setText(f"speed: {text}")
        show(self.speed, index)

    def _show_settings(self) -> None:
        training = self._session.document.training
        show(self.rate, training.learning_rate)
        show(self.optimizer, training.optimizer)
        show(self.batch, training.batch_size)

    def _show_choices(self) -> None:
        show(self.shown, self._session.shown)

    def _show_row(self) -> None:
        row, rows = self._session.row, self._session.rows
        with QSignalBlocker(self.row):
            self.row.setRange(0, rows)
            self.row.setSuffix(" edited" if self._session.edited_row is not None else "")
        show(self.row, 0 if row is None else row_number(row))
        self.row.setEnabled(rows > 0)
        self.row.setToolTip(f"{_ROW_TIP}; shown: {self._session.rows_text}")

    def _show_numbers(self) -> None:
        run, error = self._session.run, self._session.error
        if error is None and run.running:
            error = run.error  # there are no readings yet
        self.error.setToolTip(f"Total error E of {self._session.rows_text}")
        self.epoch.setText(f"{run.epoch:,}".replace(",", " "))
        self.error.setText("–" if error is None else number_text(error))

    def _on_edited(self, applied: Applied) -> None:
        if Impact.SETTINGS in applied.impact:
            self._show_settings()

    def _on_readings(self) -> None:
        self._show_numbers()  # in the frame of the canvas
        if not self._session.run.running:
            self._show_row()

    # -- looks -------------------------------------------------------------------------------

    def _icon(self, name: str) -> QIcon:
        return icon(name, self.palette().color(QPalette.ColorRole.ButtonText))

    def _set_icons(self) -> None:
        self.reset.setIcon(self._icon("mdi6.restart"))
        self.back.setIcon(self._icon("mdi6.step-backward"))
        self.forward.setIcon(self._icon("mdi6.step-forward"))
        self.step.setIcon(self._icon("mdi6.skip-next"))
        self._show_state()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.isVisible():
            self._set_icons()

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the run while the bar is seen."""
        super().showEvent(event)
        self._set_icons()
        QTimer.singleShot(0, self, self._show_all)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop following."""
        self._timer.stop()
        super().hideEvent(event)
