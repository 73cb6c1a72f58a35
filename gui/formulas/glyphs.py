"""LaTeX and numbers as outlines: ziamath typesets each symbol once, numbers are set from digits."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from xml.etree import ElementTree

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainterPath

EM = 16.0
"""The size in which outlines are kept; a view scales them."""

_LOCK = threading.Lock()  # ziamath keeps fonts and settings for the whole process
_TOKEN = re.compile(r"[MLQCZ]|-?\d*\.?\d+(?:e-?\d+)?")
_ASCENT, _DESCENT = 10.7, 0.3  # of a line of digits
_COUNTS = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}


@dataclass(frozen=True, slots=True, eq=False)
class Glyphs:
    """A typeset piece: its path from (0, 0) on the baseline, and the room it takes."""

    path: QPainterPath
    width: float
    ascent: float
    descent: float


@lru_cache(maxsize=8192)
def typeset(latex: str) -> Glyphs:
    """Return the outline of a piece of LaTeX; it takes some ms the first time.

    What is no LaTeX (a name somebody gave a node) is set as it is written.
    """
    from ziamath.config import config
    from ziamath.zmath import Latex, Text

    with _LOCK:
        config.svg2 = False
        drawn: Latex | Text
        try:
            drawn = Latex(latex, size=EM)
        except Exception:  # noqa: BLE001  # ziamath has no error of its own for bad LaTeX
            drawn = Text(latex.replace("$", ""), size=EM)
        width, height = drawn.getsize()
        descent = -drawn.getyofst()
        text = drawn.svg()
    return Glyphs(_path_of(text), width, height - descent, descent)


@lru_cache(maxsize=2048)
def typeset_number(text: str) -> Glyphs:
    """Return the outline of a number, set from digits that are typeset once."""
    path, x = QPainterPath(), 0.0
    ascent, descent = _ASCENT, _DESCENT
    for character in text:
        part = _character(character)
        path.addPath(part.path.translated(x, 0))
        x += part.width
        ascent, descent = max(ascent, part.ascent), max(descent, part.descent)
    return Glyphs(path, x, ascent, descent)


def _character(character: str) -> Glyphs:
    if character in "()":
        return typeset(rf"\text{{{character}}}")
    return typeset(rf"\text{{{character}}}") if character.isalnum() else typeset(character)


def _path_of(svg: str) -> QPainterPath:
    path = QPainterPath()
    for element in ElementTree.fromstring(svg).iter():
        name = element.tag.rpartition("}")[2]
        if name == "path":
            _add(path, element.get("d", ""))
        elif name == "rect":
            place = (float(element.get(key, "0")) for key in ("x", "y", "width", "height"))
            path.addRect(*place)
    path.setFillRule(Qt.FillRule.WindingFill)
    return path


def _add(path: QPainterPath, text: str) -> None:
    """Add an SVG path of absolute commands."""
    draw: dict[str, Callable[..., None]] = {
        "M": path.moveTo,
        "L": path.lineTo,
        "Q": path.quadTo,
        "C": path.cubicTo,
    }
    tokens = _TOKEN.findall(text)
    place, command = 0, "M"
    while place < len(tokens):
        if tokens[place] in _COUNTS:
            command = tokens[place]
            place += 1
        count = _COUNTS[command]
        if not count:
            path.closeSubpath()
            continue
        draw[command](*map(float, tokens[place : place + count]))
        place += count
