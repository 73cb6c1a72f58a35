"""The examples that come with Gradwire: what each is called, shows, and belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from engine.headless.examples import OF_TEXTS

GROUPS = ("First steps", "The five texts", "Real data", "Shapes beyond layers")
# beginnings of file names, in the order in which these examples are shown
_FIRST = ("welcome", "xor", "playground", "mazur")
_SHAPES = ("autoencoder",)
_REAL = ("builtin", "csv", "npz", "idx")


@dataclass(frozen=True, slots=True)
class Example:
    """An example document, with the first sentence of its notes and one of `GROUPS`."""

    path: Path
    title: str
    sentence: str
    group: str

    def matches(self, text: str) -> bool:
        """Tell whether every word of a search text is found in it."""
        content = f"{self.title} {self.sentence} {self.group} {self.path.stem}".lower()
        return all(word in content for word in text.lower().split())


class _Head(msgspec.Struct):
    """The part of a file that the start page shows; the rest is skipped over."""

    title: str = ""
    notes: str = ""
    dataset: dict[str, Any] | None = None


def read_examples(paths: Iterable[Path]) -> list[Example]:
    """Read titles and first sentences, group by group; files that cannot be read are left out."""
    decoder = msgspec.json.Decoder(_Head)
    found = []
    for path in paths:
        try:
            head = decoder.decode(path.read_bytes())
        except (OSError, msgspec.MsgspecError):
            continue
        title = head.title or path.stem.replace("_", " ").replace("-", " ").capitalize()
        found.append(Example(path, title, first_sentence(head.notes), _group(path.stem, head)))
    return sorted(found, key=_place)


def first_sentence(notes: str) -> str:
    """Return the first sentence of a markdown text without its marks and headings."""
    lines = [line.strip() for line in notes.splitlines()]
    start = next((i for i, line in enumerate(lines) if line and not line.startswith("#")), None)
    if start is None:
        return ""
    end = next((i for i in range(start, len(lines)) if not lines[i]), len(lines))
    plain = re.sub(r"[*_`]|\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(lines[start:end]))
    match = re.match(r".*?[.!?](?=\s|$)", plain)
    return match.group(0) if match else plain


def _group(stem: str, head: _Head) -> str:
    if stem.startswith(_FIRST):
        return GROUPS[0]
    if stem in OF_TEXTS:
        return GROUPS[1]
    source = (head.dataset or {}).get("source")
    return GROUPS[2] if source in _REAL and stem not in _SHAPES else GROUPS[3]


def _place(example: Example) -> tuple[int, int, str]:
    stem, known = example.path.stem, (*_FIRST, *OF_TEXTS)
    named = next((i for i, name in enumerate(known) if stem.startswith(name)), len(known))
    return GROUPS.index(example.group), named, stem
