"""Files: opening, saving, asking before work is lost, changes on disk, recent files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.headless import examples
from graph.files.storage import load, save
from graph.model.dataset import Csv, relocated
from graph.model.edits import AddNode, Node, SetDataset, SetText
from gui.documents.document_files import Documents, Prompts
from gui.documents.recovery import Recovery
from gui.session.session import Session
from gui.session.training_run import TEACHING
from gui.settings import Settings


@dataclass
class Answers:
    """What the user would answer, and what was asked."""

    open_path: Path | None = None
    save_path: Path | None = None
    keep: str = "cancel"
    asked: list[str] = field(default_factory=list)

    def prompts(self) -> Prompts:
        return Prompts(lambda _: self.open_path, lambda _: self.save_path, self._keep)

    def _keep(self, name: str) -> str:
        self.asked.append(name)
        return self.keep


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def documents(xor: Session, settings: Settings, answers: Answers) -> Iterator[Documents]:
    recovery = Recovery(xor, settings.folder / "recovery")
    yield Documents(xor, settings, recovery, answers.prompts())
    recovery.end()


def change(session: Session, name: str = "extra") -> None:
    assert session.push(AddNode(Node(name, "constant")), "Add")


def test_save_asks_for_a_place_once(
    documents: Documents, xor: Session, answers: Answers, tmp_path: Path
) -> None:
    answers.save_path = tmp_path / "mine"
    assert documents.save()
    assert xor.path == tmp_path / "mine.gradwire"
    answers.save_path = None
    change(xor)
    assert documents.save()
    assert xor.undo_stack.isClean()


def test_cancelling_keeps_the_document(
    documents: Documents, xor: Session, answers: Answers
) -> None:
    change(xor)
    document = xor.document
    assert not documents.new()
    assert answers.asked
    assert xor.document is document


@pytest.mark.parametrize("keep", ["discard", "save"])
def test_unsaved_work_is_asked_about(
    documents: Documents, xor: Session, answers: Answers, tmp_path: Path, keep: str
) -> None:
    change(xor)
    answers.keep, answers.save_path = keep, tmp_path / "kept.gradwire"
    assert documents.new()
    assert not xor.document.nodes
    assert answers.save_path.exists() == (keep == "save")


def test_nothing_is_asked_when_all_is_saved(documents: Documents, answers: Answers) -> None:
    assert documents.new()
    assert not answers.asked


def test_opened_and_saved_files_are_recent(
    documents: Documents, xor: Session, settings: Settings, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        documents.save_to(tmp_path / f"{name}.gradwire")
    documents.open(tmp_path / "a.gradwire")
    assert [path.stem for path in settings.recent] == ["a", "b"]
    (tmp_path / "b.gradwire").unlink()
    assert [path.stem for path in settings.recent] == ["a"]


def test_an_example_is_never_overwritten(
    documents: Documents, xor: Session, answers: Answers, tmp_path: Path
) -> None:
    example = tmp_path / "example.gradwire"
    xor.save(example)
    before = example.read_bytes()
    documents.open_example(example)
    change(xor)
    answers.save_path = tmp_path / "copy.gradwire"
    assert documents.save()
    assert example.read_bytes() == before
    assert xor.path == answers.save_path


@pytest.mark.parametrize(("name", "speed"), [("mazur", TEACHING), ("xor", None)])
def test_examples_of_texts_begin_at_the_teaching_pace(
    documents: Documents, xor: Session, name: str, speed: float | None
) -> None:
    xor.undo_stack.setClean()
    documents.open_example(examples.path(name))
    assert xor.run.speed == speed


def test_a_change_by_another_program_is_noticed(
    documents: Documents, xor: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "shared.gradwire"
    documents.save_to(path)
    theirs = load(path, xor.library)
    theirs.apply(SetText("Theirs", ""))
    with qtbot.waitSignal(documents.changed_on_disk):
        save(theirs, path)
    assert documents.reload()
    assert xor.document.title == "Theirs"


def test_own_saves_are_not_noticed(
    documents: Documents, xor: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "mine.gradwire"
    documents.save_to(path)
    with qtbot.assertNotEmitted(documents.changed_on_disk, wait=200):
        change(xor)
        documents.save()


def test_a_failed_save_says_so_and_stays_unsaved(
    documents: Documents, xor: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    change(xor)
    with qtbot.waitSignal(xor.notice) as notice:
        assert not documents.save_to(tmp_path / "no" / "such" / "folder.gradwire")
    assert "not saved" in notice.args[0]
    assert not xor.undo_stack.isClean()


def test_data_files_are_named_from_the_new_place(tmp_path: Path) -> None:
    data = Csv(path="data/iris.csv")
    moved = relocated(data, tmp_path / "a", tmp_path / "b" / "c")
    assert moved == replace_path(data, "../../a/data/iris.csv")
    assert relocated(data, tmp_path, tmp_path) is data


def replace_path(data: Csv, path: str) -> Csv:
    return Csv(path=path) if data.path else data


def test_saving_elsewhere_keeps_the_data(
    documents: Documents, xor: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("x1,x2,y\n0,1,1\n1,0,1\n1,1,0\n", "utf-8")
    documents.save_to(tmp_path / "first.gradwire")
    csv = Csv(path="t.csv", features=("x1", "x2"), targets=("y",))
    xor.push(SetDataset(csv), "Data")
    qtbot.waitUntil(lambda: xor.prepared is not None)
    (tmp_path / "deep").mkdir()
    documents.save_to(tmp_path / "deep" / "second.gradwire")
    assert isinstance(xor.document.dataset, Csv)
    assert xor.document.dataset.path == "../t.csv"
    qtbot.waitUntil(lambda: xor.prepared is not None)


def test_answers_can_be_replaced(documents: Documents) -> None:
    documents.prompts = replace(documents.prompts, keep=lambda _: "discard")
    assert documents.may_discard()
