"""Compile the loop ahead of its first use: ``python -m engine.native float64``."""

from __future__ import annotations

import os
import sys

from engine.native.api.kernel_cache import prepare

_POLITE = 10  # what others do meanwhile goes first


def main() -> None:
    """Compile for the dtypes that are named."""
    if hasattr(os, "nice"):
        os.nice(_POLITE)
    for dtype in sys.argv[1:]:
        prepare(dtype)


if __name__ == "__main__":
    main()
