"""Declaring kinds: what is refused, what the help says, how the palette is sorted."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pytest

from engine.declaration.op import Array, Expand, Op, Range, composite, op
from engine.library import GROUPS, collect, library, ops
from graph.errors import WidthMismatch
from graph.model.kinds import ParamKind, Role

TABLE = """
input target constant bias | neuron | weight
| sum product subtract divide power scale mean dot concat slice expression
| identity sigmoid hard_sigmoid tanh relu leaky_relu elu selu gelu silu mish softplus softsign step
  exp log sqrt square abs sin softmax log_softmax
| dropout layer_norm
| half_squared_error squared_error mean_squared_error mean_absolute_error huber hinge
  binary_cross_entropy binary_cross_entropy_logits cross_entropy negative_log_likelihood
  kl_divergence l2_penalty l1_penalty
"""

PARAMETERS = {
    "input": ["columns"],
    "target": ["columns"],
    "constant": ["value"],
    "bias": ["width"],
    "weight": ["width", "initializer"],
    "neuron": ["units", "activation", "bias", "initializer"],
    "power": ["exponent"],
    "scale": ["factor", "offset"],
    "slice": ["start", "stop"],
    "leaky_relu": ["slope"],
    "elu": ["alpha"],
    "gelu": ["approximate"],
    "dropout": ["rate"],
    "layer_norm": ["epsilon"],
    "huber": ["importance", "components", "delta"],
    "expression": ["formula"],
    "l2_penalty": ["parameters", "coefficient"],
    "l1_penalty": ["parameters", "coefficient"],
}


def make(kind: str = "twice", *, differentiable: bool = True) -> Op:
    def function(x: Array) -> Array:
        return x * 2

    function.__name__ = kind
    return op(group="arithmetic", differentiable=differentiable)(function)


def with_derivative(declared: Op) -> Op:
    @declared.derivative
    def _(delta: Array, output: Array, x: Array) -> Array:
        return delta * 2

    return declared


def test_palette_has_the_kinds_of_the_table_in_its_order() -> None:
    assert list(library()) == TABLE.replace("|", " ").split()
    assert tuple(library().groups()) == GROUPS


@pytest.mark.parametrize("kind", list(ops()))
def test_help_is_complete(kind: str) -> None:
    spec = ops()[kind].spec
    lines = [line.strip() for line in spec.doc.splitlines()]
    assert spec.summary.endswith((".", ")"))
    for head in ("Formula:", "Shapes:", "Source:"):
        (line,) = [line for line in lines if line.startswith(head)]
        assert len(line) > len(head) + 5
    assert spec.formula
    assert spec.symbol
    assert spec.aliases
    assert all(param.summary for param in spec.params)


@pytest.mark.parametrize("kind", list(ops()))
def test_ports_and_parameters_have_the_names_of_the_file_format(kind: str) -> None:
    spec = ops()[kind].spec
    names = tuple(port.name for port in spec.ports)
    assert names in {(), ("inputs",), ("x",), ("a", "b"), ("prediction", "target")}
    assert (names == ("prediction", "target")) == (spec.role is Role.LOSS)
    default = ["importance", "components"] if spec.role is Role.LOSS else []
    assert [param.name for param in spec.params] == PARAMETERS.get(kind, default)


def test_choices_of_a_neuron_are_all_activations() -> None:
    activation = library()["neuron"].param("activation")
    assert activation is not None
    assert activation.choices == tuple(s.kind for s in library().groups()["activations"])


def test_elementwise_kinds_treat_components_alone() -> None:
    x = np.array([[0.3, 0.7, 1.1]])
    for kind, declared in ops().items():
        if declared.elementwise:
            params = declared.spec.complete({})
            alone = [declared(x[:, [i]], **params) for i in range(3)]
            np.testing.assert_array_equal(
                declared(x, **params), np.concatenate(alone, axis=1), err_msg=kind
            )


def test_kind_declared_twice_is_refused() -> None:
    first, second = with_derivative(make()), with_derivative(make())
    with pytest.raises(ValueError, match=r"'twice' is declared twice: in .*test_library"):
        collect([first, second])


def test_kind_without_derivative_is_refused() -> None:
    with pytest.raises(TypeError, match=r"'twice' has no derivative; write one below it"):
        collect([make()])
    assert list(collect([make(differentiable=False)])) == ["twice"]


def test_two_derivatives_are_refused() -> None:
    declared = with_derivative(make())
    with pytest.raises(ValueError, match="two derivatives"):
        with_derivative(declared)
    with pytest.raises(ValueError, match="differentiable=False"):
        with_derivative(make(differentiable=False))


def test_derivative_with_other_keywords_is_refused() -> None:
    @op(group="arithmetic")
    def scaled(x: Array, *, factor: float = 2.0) -> Array:
        return factor * x

    with pytest.raises(TypeError, match=r"'scaled' has the keywords \[\]; it needs \['factor'\]"):

        @scaled.derivative
        def _(delta: Array, output: Array, x: Array) -> Array:
            return delta


def test_parameter_without_default_or_editor_is_refused() -> None:
    with pytest.raises(TypeError, match="'factor' needs a default"):

        @op(group="arithmetic")
        def first(x: Array, *, factor: float) -> Array:
            return x

    with pytest.raises(TypeError, match="'factor' has no editor"):

        @op(group="arithmetic")
        def second(x: Array, *, factor: complex = 1j) -> Array:
            return x


def test_signature_becomes_the_spec() -> None:
    @op(group="arithmetic", symbol="k", aliases=("gain",))
    def sum_(x: Array, *, k: Annotated[float, Range(0, 2), "how much"] = 1.5) -> Array:
        """Multiply.

        Formula: z = k·x
        """
        return k * x

    spec = sum_.spec
    assert (spec.kind, spec.title, spec.symbol, spec.formula) == ("sum", "sum", "k", "z = k·x")
    (param,) = spec.params
    assert (param.kind, param.default, param.low, param.high) == (ParamKind.FLOAT, 1.5, 0, 2)
    assert param.summary == "how much"


def test_kinds_of_installed_packages_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Point:
        name = "theirs"

        def load(self) -> Op:
            return with_derivative(make("theirs"))

    monkeypatch.setattr("engine.library.entry_points", lambda group: [Point()])
    found = ops.__wrapped__()
    assert set(found) - set(ops()) == {"theirs"}


def test_kinds_of_packages_come_after_ours() -> None:
    @composite(group="mine", width=lambda _params, _widths: 1)
    def later(*inputs: Array) -> Expand:
        raise NotImplementedError

    assert list(collect([later, with_derivative(make())])) == ["twice", "later"]


@pytest.mark.parametrize(
    ("kind", "params", "widths", "port", "text"),
    [
        ("sum", {}, {"inputs": (2, 3)}, "inputs", "width 2 meets one of width 3"),
        ("subtract", {}, {"a": (2,), "b": (3,)}, "a", "width 2 meets one of width 3"),
        ("subtract", {}, {"a": (2,)}, "b", "nothing is connected"),
        ("dot", {}, {"a": (2,), "b": (3,)}, "b", "'a' has width 2, 'b' has 3"),
        ("slice", {"stop": 4}, {"x": (3,)}, "x", "does not fit a value of width 3"),
        ("constant", {"value": ()}, {}, "", "give at least one number"),
        ("input", {}, {"columns": ()}, "", "choose at least one"),
        (
            "huber",
            {},
            {"prediction": (1,), "target": (2,)},
            "target",
            "they must be equal",
        ),
    ],
)
def test_mismatches_say_where_and_what(
    kind: str, params: dict[str, Any], widths: dict[str, Any], port: str, text: str
) -> None:
    with pytest.raises(WidthMismatch, match=text) as caught:
        library()[kind].width(params, widths)
    assert caught.value.port == port


def test_width_of_a_large_matrix_is_known_without_making_one() -> None:
    assert library()["weight"].width({"width": 10**9}, {"x": (10**9,)}) == 10**9
