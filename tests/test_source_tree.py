"""The checks of the structure, on a small tree that has every fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.source_tree import SourceTree


@pytest.fixture
def faulty(tmp_path: Path) -> SourceTree:
    files = {
        "low/__init__.py": '"""Lists ``part``, ``gone`` and ``high``."""',
        "low/part.py": "def f():\n    from high.top import Top\n",
        "low/utils.py": "class Top: ...\nclass _Own: ...",
        "low/scaling.py": "from low import part",
        "high/__init__.py": '"""Lists ``top`` and ``room``."""',
        "high/top.py": (
            "from typing import TYPE_CHECKING, TypeAlias\nif TYPE_CHECKING:\n"
            "    import high.room.doing\nclass Top: ...\nShape: TypeAlias = int"
        ),
        "high/room/__init__.py": '"""Lists ``doing``."""',
        "high/room/doing.py": "from high.top import Shape\nclass Shape: ...\nclass _Own: ...",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return SourceTree(tmp_path, ("low", "high"))


def test_upward_imports_are_found_inside_functions(faulty: SourceTree) -> None:
    low = ("low", "low/part.py", "low/utils.py", "low/scaling.py")
    assert faulty.rooms == sorted((*low, "high", "high/room", "high/top.py"))
    assert faulty.upward((*low, "high/room", "high/top.py", "high")) == [
        "high.room.doing imports high.top",
        "low.part imports high.top",
    ]


def test_circles_are_found_through_types_alone(faulty: SourceTree) -> None:
    assert faulty.circles() == [["high.room.doing", "high.top"]]
    assert faulty.room_circles() == [["high/room", "high/top.py"]]


def test_crowds_are_found(faulty: SourceTree) -> None:
    assert faulty.crowded(3, ()) == ["low has 4 entries"]
    assert faulty.crowded(3, {"low"}) == []


def test_names_with_two_meanings_are_found(faulty: SourceTree) -> None:
    assert faulty.homonyms() == {
        "Top": ["high.top", "low.utils"],
        "Shape": ["high.room.doing", "high.top"],
    }


def test_names_that_say_nothing_are_found(faulty: SourceTree) -> None:
    assert faulty.misnamed({"utils"}) == ["low.utils"]
    assert faulty.activities({"scaling"}) == ["high.room.doing"]


def test_docstrings_that_lack_a_module_are_found(faulty: SourceTree) -> None:
    assert faulty.unlisted(()) == [
        "low does not list scaling",
        "low does not list utils",
        "low lists gone, which it lacks",
    ]
