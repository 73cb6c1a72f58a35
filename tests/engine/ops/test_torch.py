"""Operations against PyTorch in double precision, values and gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engine.declaration.op import Array, Context
from engine.library import ops
from graph.model.kinds import ParamValue, Role

# a few dozen operations of one rounding each; their sums may cancel to some digits
RTOL, ATOL = 256 * float(np.finfo(float).eps), 16 * float(np.finfo(float).eps)
SHAPE = (5, 4)

Params = dict[str, ParamValue]


@dataclass
class Peer:
    kind: str
    torch: Callable[..., Tensor]
    params: Params
    domain: str = "real"
    second: str = "real"
    slots: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}-{self.params}"


def peer(kind: str, function: Callable[..., Tensor], domain: str = "real", **params: Any) -> Peer:
    return Peer(kind, function, params, domain)


ACTIVATIONS = [
    peer("identity", lambda x: x * 1),
    peer("sigmoid", torch.sigmoid),
    # not functional.hardsigmoid, whose derivative holds 1/6 in single precision
    peer("hard_sigmoid", lambda x: functional.relu6(x + 3) / 6),
    peer("tanh", torch.tanh),
    peer("relu", functional.relu),
    peer("leaky_relu", functional.leaky_relu),
    peer("leaky_relu", lambda x: functional.leaky_relu(x, 0.2), slope=0.2),
    peer("elu", functional.elu),
    peer("elu", lambda x: functional.elu(x, 0.7), alpha=0.7),
    peer("selu", functional.selu),
    peer("gelu", functional.gelu),
    peer("gelu", lambda x: functional.gelu(x, approximate="tanh"), approximate="tanh"),
    peer("silu", functional.silu),
    peer("mish", functional.mish),
    peer("softplus", functional.softplus),
    peer("softsign", functional.softsign),
    peer("exp", torch.exp),
    peer("log", torch.log, "positive"),
    peer("sqrt", torch.sqrt, "positive"),
    peer("square", torch.square),
    peer("abs", torch.abs),
    peer("sin", torch.sin),
    peer("softmax", lambda x: functional.softmax(x, dim=1)),
    peer("log_softmax", lambda x: functional.log_softmax(x, dim=1)),
    peer("power", lambda x: x**1.7, "positive", exponent=1.7),
    peer("power", lambda x: x**3, exponent=3.0),
    peer("scale", lambda x: -2 * x + 3, factor=-2.0, offset=3.0),
    peer("mean", lambda x: x.mean(1, keepdim=True)),
    peer("slice", lambda x: x[:, 1:3], start=1, stop=3),
]

PAIRS = [
    Peer("subtract", torch.sub, {}),
    Peer("divide", torch.div, {}, second="positive"),
    Peer("dot", lambda a, b: (a * b).sum(1, keepdim=True), {}),
    Peer("sum", torch.add, {}),
    Peer("product", torch.mul, {}),
    Peer("concat", lambda a, b: torch.cat([a, b], 1), {}),
    Peer("weight", functional.linear, {"width": 3}, slots=("weight",)),
]


def unreduced(function: Callable[..., Tensor], **options: Any) -> Callable[..., Tensor]:
    return lambda prediction, target: function(prediction, target, reduction="none", **options)


LOSSES = [
    Peer("half_squared_error", lambda p, t: unreduced(functional.mse_loss)(p, t) / 2, {}),
    Peer("squared_error", unreduced(functional.mse_loss), {}),
    Peer("mean_squared_error", unreduced(functional.mse_loss), {}),
    Peer("mean_absolute_error", unreduced(functional.l1_loss), {}),
    Peer("huber", unreduced(functional.huber_loss), {}),
    Peer("huber", unreduced(functional.huber_loss, delta=0.3), {"delta": 0.3}),
    Peer("hinge", lambda p, t: functional.relu(1 - p * t), {}),
    Peer(
        "binary_cross_entropy",
        unreduced(functional.binary_cross_entropy),
        {},
        "probability",
        "probability",
    ),
    Peer(
        "binary_cross_entropy_logits",
        unreduced(functional.binary_cross_entropy_with_logits),
        {},
        second="probability",
    ),
    Peer("negative_log_likelihood", lambda p, t: -p * t, {}),
    Peer("kl_divergence", unreduced(functional.kl_div), {}, second="probability"),
    Peer(
        "cross_entropy",
        lambda p, t: -t * functional.log_softmax(p, dim=1),
        {},
        second="probability",
    ),
]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def draw(rng: np.random.Generator, domain: str, shape: tuple[int, ...] = SHAPE) -> Array:
    if domain == "positive":
        return rng.uniform(0.2, 4, shape)
    if domain == "probability":
        return rng.uniform(0.01, 0.99, shape)
    return rng.normal(0, 3, shape)


def assert_same(
    kind: str,
    params: Params,
    arrays: list[Array],
    expected: Callable[..., Tensor],
    rng: np.random.Generator,
    slots: Mapping[str, Array] | None = None,
) -> None:
    """Compare value, messages and slot gradients for a random δ."""
    op = ops()[kind]
    keywords: dict[str, Any] = {**op.spec.complete(params), **(slots or {})}
    if op.takes_context:
        keywords["context"] = Context(SHAPE[0], np.dtype(float))
    output = op.forward(*arrays, **keywords)
    if op.saves:
        output, keywords["saved"] = output
    leaves = [torch.from_numpy(a).requires_grad_() for a in (*arrays, *(slots or {}).values())]
    value = expected(*leaves)
    np.testing.assert_allclose(output, value.detach().numpy(), RTOL, ATOL)
    delta = rng.standard_normal(output.shape)
    assert op.backward is not None
    found = op.backward(delta, output, *arrays, **keywords)
    gradients = [found] if isinstance(found, np.ndarray) else found
    theirs = torch.autograd.grad(value, leaves, torch.from_numpy(delta))
    for ours, their in zip(gradients, theirs, strict=True):
        assert ours is not None
        np.testing.assert_allclose(ours, their.numpy(), RTOL, ATOL)


@pytest.mark.parametrize("case", ACTIVATIONS, ids=str)
def test_one_input(case: Peer, rng: np.random.Generator) -> None:
    assert_same(case.kind, case.params, [draw(rng, case.domain)], case.torch, rng)


@pytest.mark.parametrize("case", PAIRS, ids=str)
def test_two_inputs(case: Peer, rng: np.random.Generator) -> None:
    if case.slots:
        slots = {"weight": rng.standard_normal((3, SHAPE[1]))}
        assert_same(case.kind, case.params, [draw(rng, "real")], case.torch, rng, slots)
    else:
        arrays = [draw(rng, case.domain), draw(rng, case.second)]
        assert_same(case.kind, case.params, arrays, case.torch, rng)


@pytest.mark.parametrize("kind", ["subtract", "divide", "sum", "product"])
@pytest.mark.parametrize("widths", [(1, 4), (4, 1)])
def test_width_one_is_repeated(
    kind: str, widths: tuple[int, int], rng: np.random.Generator
) -> None:
    function = next(case.torch for case in PAIRS if case.kind == kind)
    arrays = [draw(rng, "positive", (5, width)) for width in widths]
    assert_same(kind, {}, arrays, function, rng)


@pytest.mark.parametrize("components", ["sum", "mean", None])
@pytest.mark.parametrize("case", LOSSES, ids=str)
def test_losses(case: Peer, components: str | None, rng: np.random.Generator) -> None:
    params = {**case.params, **({"components": components} if components else {})}
    chosen = ops()[case.kind].spec.complete(params)["components"]
    assert chosen == (
        components or ("mean" if case.kind.startswith("mean_") or case.kind == "huber" else "sum")
    )

    def expected(prediction: Tensor, target: Tensor) -> Tensor:
        terms = case.torch(prediction, target)
        return terms.mean(1, keepdim=True) if chosen == "mean" else terms.sum(1, keepdim=True)

    arrays = [draw(rng, case.domain), draw(rng, case.second)]
    assert_same(case.kind, params, arrays, expected, rng)


def test_every_loss_has_a_peer() -> None:
    losses = {kind for kind, op in ops().items() if op.spec.role is Role.LOSS}
    assert losses == {case.kind for case in LOSSES}


def test_batch_mean_of_cross_entropy_is_torchs_default(rng: np.random.Generator) -> None:
    scores, classes = draw(rng, "real"), np.array([0, 3, 1, 1, 2])
    op = ops()["cross_entropy"]
    ours = op(scores, np.eye(4)[classes], **op.spec.complete({})).mean()
    theirs = functional.cross_entropy(torch.from_numpy(scores), torch.from_numpy(classes))
    np.testing.assert_allclose(ours, theirs.item(), RTOL, ATOL)


def test_layer_norm(rng: np.random.Generator) -> None:
    slots = {"gain": rng.standard_normal(4), "shift": rng.standard_normal(4)}
    assert_same(
        "layer_norm",
        {},
        [draw(rng, "real")],
        lambda x, gain, shift: functional.layer_norm(x, (4,), gain, shift),
        rng,
        slots,
    )


def test_bias(rng: np.random.Generator) -> None:
    slots = {"bias": rng.standard_normal(3)}
    assert_same("bias", {"width": 3}, [], lambda b: b.expand(SHAPE[0], 3), rng, slots)
