"""The example documents that come with Gradwire."""

from __future__ import annotations

from pathlib import Path

from graph.errors import FileError
from graph.files.storage import SUFFIX

WELCOME = "welcome"
"""The example to start with."""
OF_TEXTS = (
    *("raschka_logistic", "raschka_two_layers", "sigmoid_cross_entropy", "softmax_nll"),
    *("dolhansky_1_chain", "dolhansky_2_inputs", "dolhansky_3_outputs"),
    *("ng_test_network", "ng_test_network_regularised", "ng_symmetry"),
    *("exam", "exam_mse", "four_diagrams", "vanishing_sigmoid_chain", "exploding_chain"),
    *("xavier_cure", "mazur"),
)
"""Those that show a text's derivation, in the order of the texts; their updates are made so slowly
that one sees them."""


def folder() -> Path:
    """Return the folder of the examples, in a checkout and in an installed wheel alike."""
    return Path(__file__).resolve().parents[2] / "examples"


def names() -> tuple[str, ...]:
    """Return the names of all examples: the welcome first, then by name."""
    found = sorted(file.stem for file in folder().glob(f"*{SUFFIX}"))
    return tuple(sorted(found, key=lambda name: name != WELCOME))


def paths() -> list[Path]:
    """Return the files of all examples, in the order of `names`."""
    return [folder() / f"{name}{SUFFIX}" for name in names()]


def path(name: str) -> Path:
    """Return an example's file.

    Raises `FileError` if there is no such example.
    """
    if name not in names():
        raise FileError(f"there is no example {name!r}; choose one of {', '.join(names())}")
    return folder() / f"{name}{SUFFIX}"
