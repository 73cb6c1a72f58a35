"""What exported source calls things."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Sequence

from engine.plan.plan import Plan, Step
from graph.model.kinds import ParamValue, Role


def identifiers(steps: Sequence[Step]) -> list[str]:
    """Return a Python name for each step's value, close to the node's id, all different."""
    used = {"rows", "context", "saved"}
    names = []
    for step in steps:
        name = re.sub(r"\W", "_", unicodedata.normalize("NFKC", step.node))
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__"):
            name = f"n_{name}".strip("_") if f"n_{name}".isidentifier() else f"n{step.output}"
        unique, count = name, 2
        while unique in used:
            unique, count = f"{name}_{count}", count + 1
        used.add(unique)
        names.append(unique)
    return names


def after_targets(plan: Plan) -> list[bool]:
    """Return for each slot whether it is a target, a loss, or depends on one."""
    late: list[bool] = []
    for step in plan.steps:
        own = step.op.spec.role in (Role.TARGET, Role.LOSS)
        late.append(own or any(late[slot] for slot in step.inputs))
    return late


def leads_to_parameters(plan: Plan) -> list[bool]:
    """Return for each slot whether a trainable value is needed to compute it."""
    wanted: list[bool] = []
    for step in plan.steps:
        wanted.append(bool(step.slots) or any(wanted[slot] for slot in step.inputs))
    return wanted


def columns_text(step: Step) -> str:
    """Return the expression that reads a step's columns."""
    references = step.params["columns"]
    assert isinstance(references, tuple)  # declared as columns
    parts = [_column_text(str(name)) for name in references]
    return parts[0] if len(parts) == 1 else f"np.hstack([{', '.join(parts)}])"


def _column_text(reference: str) -> str:
    is_component = reference.endswith("]")
    return f"component(columns, {reference!r})" if is_component else f"columns[{reference!r}]"


def literal(value: ParamValue) -> str:
    """Return a parameter's value as Python source."""
    return repr(list(value)) if isinstance(value, tuple) else repr(value)


def plain(text: str) -> str:
    """Return a text fit for a docstring: one line, nothing that could end it."""
    kept = "".join(c if c.isprintable() else " " for c in text)
    return kept.replace("\\", "/").replace('"', "'").strip() or "A network"
