"""Which encoding a text file has: UTF-8, UTF-16, else what Windows wrote in Western Europe."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {"cp1252": "Windows-1252", "latin-1": "Latin-1"}


def guess_encoding(path: Path, yield_gil: Callable[[], object] = lambda: None) -> str:
    """Return the codec that reads a text file; raises `OSError` if the file cannot be read."""
    with path.open("rb") as file:
        start = file.read(_CHUNK)
        for mark, codec in _MARKS:
            if start.startswith(mark):
                return codec
        if codec := _without_mark(start):
            return codec
        decoder = codecs.getincrementaldecoder("utf-8")()
        is_western, chunk = True, start
        try:
            while chunk:
                decoder.decode(chunk)
                yield_gil()
                chunk = file.read(_CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            file.seek(0)
            while chunk := file.read(_CHUNK):
                is_western = is_western and not chunk.translate(None, _DEFINED)
                yield_gil()
            return "cp1252" if is_western else "latin-1"
    return "utf-8"


def encoding_note(codec: str) -> str:
    """Say what was guessed, if it was no Unicode; else empty."""
    name = _NAMES.get(codec, "")
    return f"the file is no UTF-8 text; it was read as {name}" if name else ""


_DEFINED = bytes(set(range(256)) - {0x81, 0x8D, 0x8F, 0x90, 0x9D})


def _without_mark(start: bytes) -> str:
    """Tell UTF-16 without a byte order mark by its zeros, at every second place."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if half and odd > 0.6 * half and not even:
        return "utf-16-le"
    if half and even > 0.6 * half and not odd:
        return "utf-16-be"
    return ""
