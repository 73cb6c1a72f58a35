"""How a document is trained: optimiser, schedule, penalties, batches, stopping."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, get_args

from msgspec import Meta, Struct

NonNegative: TypeAlias = Annotated[float, Meta(ge=0)]
Positive: TypeAlias = Annotated[float, Meta(gt=0)]
Count: TypeAlias = Annotated[int, Meta(ge=1)]
Decay: TypeAlias = Annotated[float, Meta(ge=0, lt=1)]

OptimizerName: TypeAlias = Literal[
    "sgd",
    "momentum",
    "nesterov",
    "adagrad",
    "rmsprop",
    "adam",
    "adamw",
    "rprop",
    "lbfgs",
]
OPTIMIZERS: tuple[OptimizerName, ...] = get_args(OptimizerName)


class Schedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The learning rate over time, in epochs; ``warmup`` epochs rise linearly from 0 first.

    ``step``: × ``factor`` every ``every`` epochs. ``exponential``: × ``factor`` each epoch.
    ``cosine``: down to ``floor`` × rate at the last epoch. ``one_cycle``: up from ``floor`` × rate
    over the first ``rise`` share of the run, then down. ``plateau``: × ``factor`` after
    ``patience`` epochs without a better loss (validation if there is one).
    """

    name: Literal["constant", "step", "exponential", "cosine", "one_cycle", "plateau"] = "constant"
    warmup: Annotated[int, Meta(ge=0)] = 0
    every: Count = 100
    factor: Positive = 0.5
    floor: NonNegative = 0.0
    rise: Annotated[float, Meta(gt=0, lt=1)] = 0.3
    patience: Count = 10


class EarlyStopping(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Stop when the loss has not fallen by ``min_delta`` for ``patience`` epochs.

    Watches the validation loss, or the training loss without a validation split; ``restore``
    brings back the best parameters, also if the run ends for another reason.
    """

    patience: Count = 20
    min_delta: NonNegative = 0.0
    restore: bool = True


class Training(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Training settings; ``None`` for ``batch_size`` is the full batch.

    The penalties are ``l2/(2m)·Σ w²`` and ``l1/m·Σ |w|`` over all weights (no biases), m
    being the number of training rows. ``clip_norm`` bounds the gradient's Euclidean norm,
    ``clip_value`` each component, in this order. ``target_loss`` stops as soon as the training
    loss, without penalties, is below it. ``lbfgs`` needs the full batch and takes no notice of
    learning rate, schedule and clipping; for ``rprop`` the rate is only the first step.
    """

    optimizer: OptimizerName = "sgd"
    learning_rate: Positive = 0.1
    momentum: Decay = 0.9
    beta1: Decay = 0.9
    beta2: Decay = 0.999
    decay: Decay = 0.9
    epsilon: Positive = 1e-8
    weight_decay: NonNegative = 0.01
    schedule: Schedule = Schedule()
    l1: NonNegative = 0.0
    l2: NonNegative = 0.0
    clip_norm: Positive | None = None
    clip_value: Positive | None = None
    batch_size: Count | None = None
    shuffle: bool = True
    epochs: Count = 1000
    target_loss: Positive | None = None
    early_stopping: EarlyStopping | None = None
    dtype: Literal["float64", "float32"] = "float64"
    seed: Annotated[int, Meta(ge=0)] = 0
