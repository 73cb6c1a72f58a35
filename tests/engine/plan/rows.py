"""Plans put together from rows, so that tests can spoil one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.arrays.columnar import ComposedNames, Ragged, integers, numbered
from engine.plan.parameter_table import Parameter, ParameterTable
from engine.plan.steps import Form, Step, Steps


def steps_of(steps: Sequence[Step]) -> Steps:
    """Return steps by column; each writes the slot of its own number."""
    return Steps(
        tuple(Form(step.op, step.params, tuple(step.slots)) for step in steps),
        np.arange(len(steps)),
        ComposedNames.of(step.node for step in steps),
        ComposedNames.of(step.owner for step in steps),
        Ragged.of([step.inputs for step in steps]),
        Ragged.of([tuple(step.slots.values()) for step in steps]),
        {step.output: step.covers for step in steps if step.covers},
    )


def parameters_of(rows: Sequence[Parameter]) -> ParameterTable:
    """Return parameters by column."""
    names, shapes, offsets, sizes, trainable, is_bias, laws, fan_in, fan_out = zip(
        *rows, strict=True
    )
    return ParameterTable(
        ComposedNames.of(names),
        *numbered(shapes),
        *numbered(laws),
        integers(offsets),
        integers(sizes),
        np.array(trainable, bool),
        np.array(is_bias, bool),
        np.array(fan_in, np.int32),
        np.array(fan_out, np.int32),
    )
