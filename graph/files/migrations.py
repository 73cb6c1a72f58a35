"""Bringing files of older versions up to date, one version at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from graph.errors import FileError
from graph.files.conversion import shown
from graph.files.records import FORMAT, VERSION

Raw: TypeAlias = dict[str, Any]
Migration: TypeAlias = Callable[[Raw], Raw]

MIGRATIONS: Mapping[int, Migration] = MappingProxyType({})
"""Version n → what turns the plain values of a file of version n into those of version n + 1."""


def up_to_date(
    raw: Any, migrations: Mapping[int, Migration] = MIGRATIONS, version: int = VERSION
) -> Raw:
    """Return a file's plain values in the current version.

    Raises `FileError` if it is no Gradwire file, newer than this program, or older than any
    migration.
    """
    if not isinstance(raw, dict):
        raise FileError(f"found {shown(raw)}; expected a Gradwire document", place="$")
    if raw.get("format") != FORMAT:
        found = shown(raw["format"]) if "format" in raw else "none"
        raise FileError(f"found {found}; expected {FORMAT!r}", place="$.format")
    found_version = raw.get("version")
    if isinstance(found_version, bool) or not isinstance(found_version, int) or found_version < 1:
        found = shown(found_version) if "version" in raw else "none"
        raise FileError(f"found {found}; expected a version from 1 to {version}", place="$.version")
    if found_version > version:
        raise FileError(
            f"found version {found_version}; this Gradwire reads up to version {version}: "
            "update it to open this file",
            place="$.version",
        )
    current: Raw = raw
    for step in range(found_version, version):
        if step not in migrations:
            raise FileError(
                f"found version {step}, which can no longer be read; expected {version}",
                place="$.version",
            )
        current = {**migrations[step](current), "version": step + 1}
    return current
