"""A document for the tests of the command line, and ways to spoil it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

XOR: dict[str, Any] = {
    "format": "gradwire",
    "version": 1,
    "title": "XOR",
    "nodes": [
        {"id": "x", "kind": "input", "params": {"columns": ["a", "b"]}},
        {"id": "h", "kind": "neuron", "params": {"units": 4, "activation": "tanh"}},
        {"id": "o", "kind": "neuron"},
        {"id": "t", "kind": "target", "params": {"columns": ["y"]}},
        {"id": "E", "kind": "binary_cross_entropy"},
    ],
    "edges": [
        {"id": "x-h", "source": "x", "target": "h", "port": "inputs"},
        {"id": "h-o", "source": "h", "target": "o", "port": "inputs"},
        {"id": "o-E", "source": "o", "target": "E", "port": "prediction"},
        {"id": "t-E", "source": "t", "target": "E", "port": "target"},
    ],
    "dataset": {
        "source": "inline",
        "columns": {"a": [0, 0, 1, 1], "b": [0, 1, 0, 1], "y": [0, 1, 1, 0]},
        "features": ["a", "b"],
        "targets": ["y"],
    },
    "training": {"learning_rate": 0.5, "epochs": 300},
}


def write(folder: Path, content: object, name: str = "net.gradwire") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def changed(edit: Callable[[dict[str, Any]], object]) -> str:
    content = copy.deepcopy(XOR)
    edit(content)
    return json.dumps(content)
