"""The start page: two clicks to a training network, search, recent files, recovery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from engine.library import library
from graph.files.storage import save
from graph.model.dataset import Builtin, Inline
from graph.model.document import Document
from graph.model.edits import Batch, SetDataset, SetText
from gui.commands.network_builder import Blueprint, network
from gui.documents.document_files import Documents, Prompts
from gui.documents.example_index import first_sentence, read_examples
from gui.documents.recovery import Recovery
from gui.documents.thumbnails import Pictures
from gui.session.session import Session
from gui.settings import Settings
from gui.start.example_card import Card
from gui.start.start_page import StartPage
from gui.training.run_bar import RunBar

LEFT = Qt.MouseButton.LeftButton
XOR = Inline(
    columns={"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1], "y": [0, 1, 1, 0]},
    features=("x1", "x2"),
    targets=("y",),
)


def example(path: Path, title: str, notes: str, *, real: bool = False) -> Path:
    document = Document(library())
    batch, _ = network(document, Blueprint((2, 2, 1)), ("x1", "x2"), ("y",))
    data = Builtin(name="iris") if real else XOR
    document.apply(Batch((batch, SetDataset(data), SetText(title, notes))))
    save(document, path)
    return path


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(library())
    yield session
    session.close()


@pytest.fixture
def settings(tmp_path: Path, qtbot: QtBot) -> Settings:
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    return Settings(store, tmp_path)


@pytest.fixture
def page(session: Session, settings: Settings, tmp_path: Path, qtbot: QtBot) -> StartPage:
    folder = tmp_path / "examples"
    folder.mkdir()
    paths = [
        example(folder / "xor.gradwire", "XOR", "# XOR\n\nThe *smallest* net. Try it."),
        example(folder / "iris.gradwire", "Iris", "Three flowers.", real=True),
        example(folder / "ng_symmetry.gradwire", "Symmetry", "All weights start equal."),
    ]
    (folder / "broken.gradwire").write_text("{", "utf-8")
    never = Prompts(lambda _: None, lambda _: None, lambda _: "discard")
    recovery = Recovery(session, tmp_path / "recovery")
    documents = Documents(session, settings, recovery, never)
    page = StartPage(
        session,
        documents,
        settings,
        examples=[*paths, folder / "broken.gradwire"],
    )
    qtbot.addWidget(page)

    def cards() -> list[Card]:
        return page.gallery.cards  # they are made, and laid out, once the page is seen

    page.resize(1280, 700)
    page.show()
    qtbot.waitExposed(page)
    qtbot.waitUntil(lambda: len({card.mapToGlobal(QPoint()).y() for card in cards()}) > 1)
    return page


def button(page: StartPage, text: str, qtbot: QtBot) -> QPushButton:
    """Find a button by its text; what was put into a layout appears with the next event."""

    def found() -> list[QPushButton]:
        return [b for b in page.findChildren(QPushButton) if b.text() == text and b.isVisible()]

    qtbot.waitUntil(lambda: len(found()) == 1)
    return found()[0]


def test_two_clicks_to_a_training_network(page: StartPage, session: Session, qtbot: QtBot) -> None:
    bar = RunBar(session)
    qtbot.addWidget(bar)
    bar.show()
    QTest.mouseClick(page.gallery.cards[0], LEFT)
    QTest.mouseClick(bar.play, LEFT)
    assert session.run.state == "running"
    qtbot.waitUntil(lambda: session.run.epoch > 5)
    assert session.is_example


def test_examples_are_grouped_with_title_and_first_sentence(page: StartPage) -> None:
    cards = [(c.example.group, c.text(), c.example.sentence) for c in page.gallery.cards]
    assert cards == [
        ("First steps", "XOR", "The smallest net."),
        ("The five texts", "Symmetry", "All weights start equal."),
        ("Real data", "Iris", "Three flowers."),
    ]


def test_pictures_come_after_the_page_and_are_kept(
    page: StartPage, qtbot: QtBot, tmp_path: Path
) -> None:
    cards = page.gallery.cards
    qtbot.waitUntil(lambda: all(card.image is not None for card in cards))
    kept = list((tmp_path / "pictures").glob("*.png"))
    assert len(kept) == 3
    stamp = kept[0].stat().st_mtime_ns
    page.hide()
    page.show()
    with qtbot.waitSignals([page.gallery.pictures.ready] * 3):
        pass
    assert kept[0].stat().st_mtime_ns == stamp


def test_a_large_example_is_drawn_without_a_stall(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    pictures = Pictures(session.library, session.background, tmp_path)
    large = Path(__file__).parents[3] / "examples" / "irregular.gradwire"
    with qtbot.waitSignal(pictures.ready) as ready:  # the watchdog looks on
        pictures.request([large], QSize(240, 150), 2.0, dark=False)
    assert ready.args is not None
    path, image = ready.args
    assert path == large
    assert (image.width(), image.height()) == (480, 300)
    assert QImage(str(next(tmp_path.glob("*.png")))) == image


def test_search_and_enter_opens_the_first(page: StartPage, session: Session, qtbot: QtBot) -> None:
    QTest.keyClicks(page.gallery.search, "flowers")
    assert [card.text() for card in page.gallery.cards if card.isVisible()] == ["Iris"]
    QTest.keyClick(page.gallery.search, Qt.Key.Key_Return)
    assert session.document.title == "Iris"
    page.gallery.search.setText("nothing like it")
    assert not any(card.isVisible() for card in page.gallery.cards)
    assert "nothing like it" in page.gallery.message.text()


def test_cards_by_keyboard(page: StartPage, session: Session, qtbot: QtBot) -> None:
    first, second, third = page.gallery.cards
    page.activateWindow()
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: second.hasFocus())
    QTest.keyClick(second, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: third.hasFocus())
    QTest.keyClick(third, Qt.Key.Key_Return)
    assert session.document.title == "Iris"


def test_recent_files(
    page: StartPage, session: Session, settings: Settings, tmp_path: Path, qtbot: QtBot
) -> None:
    mine = example(tmp_path / "my network.gradwire", "Mine", "")
    settings.add_recent(mine)
    QTest.mouseClick(button(page, "my network", qtbot), LEFT)
    assert session.path == mine
    assert not session.is_example


def test_new_and_one_line(page: StartPage, session: Session, qtbot: QtBot) -> None:
    QTest.mouseClick(page.new, LEFT)
    assert session.is_open
    with qtbot.waitSignal(page.line_requested):
        QTest.mouseClick(page.line, LEFT)


def test_recovery_is_offered(
    page: StartPage, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "recovery").mkdir()
    lost = example(tmp_path / "recovery" / "lost.gradwire", "Lost work", "")
    lost.with_suffix(".json").write_text('{"original": "", "title": "Lost work"}', "utf-8")
    page.hide()
    page.show()
    QTest.mouseClick(button(page, "Recover", qtbot), LEFT)
    assert session.document.title == "Lost work"
    assert not session.undo_stack.isClean() or session.path is None


def test_recovery_can_be_declined(page: StartPage, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "recovery").mkdir()
    lost = example(tmp_path / "recovery" / "lost.gradwire", "Lost work", "")
    page.hide()
    page.show()
    QTest.mouseClick(button(page, "Discard", qtbot), LEFT)
    assert not lost.exists()


@pytest.mark.parametrize(
    ("notes", "sentence"),
    [
        ("", ""),
        ("# Only a title", ""),
        ("One. Two.", "One."),
        (
            "## T\n\nA [link](http://x.y) and `code`\nover lines! More",
            "A link and code over lines!",
        ),
        ("σ(x) = 1/(1+e^-x) and so on", "σ(x) = 1/(1+e^-x) and so on"),
        ("E = 0.298 first. Then", "E = 0.298 first."),
    ],
)
def test_first_sentence(notes: str, sentence: str) -> None:
    assert first_sentence(notes) == sentence


def test_examples_that_come_along_are_all_shown() -> None:
    from engine.headless.examples import paths

    assert len(read_examples(paths())) == len(paths())
