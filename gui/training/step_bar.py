"""The step bar: where the cursor is inside an update, what becomes known there, and its keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPalette, QShowEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QSizePolicy, QToolBar, QToolButton

from engine.analysis.score import Phase, Stop
from gui.look import theme
from gui.look.theme import icon
from gui.session.session import Session
from gui.session.stepper import PACES
from gui.session.stop_text import StopNumber
from gui.widgets.layouts import named, tool_button
from gui.widgets.number_text import number_text, shown_text
from gui.widgets.space_key import SpaceKey

_PHASES = {
    Phase.FORWARD: "forward",
    Phase.LOSS: "loss",
    Phase.BACKWARD: "backward",
    Phase.GRADIENTS: "gradients",
    Phase.PENALTY: "penalties",
    Phase.UPDATE: "update",
}


class StepBar(QToolBar):
    """The phases of an update with the cursor in one of them; hidden at rest.

    Attributes
    ----------
    answered : Signal
        The number that was asked for is known: the keys belong to the canvas again.
    """

    answered = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__("Step bar")
        self.setObjectName("step_bar")
        self.setMovable(False)
        self.setIconSize(QSize(18, 18))
        self._session = session
        stepper = session.stepper
        self._icons: dict[QToolButton, str] = {}
        self.previous = self._button(
            "Previous phase", "skip-backward-outline", "To the phase before  (<)"
        )
        self.previous.clicked.connect(stepper.previous_phase)
        self.play = self._button("Play slowly", "play-speed", "One stop after the other  (P)")
        self.play.clicked.connect(stepper.play)
        self.next = self._button("Next phase", "skip-forward-outline", "To the next phase  (>)")
        self.next.clicked.connect(stepper.next_phase)
        self.pace = named(QComboBox(), "seconds a stop", "How long playing slowly stays at a stop")
        for pace in PACES:
            self.pace.addItem(f"{pace:g} s a stop", pace)
        self.pace.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.pace.activated.connect(self._set_pace)
        self.addWidget(self.pace)
        self.phases = named(QLabel(indent=8), "phases of the update")
        self.addWidget(self.phases)
        self.text = named(QLabel(indent=12), "what becomes known at this stop")
        self.text.setMinimumWidth(20)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(self.text)
        self._add_quiz()
        self.leave = self._button("Leave", "close", "Show the state before the update  (Esc)")
        self.leave.clicked.connect(stepper.rest)
        self._space = SpaceKey(self)
        self._space.serve(self)
        stepper.changed.connect(self.show_stop)
        session.readings_changed.connect(self.show_stop)
        self.show_stop()

    def _add_quiz(self) -> None:
        stepper = self._session.stepper
        self.answer = named(QLineEdit(placeholderText="type the number"), "the hidden number")
        self.answer.setMaximumWidth(130)
        self.answer.returnPressed.connect(lambda: stepper.quiz.answer(self.answer.text()))
        self._answer = self.addWidget(self.answer)
        self.reveal = tool_button("Show", "Show the number that is hidden", stepper.quiz.reveal)
        self._reveal = self.addWidget(self.reveal)
        self.quiz = self._button(
            "Quiz", "help-circle-outline", "Hide each number until it is typed  (Q)"
        )
        self.quiz.setCheckable(True)
        self.quiz.clicked.connect(lambda on: stepper.quiz.switch(on=on))

    def _button(self, name: str, picture: str, tip: str) -> QToolButton:
        button = tool_button("", tip, name=name)
        self._icons[button] = picture
        self.addWidget(button)
        return button

    def _set_pace(self, index: int) -> None:
        self._session.stepper.pace = self.pace.itemData(index)

    def show_stop(self) -> None:
        """Show where the cursor is; nothing at rest."""
        stepper = self._session.stepper
        at, score = stepper.at, stepper.score
        self.setVisible(at is not None and self._session.is_open)
        if at is None or score is None:
            return
        self.play.setDown(stepper.playing)
        self.pace.setCurrentIndex(self.pace.findData(stepper.pace))
        self.phases.setText(_phases(at, tuple(score.phases), theme.of(self.palette()).accent))
        number = stepper.number
        text = f"{at.index + 1} of {len(score)}:  {_sentence(at, number)}"
        if at.phase is Phase.UPDATE and self._session.row is not None:
            text += f",  by the {self._session.calculation.probing.averaged_text}"
        quiz = stepper.quiz
        if quiz.asked is not None:
            text += " = ?"
        text += f"   {quiz.word}" if quiz.word else ""
        self.text.setText(text)
        self.text.setToolTip(self.text.text())
        self._show_question()

    def _show_question(self) -> None:
        """Offer a field for the number that is hidden; give the keys back once it is known."""
        quiz, before = self._session.stepper.quiz, self._answer.isVisible()
        self.quiz.setChecked(quiz.on)
        asks, had_keys = quiz.asked is not None, self.answer.hasFocus()
        self._answer.setVisible(asks)
        self._reveal.setVisible(asks)
        if asks and not before:
            self.answer.clear()
            self.answer.setFocus()
        elif not asks and had_keys:
            self.answered.emit()

    # -- looks -------------------------------------------------------------------------------

    def _icon(self, name: str) -> QIcon:
        return icon(f"mdi6.{name}", self.palette().color(QPalette.ColorRole.ButtonText))

    def _set_icons(self) -> None:
        for button, name in self._icons.items():
            button.setIcon(self._icon(name))

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.isVisible():
            self._set_icons()
            self.show_stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw the icons in the colours of the theme."""
        super().showEvent(event)
        self._set_icons()


def _phases(at: Stop, phases: tuple[Phase, ...], accent: str) -> str:
    """Return the phases in a line, the present one marked."""
    names = [
        f'<b style="color:{accent}">{_PHASES[phase]}</b>' if phase is at.phase else _PHASES[phase]
        for phase in phases
    ]
    return " › ".join(names)


def _sentence(at: Stop, number: StopNumber | None) -> str:
    """Return what becomes known, with its number and the sum that grows."""
    if number is None:
        return at.title
    text = f"{at.title}:  {number.symbol} = {number_text(number.number, 5)}"
    if number.components is not None:
        symbol = number.symbol.removeprefix("mean ")
        text = f"{at.title}:  {symbol} = {shown_text(number.components)}"
    if number.change is not None:
        letter = number.symbol.strip("‖").removesuffix("⁺")
        change = f"‖Δ{letter}‖" if "‖" in number.symbol else f"Δ{letter}"
        text += f",  {change} = {number_text(number.change, 5)}"
    if number.sum_so_far is not None and number.total > 1:
        so_far = number_text(number.sum_so_far, 5)
        text += f",  {number.sum_symbol} so far = {so_far} ({number.progress})"
    return text
