"""What the tests of the structure read from a source tree: imports, names, docstrings."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import networkx as nx


@dataclass(frozen=True)
class SourceTree:
    """The packages under a root.

    Parameters
    ----------
    root : Path
        What the packages' names start from.
    packages : sequence of str
        The top-level folders that are looked at.
    """

    root: Path
    packages: Sequence[str]

    @cached_property
    def modules(self) -> dict[str, Path]:
        """Path by dotted name; a package goes by its own name."""
        paths = [path for name in self.packages for path in (self.root / name).rglob("*.py")]
        return {self._name(path): path for path in sorted(paths)}

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """Syntax tree by dotted name."""
        return {name: ast.parse(path.read_text("utf-8")) for name, path in self.modules.items()}

    @cached_property
    def arrows(self) -> nx.DiGraph[str]:
        """Module → module it imports: anywhere, inside functions and for types alone too."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self.modules)
        for name, tree in self.trees.items():
            graph.add_edges_from((name, other) for other in self._imported(tree) if other != name)
        return graph

    def folder(self, module: str) -> str:
        """Return the folder of a module, from the root, with slashes."""
        return self.modules[module].parent.relative_to(self.root).as_posix()

    def room(self, module: str) -> str:
        """Return the folder of a module; a module at the top of a package is a room by itself."""
        folder = self.folder(module)
        top = folder in self.packages and self.modules[module].name != "__init__.py"
        return module.replace(".", "/") + ".py" if top else folder

    @property
    def folders(self) -> list[str]:
        """All folders that hold modules."""
        return sorted({self.folder(module) for module in self.modules})

    @property
    def rooms(self) -> list[str]:
        """All folders, and the modules at the top of the packages."""
        return sorted({self.room(module) for module in self.modules})

    # -- what can be wrong ----------------------------------------------------------------------

    def circles(self) -> list[list[str]]:
        """Return the groups of modules that import each other."""
        groups = nx.strongly_connected_components(self.arrows)
        return sorted(sorted(group) for group in groups if len(group) > 1)

    def room_circles(self) -> list[list[str]]:
        """Return the groups of rooms that import each other."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_edges_from((self.room(a), self.room(b)) for a, b in self.arrows.edges)
        groups = nx.strongly_connected_components(graph)
        return sorted(sorted(group) for group in groups if len(group) > 1)

    def upward(self, order: Sequence[str]) -> list[str]:
        """Return the imports of a room that stands later in the order, from the ground up."""
        place = {room: number for number, room in enumerate(order)}
        return [
            f"{a} imports {b}"
            for a, b in sorted(self.arrows.edges)
            if place[self.room(b)] > place[self.room(a)]
        ]

    def crowded(self, most: int, apart: Collection[str]) -> list[str]:
        """Return the folders with more entries than that."""
        found = []
        for folder in self.folders:
            entries = [p for p in (self.root / folder).iterdir() if p.name != "__pycache__"]
            if len(entries) > most and folder not in apart:
                found.append(f"{folder} has {len(entries)} entries")
        return found

    def homonyms(self) -> dict[str, list[str]]:
        """Return the public classes and type aliases declared in more than one module."""
        places = defaultdict(list)
        for module, tree in self.trees.items():
            for name in _declared(tree):
                if not name.startswith("_"):
                    places[name].append(module)
        return {name: modules for name, modules in places.items() if len(modules) > 1}

    def activities(self, nouns: Collection[str]) -> list[str]:
        """Return the modules whose last word ends in -ing and is no noun of the field."""
        names = ((module, module.rpartition(".")[2].split("_")[-1]) for module in self.modules)
        return [module for module, word in names if word.endswith("ing") and word not in nouns]

    def misnamed(self, banned: Collection[str]) -> list[str]:
        """Return the modules and folders whose name says nothing."""
        return [module for module in self.modules if module.rpartition(".")[2] in banned]

    def unlisted(self, apart: Collection[str]) -> list[str]:
        """Return where a package's docstring does not list what is in its folder.

        What it lists in double backticks is its reading order; names of the packages at the root
        may stand there too.
        """
        wrong = []
        for package, path in self.modules.items():
            if path.name != "__init__.py" or self.folder(package) in apart:
                continue
            listed = set(re.findall(r"``(\w+)``", ast.get_docstring(self.trees[package]) or ""))
            held = {name.rpartition(".")[2] for name in self._children(package)} - {"__main__"}
            wrong += [f"{package} does not list {name}" for name in sorted(held - listed)]
            extra = listed - held - set(self.packages)
            wrong += [f"{package} lists {name}, which it lacks" for name in sorted(extra)]
        return wrong

    # -- reading ----------------------------------------------------------------------------------

    def _name(self, path: Path) -> str:
        parts = path.relative_to(self.root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def _children(self, package: str) -> Iterator[str]:
        for name in self.modules:
            if name.rpartition(".")[0] == package:
                yield name

    def _imported(self, tree: ast.Module) -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if alias.name in self.modules)
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    name = f"{node.module}.{alias.name}"
                    name = name if name in self.modules else node.module
                    if name in self.modules:
                        yield name


def _declared(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind):
                if ast.unparse(kind).endswith("TypeAlias"):
                    yield name
