"""The house: arrows point one way, folders have an order, modules are small and well named."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.source_tree import SourceTree

ROOT = Path(__file__).parent.parent
PACKAGES = ("graph", "engine", "gui")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MODULES += sorted(ROOT.glob("gradwire.py"))
TESTED = ("graph", "engine", "command_line", "examples")
TESTS = sorted(path for part in TESTED for path in (ROOT / "tests" / part).rglob("*.py"))
QT = {"PySide6", "shiboken6", "pyqtgraph", "superqt", "qtawesome", "qtpy"}
LONGEST_MODULE, LONGEST_FUNCTION = 400, 40
FORBIDDEN = {
    "graph": {"engine", "gui", "gradwire", "tests", "numpy", *QT},
    "engine": {"gui", "gradwire", "tests", *QT},
    "gui": {"gradwire", "tests"},
    "gradwire.py": {"tests"},
}

HOUSE = SourceTree(ROOT, PACKAGES)
ALL = SourceTree(HOUSE.root, (*HOUSE.packages, "benchmarks"))

ORDER = (
    "graph",
    "graph/errors.py",
    "graph/model",
    "graph/files",
    "graph/layout",
    "graph/validation",
    "graph/changes",
    "engine",
    "engine/errors.py",
    "engine/arrays",
    "engine/declaration",
    "engine/library.py",
    "engine/ops",
    "engine/plan",
    "engine/compiler",
    "engine/interpreter",
    "engine/rewrites",
    "engine/data/text",
    "engine/data/binary",
    "engine/data",
    "engine/native/simd",
    "engine/native/runtime",
    "engine/native/kernels",
    "engine/native/machine",
    "engine/native/lowering",
    "engine/native/api",
    "engine/native",
    "engine/training/checks",
    "engine/training/rules",
    "engine/training/runners",
    "engine/training",
    "engine/analysis",
    "engine/analysis/cost",
    "engine/analysis/explanation",
    "engine/analysis/explanation/paths",
    "engine/analysis/grids",
    "engine/analysis/histograms",
    "engine/analysis/what_if",
    "engine/export",
    "engine/headless",
    "engine/benchmark",
    "gui",
    "gui/look",
    "gui/settings.py",
    "gui/widgets",
    "gui/formulas",
    "gui/jobs",
    "gui/session",
    "gui/canvas/geometry",
    "gui/canvas/model",
    "gui/canvas/layers",
    "gui/canvas/interaction",
    "gui/canvas/gestures",
    "gui/canvas",
    "gui/plots/words",
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
"""The rooms from the ground up: each imports nothing of those that follow it."""

MOST = 17  # entries of a folder
APART = {"engine/ops"}  # one file for each operation, found by folder
NOUNS = {
    *("matching", "routing", "scaling", "training", "probing", "loading", "lowering", "ranking"),
    *("adding", "merging", "renaming", "rewiring", "splitting"),  # kinds of changes of a graph
}
"""Words in -ing that name a thing of the field; every other module is a thing, not an activity."""
BANNED = {"utils", "util", "helpers", "common", "misc", "manager", "base2"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the top-level names that a module imports anywhere, with the line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.partition(".")[0], node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}:{node.lineno}: relative import"
            yield (node.module or "").partition(".")[0], node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value.partition(".")[0], node.lineno


def test_arrows_point_one_way() -> None:
    wrong = [
        f"{name(path)}:{line} must not import {other}"
        for path in MODULES
        for other, line in imported(path)
        if other in FORBIDDEN[path.relative_to(ROOT).parts[0]]
    ]
    assert wrong == []


def test_graph_needs_nothing_but_networkx_and_msgspec() -> None:
    allowed = {"graph", "networkx", "msgspec", *sys.stdlib_module_names}
    for path in MODULES:
        if path.is_relative_to(ROOT / "graph"):
            assert {other for other, _ in imported(path)} <= allowed, name(path)


def test_no_pickle_and_no_code_from_text() -> None:
    for path in MODULES:
        modules = {other for other, _ in imported(path)}
        assert not {"pickle", "marshal", "shelve", "dill"} & modules, name(path)
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                where = f"{name(path)}:{node.lineno}"
                assert node.func.id not in {"eval", "exec", "compile"}, where


def test_modules_are_short() -> None:
    for path in (*MODULES, *TESTS):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= LONGEST_MODULE, f"{name(path)} has {lines} lines"


def test_functions_are_short() -> None:
    for path in (*MODULES, *TESTS):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert _length(node) <= LONGEST_FUNCTION, f"{name(path)}:{node.lineno} {node.name}"


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the number of lines of a function's body without its docstring."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


# -- rooms and names ------------------------------------------------------------------------------


def test_every_room_has_its_place_in_the_order() -> None:
    assert sorted(ORDER) == HOUSE.rooms


def test_no_room_imports_from_above_it() -> None:
    assert HOUSE.upward(ORDER) == []


def test_nothing_imports_in_circles() -> None:
    assert HOUSE.room_circles() == []
    assert HOUSE.circles() == []


def test_no_folder_is_crowded() -> None:
    assert HOUSE.crowded(MOST, APART) == []


def test_one_name_means_one_thing() -> None:
    assert ALL.homonyms() == {}


def test_modules_are_named_for_what_they_hold() -> None:
    assert ALL.activities(NOUNS) == []
    assert ALL.misnamed(BANNED) == []


def test_every_package_lists_its_modules() -> None:
    assert HOUSE.unlisted(APART) == []
