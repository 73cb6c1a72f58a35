"""What the first start on a machine costs: ``python -m benchmarks.first_start [--beside ROOT]``.

Each command runs with an empty folder for machine code, then once more with what it left there.
Prints the processor time, user and system, of the command and of the processes it waits for; with
``--beside``, that of another checkout's program too.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_TRAIN = ("gradwire.py", "train")
COMMANDS: dict[str, tuple[str, ...]] = {
    "train xor": (*_TRAIN, "examples/xor.gradwire"),
    "train digits (layers, cross-entropy)": (*_TRAIN, "examples/digits.gradwire"),
    "all kernels of a precision": ("-m", "engine.native", "float64"),
}
"""Arguments for Python, by what they are called."""


def processor_seconds(root: Path, arguments: tuple[str, ...], folder: Path) -> float:
    """Return what a command in a checkout took, its machine code kept in a folder."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    variables = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    subprocess.run(
        [sys.executable, *arguments], cwd=root, env=variables, check=True, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beside", type=Path, help="another checkout, measured in turns with this")
    parser.add_argument("--repeats", type=int, default=3, help="the best counts")
    chosen = parser.parse_args()
    roots = [_ROOT, *([chosen.beside.resolve()] if chosen.beside else [])]
    names = "".join(f" | {root.name}: first start | again" for root in roots)
    sys.stdout.write(f"| command{names} |\n|---{'|---|---' * len(roots)}|\n")
    for name, arguments in COMMANDS.items():
        best = [[float("inf")] * 2 for _ in roots]
        for _ in range(chosen.repeats):
            for found, root in zip(best, roots, strict=True):
                with tempfile.TemporaryDirectory() as folder:
                    for start in (0, 1):
                        spent = processor_seconds(root, arguments, Path(folder))
                        found[start] = min(found[start], spent)
        cells = "".join(f" | {first:.1f} s | {again:.1f} s" for first, again in best)
        sys.stdout.write(f"| {name}{cells} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
