"""Overrides that Qt calls must not raise: on Python 3.11 an exception there ends the process."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

_log = logging.getLogger(__name__)
Method = TypeVar("Method", bound=Callable[..., Any])


def guarded(default: object = None) -> Callable[[Method], Method]:
    """Make an override log what goes wrong and return ``default`` instead."""

    def wrap(method: Method) -> Method:
        @functools.wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return method(*args, **kwargs)
            except Exception:  # noqa: BLE001  # the border between Qt and Python
                _log.exception("%s failed", method.__qualname__)
                return default

        return cast("Method", call)

    return wrap
