"""The inspector's page about the whole document: title, notes, what it has, training settings."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QGroupBox, QLabel, QLineEdit, QPlainTextEdit, QTextBrowser

from graph.model.edits import SetText
from gui.inspector.page import Page
from gui.session.session import Session
from gui.training.training_form import TrainingForm
from gui.widgets.layouts import enlarged, named, tool_button

_NOTES_HEIGHT = 260


class DocumentPage(Page):
    """Shown when nothing is selected."""

    browser: QTextBrowser
    editor: QPlainTextEdit
    _notes: str | None

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.title = enlarged(named(QLineEdit(placeholderText="Untitled network"), "title"), 1.25)
        self.title.editingFinished.connect(self._set_text)
        self.body.addWidget(self.title)
        self.counts = QLabel(wordWrap=True)
        self.body.addWidget(self.counts)
        self._make_notes()
        self.training_box = QGroupBox("Training")
        self.training = TrainingForm(session)
        self.training_box.setLayout(self.training)
        self.body.addWidget(self.training_box)
        self.body.addStretch(1)
        self.refresh()

    def signature(self) -> Hashable:
        """Return the document."""
        return id(self.session.document)

    def refresh(self) -> None:
        """Show title, notes, counts and settings."""
        document = self.session.document
        if not self.title.hasFocus():
            self.title.setText(document.title)
            self.title.setCursorPosition(0)
        if not self.editor.hasFocus():
            self.editor.setPlainText(document.notes)
        if self._notes != document.notes:
            self._notes = document.notes
            self.browser.setMarkdown(document.notes or "*No notes yet.*")
        plan = self.session.plan
        parts = [f"{len(document.nodes):,} nodes", f"{len(document.edges):,} edges"]
        if plan is not None:
            trained = sum(p.size for p in plan.parameters if p.trainable)
            parts.append(f"{trained:,} trained numbers")
        self.counts.setText(" · ".join(parts))
        self.training.refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the notes when the editor loses the focus."""
        if watched is self.editor and event.type() == QEvent.Type.FocusOut:
            self._set_text()
        return super().eventFilter(watched, event)

    def _make_notes(self) -> None:
        self._notes = None
        self.browser = named(QTextBrowser(openExternalLinks=True), "notes")
        self.editor = named(QPlainTextEdit(placeholderText="Notes, in Markdown"), "edit notes")
        self.editor.hide()
        self.editor.installEventFilter(self)
        self.edit = tool_button("Edit notes", "")
        self.edit.setCheckable(True)
        self.edit.toggled.connect(self._toggle)
        for widget in (self.browser, self.editor):
            widget.setMinimumHeight(_NOTES_HEIGHT)
            self.body.addWidget(widget, 1)
        self.body.addWidget(self.edit)

    def _toggle(self, editing: bool) -> None:
        self._set_text()
        self.edit.setText("Done" if editing else "Edit notes")
        self.editor.setVisible(editing)
        self.browser.setVisible(not editing)
        if editing:
            self.editor.setFocus()

    def _set_text(self) -> None:
        document = self.session.document
        title, notes = self.title.text(), self.editor.toPlainText()
        if (title, notes) != (document.title, document.notes):
            self.session.push(SetText(title, notes), "Change title and notes", "text")
