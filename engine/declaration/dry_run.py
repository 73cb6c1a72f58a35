"""The width of an operation's output, found by running it on a batch of two."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from engine.declaration.signature import Context
from graph.errors import WidthMismatch
from graph.model.kinds import Params, PortWidths

if TYPE_CHECKING:
    from engine.declaration.op import Op

Width: TypeAlias = Callable[[Params, PortWidths], int]


def dry_run(declared: Op) -> Width:
    """Return a width function that runs the operation on a batch of two."""
    seen: dict[tuple[object, ...], int] = {}

    def width(params: Params, widths: PortWidths) -> int:
        key = (tuple(sorted(params.items())), tuple(sorted(widths.items())))
        if key not in seen:
            seen[key] = _output_width(declared, params, widths)
        return seen[key]

    return width


def _output_width(declared: Op, params: Params, widths: PortWidths) -> int:
    spec = declared.spec
    for port in spec.ports:
        if not widths.get(port.name):
            raise WidthMismatch(port.name, "nothing is connected here; draw a wire to it")
    complete = spec.complete(params)
    ports = [np.ones((2, n)) for port in spec.ports for n in widths[port.name]]
    keywords: dict[str, Any] = dict(complete)
    keywords.update(
        (name, np.ones(shape)) for name, shape in spec.slot_shapes(complete, widths).items()
    )
    if declared.takes_context:
        columns = zip(complete.get("columns", ()), widths.get("columns", ()), strict=False)  # type: ignore[arg-type]  # the params of INPUT and TARGET
        keywords["context"] = Context(
            rows=2,
            dtype=np.dtype(float),
            columns={str(name): np.ones((2, n)) for name, n in columns},
        )
    try:
        with np.errstate(all="ignore"):
            output = declared.forward(*ports, **keywords)
    except (ValueError, IndexError, TypeError) as error:
        port_name = spec.ports[0].name if spec.ports else ""
        raise WidthMismatch(port_name, str(error)) from error
    return int((output[0] if declared.saves else output).shape[1])
