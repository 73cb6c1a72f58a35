"""Declaring a loss: the terms of a row's components and their derivatives, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, Literal

from engine.declaration.dry_run import dry_run
from engine.declaration.loss_needs import LossNeeds
from engine.declaration.op import Array, Messages, Op, Range, row_sum, same_width
from engine.declaration.signature import Face, make_spec, read_signature
from graph.model.kinds import Params, Role

if TYPE_CHECKING:
    from engine.declaration.symbolic import Symbolic


@dataclass(slots=True, eq=False, kw_only=True)
class LossOp(Op):
    """A loss: its value in a row is the sum, or mean, of one term for each component.

    ``terms(prediction, target, **params)`` gives the terms, (B, n). Its derivative takes
    ``(delta, prediction, target, **params)``, ``delta`` (B, 1) being what every term of a row
    receives, and returns the messages to prediction and target. `forward` and `backward` add
    what all losses share: equal widths, and ``components``. ``needs`` says for which numbers the
    loss is defined; documents are checked for it before they are trained.
    """

    terms: Callable[..., Array]
    slopes: Callable[..., Messages] | None = None
    needs: LossNeeds = field(default_factory=LossNeeds)

    def derivative(self, rule: Callable[..., Messages]) -> Callable[..., Messages]:
        """Register the derivative of the terms; raises as `Op.derivative`."""
        self.slopes = Op.derivative(self, rule)

        def backward(
            delta: Array,
            output: Array,
            prediction: Array,
            target: Array,
            /,
            *,
            importance: float,
            components: str,
            **params: Any,
        ) -> Messages:
            each = each_component(delta, target.shape[1], components)
            return rule(each, prediction, target, **params)

        self.backward = backward
        return rule

    def symbolic(self, params: Params | None = None) -> Symbolic:
        """Return the loss's equations: as declared, for the sum of the components, or their mean.

        In them ŷ is the prediction and t the target.
        """
        from engine.declaration.symbolic import averaged  # not at the start

        found = Op.symbolic(self, params)
        is_mean = self.spec.complete(params or {})["components"] == "mean"
        return averaged(found) if is_mean and found.formula else found

    def equations(self, *texts: str, when: Params | None = None, **names: str) -> None:
        """Declare the symbolic side as `Op.equations`, for components that are added up."""
        Op.equations(self, *texts, when=when, ŷ="prediction", t="target", **names)


def loss(
    *,
    rank: int,
    symbol: str,
    aliases: tuple[str, ...],
    components: Literal["sum", "mean"] = "sum",
    needs: LossNeeds | None = None,
) -> Callable[[Callable[..., Array]], LossOp]:
    """Declare the decorated function of prediction and target as a loss (see `LossOp`).

    The kind gets the parameters ``importance`` and ``components``, whose default is given here,
    before those of the function.
    """

    def declare(terms: Callable[..., Array]) -> LossOp:
        declared = read_signature(terms)
        shared = read_signature(_shared).params
        declared.params[:0] = [shared[0], replace(shared[1], default=components)]

        @wraps(terms)
        def forward(
            prediction: Array,
            target: Array,
            /,
            *,
            importance: float,
            components: str,
            **params: Any,
        ) -> Array:
            same_width(prediction=prediction, target=target)
            return over_components(terms(prediction, target, **params), components)

        result = LossOp(
            spec=make_spec(terms, declared, Face("losses", rank, symbol, aliases, Role.LOSS)),
            forward=forward,
            slots={},
            rank=rank,
            choices=declared.choices,
            terms=terms,
            needs=needs or LossNeeds(),
        )
        result.spec = replace(result.spec, width=dry_run(result.spec, forward))
        return result

    return declare


def over_components(terms: Array, components: str) -> Array:
    """Add up or average the terms of each row: (B, n) → (B, 1)."""
    total = row_sum(terms)
    return total / terms.shape[1] if components == "mean" else total


def each_component(delta: Array, width: int, components: str) -> Array:
    """Undo `over_components` in the backward direction: what each term receives, (B, 1)."""
    return delta / width if components == "mean" else delta


def _shared(
    *,
    importance: Annotated[
        float, Range(low=0), "factor of this loss in the total error E (applied when E is summed)"
    ] = 1.0,
    components: Annotated[
        Literal["sum", "mean"], "whether the components of a row are added up or averaged"
    ] = "sum",
) -> None:
    """Declare the parameters that all losses have."""
