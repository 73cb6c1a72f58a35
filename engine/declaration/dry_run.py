"""The width of an operation's output, found by running it on a batch of two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from engine.arrays.aliases import Array
from engine.declaration.signature import Context
from graph.errors import WidthMismatch
from graph.model.kinds import NodeSpec, Params, PortWidths

Width: TypeAlias = Callable[[Params, PortWidths], int]


def dry_run(
    spec: NodeSpec, forward: Callable[..., Any], *, takes_context: bool = False, saves: bool = False
) -> Width:
    """Return a width function that runs an operation on a batch of two (arguments as of `Op`)."""
    seen: dict[tuple[object, ...], int] = {}

    def width(params: Params, widths: PortWidths) -> int:
        key = (tuple(sorted(params.items())), tuple(sorted(widths.items())))
        if key not in seen:
            ports, keywords = dry_arguments(spec, params, widths, takes_context)
            seen[key] = _output_width(spec, lambda: forward(*ports, **keywords), saves)
        return seen[key]

    return width


def dry_arguments(
    spec: NodeSpec, params: Params, widths: PortWidths, takes_context: bool
) -> tuple[list[Array], dict[str, Any]]:
    """Return an operation's arguments on a batch of two: values at its ports, and keywords.

    Raises `WidthMismatch` if nothing is connected to a port.
    """
    for port in spec.ports:
        if not widths.get(port.name):
            raise WidthMismatch(port.name, "nothing is connected here; draw a wire to it")
    complete = spec.complete(params)
    ports: list[Array] = [np.ones((2, n)) for port in spec.ports for n in widths[port.name]]
    keywords: dict[str, Any] = dict(complete)
    keywords.update(
        (name, np.ones(shape)) for name, shape in spec.slot_shapes(complete, widths).items()
    )
    if takes_context:
        columns = zip(complete.get("columns", ()), widths.get("columns", ()), strict=False)  # type: ignore[arg-type]  # the params of INPUT and TARGET
        keywords["context"] = Context(
            rows=2,
            dtype=np.dtype(float),
            columns={str(name): np.ones((2, n)) for name, n in columns},
        )
    return ports, keywords


def _output_width(spec: NodeSpec, run: Callable[[], Any], saves: bool) -> int:
    try:
        with np.errstate(all="ignore"):
            output = run()
    except (ValueError, IndexError, TypeError) as error:
        port_name = spec.ports[0].name if spec.ports else ""
        raise WidthMismatch(port_name, str(error)) from error
    return int((output[0] if saves else output).shape[1])
