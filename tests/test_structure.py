"""The house: folders in one order, one name for one thing, modules listed where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.source_tree import SourceTree

HOUSE = SourceTree(Path(__file__).parent.parent, ("graph", "engine", "gui"))
ALL = SourceTree(HOUSE.root, (*HOUSE.packages, "benchmarks"))

ORDER = (
    "graph",
    "graph/model",
    "graph/files",
    "graph/layout",
    "graph/validation",
    "graph/changes",
    "engine/arrays",
    "engine/declaration",
    "engine",
    "engine/ops",
    "engine/plan",
    "engine/compiler",
    "engine/interpreter",
    "engine/rewrites",
    "engine/data",
    "engine/native/simd",
    "engine/native/runtime",
    "engine/native/kernels",
    "engine/native/machine",
    "engine/native/lowering",
    "engine/native/api",
    "engine/native",
    "engine/training/rules",
    "engine/training/runners",
    "engine/training",
    "engine/analysis",
    "engine/export",
    "engine/headless",
    "engine/benchmark",
    "gui/look",
    "gui",
    "gui/widgets",
    "gui/jobs",
    "gui/session",
    "gui/canvas/geometry",
    "gui/canvas/model",
    "gui/canvas/layers",
    "gui/canvas/interaction",
    "gui/canvas/gestures",
    "gui/canvas",
    "gui/plots",
    "gui/data",
    "gui/training",
    "gui/views",
    "gui/documents",
    "gui/start",
    "gui/commands",
    "gui/inspector",
    "gui/shell",
)
"""Every folder from the ground up: it imports nothing of those below it in this list."""

MOST = 17  # entries of a folder
APART = {"engine/ops"}  # one file for each operation, found by folder
NOUNS = {
    *("matching", "routing", "scaling", "training", "probing", "loading", "lowering"),
    *("adding", "merging", "renaming", "rewiring", "splitting"),  # kinds of changes of a graph
}
"""Words in -ing that name a thing of the field; every other module is a thing, not an activity."""
BANNED = {"utils", "util", "helpers", "common", "misc", "manager", "base2"}
PENDING = (
    "gui.session lists training_host, which it lacks",
    "ScalarFunction",
    ["gui.session.session", "gui.session.training_run"],
)


def test_every_folder_has_its_place_in_the_order() -> None:
    assert sorted(ORDER) == HOUSE.folders


def test_no_folder_imports_from_above_it() -> None:
    assert HOUSE.upward(ORDER) == []


def test_nothing_imports_in_circles() -> None:
    assert HOUSE.folder_circles() == []
    assert [circle for circle in HOUSE.circles() if circle not in PENDING] == []


def test_no_folder_is_crowded() -> None:
    assert HOUSE.crowded(MOST, APART) == []


def test_one_name_means_one_thing() -> None:
    assert ALL.homonyms().keys() - set(PENDING[:-1]) == set()


def test_modules_are_named_for_what_they_hold() -> None:
    assert [name for name in ALL.activities(NOUNS) if name not in PENDING] == []
    assert ALL.misnamed(BANNED) == []


def test_every_package_lists_its_modules() -> None:
    assert [fault for fault in HOUSE.unlisted(APART) if fault not in PENDING] == []


# -- the checks themselves, on a tree with every fault -------------------------------------------


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
    assert faulty.folders == ["high", "high/room", "low"]
    assert faulty.upward(("low", "high/room", "high")) == [
        "high.room.doing imports high.top",
        "low.part imports high.top",
    ]


def test_circles_are_found_through_types_alone(faulty: SourceTree) -> None:
    assert faulty.circles() == [["high.room.doing", "high.top"]]
    assert faulty.folder_circles() == [["high", "high/room"]]


def test_crowds_are_found(faulty: SourceTree) -> None:
    assert faulty.crowded(3, ()) == ["low has 4 entries"]
    assert faulty.crowded(3, {"low"}) == []


def test_names_with_two_meanings_are_found(faulty: SourceTree) -> None:
    assert faulty.homonyms() == {
        "Top": ["high.top", "low.utils"],
        "Shape": ["high.room.doing", "high.top"],
    }


def test_names_that_say_nothing_are_found(faulty: SourceTree) -> None:
    assert faulty.misnamed(BANNED) == ["low.utils"]
    assert faulty.activities(NOUNS) == ["high.room.doing"]


def test_docstrings_that_lack_a_module_are_found(faulty: SourceTree) -> None:
    assert faulty.unlisted(()) == [
        "low does not list scaling",
        "low does not list utils",
        "low lists gone, which it lacks",
    ]
