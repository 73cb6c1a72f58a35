"""Random edits of every sort, drawn by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from graph.changes import adding, fragments, groups
from graph.errors import EditError
from graph.model.dataset import Builtin, Generator, Inline, Split
from graph.model.document import Document
from graph.model.edits import (
    Batch,
    ChangeNode,
    Comment,
    Edit,
    Move,
    Node,
    SetComments,
    SetDataset,
    SetEdgeLabel,
    SetFrozen,
    SetLabel,
    SetParam,
    SetParameterValues,
    SetShared,
    SetText,
    SetTraining,
)
from graph.model.tensor import Tensor
from graph.model.training import EarlyStopping, Schedule, Training
from graph.validation.connection_rules import path
from tests.graph.toys import LIBRARY

FINITE = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(max_size=6)
TENSORS = st.one_of(
    st.lists(FINITE, max_size=3).map(lambda row: Tensor.of(list(row))),
    st.lists(st.lists(FINITE, min_size=2, max_size=2), max_size=40).map(
        lambda rows: Tensor.of([list(row) for row in rows])
    ),
    FINITE.map(Tensor.of),
    st.just(Tensor((2, 0), b"")),
)
PARAMS = st.sampled_from(
    [
        ("units", 3),
        ("units", None),
        ("activation", "tanh"),
        ("factor", 2),
        ("factor", -0.0),
        ("value", (1, 2.5)),
        ("columns", ("x1", "image[2]")),
        ("parameters", ("neuron1.bias",)),
        ("name", 'quote " and \ud800'),
    ]
)
DATASETS = st.one_of(
    st.none(),
    st.just(Builtin(name="iris", features=("a",), split=Split(test=0.2))),
    st.builds(Generator, name=st.just("xor"), noise=st.sampled_from([0, 0.5]), seed=st.just(3)),
    st.builds(
        Inline,
        columns=st.dictionaries(
            TEXT, st.lists(st.one_of(FINITE, st.integers(-9, 9), TEXT, st.none())), max_size=3
        ),
    ),
)
TRAININGS = st.builds(
    Training,
    optimizer=st.sampled_from(["sgd", "adam"]),
    learning_rate=st.sampled_from([1, 0.1, 1e-300]),
    schedule=st.builds(Schedule, every=st.integers(1, 100)),
    early_stopping=st.one_of(st.none(), st.builds(EarlyStopping)),
)


class Writer:
    """Draws edits that mostly fit the document as it is."""

    def __init__(self, data: st.DataObject, document: Document) -> None:
        self.data, self.document = data, document

    def edit(self) -> Edit | None:
        """Draw one edit; None if the drawn sort has nothing to work on."""
        sorts = [name for name in dir(self) if name.startswith("edit_")]
        try:
            edit: Edit | None = getattr(self, self.data.draw(st.sampled_from(sorts)))()
        except EditError:
            return None
        return edit

    def node(self) -> str:
        if not self.document.nodes:
            raise EditError("no nodes")
        return self.data.draw(st.sampled_from(list(self.document.nodes)))

    def some(self) -> list[str]:
        nodes = list(self.document.nodes)
        if not nodes:
            return []
        return self.data.draw(st.lists(st.sampled_from(nodes), unique=True, max_size=3))

    def edge(self) -> str:
        if not self.document.edges:
            raise EditError("no edges")
        return self.data.draw(st.sampled_from(list(self.document.edges)))

    def group(self) -> str:
        if not self.document.groups:
            raise EditError("no groups")
        return self.data.draw(st.sampled_from([group.id for group in self.document.groups]))

    def slot(self) -> str:
        slots = [*self.document.all_slots(), "w", "nobody.bias"]
        return self.data.draw(st.sampled_from(slots))

    def edit_add(self) -> Edit:
        kind = self.data.draw(st.sampled_from(list(LIBRARY)))
        at = self.data.draw(st.one_of(st.none(), st.tuples(FINITE, FINITE)))
        return adding.add(self.document, kind, at, label=self.data.draw(TEXT))[0]

    def edit_connect(self) -> Edit:
        target = self.node()
        spec = self.document.spec(target)
        ports = [port.name for port in spec.ports] if spec else []
        earlier = [node for node in self.document.nodes if not path(self.document, target, node)]
        port = self.data.draw(st.sampled_from([*ports, "inputs"]))
        source = self.data.draw(st.sampled_from(earlier or [target]))
        return adding.connect(self.document, source, target, port)[0]

    def edit_connect_more(self) -> Edit:
        return self.edit_connect()

    def edit_remove(self) -> Edit:
        edges = [self.edge()] if self.document.edges else []
        return adding.remove(self.document, self.some(), edges)

    def edit_reconnect(self) -> Edit:
        return adding.remove_and_reconnect(self.document, self.some())

    def edit_rewire(self) -> Edit:
        return adding.rewire(self.document, self.edge(), source=self.node())

    def edit_retarget(self) -> Edit:
        return adding.rewire(self.document, self.edge(), target=self.node(), port="inputs")

    def edit_kind(self) -> Edit:
        kind = self.data.draw(st.sampled_from(list(LIBRARY)))
        return adding.replace_kind(self.document, self.node(), kind)

    def edit_placeholder(self) -> Edit:
        node = self.document.nodes[self.node()]
        return ChangeNode(Node(node.id, "quux", node.label, {"b": (1, "two"), "a": True}))

    def edit_insert(self) -> Edit:
        return adding.insert_on_edge(self.document, self.edge(), "sum", (0.0, 0.0))[0]

    def edit_splice(self) -> Edit:
        return adding.splice(self.document, self.edge(), self.node())

    def edit_rename(self) -> Edit:
        name = self.data.draw(st.sampled_from(["a", "b.c", "ü", "x1-h1", "w"]))
        return adding.rename(self.document, self.node(), name)

    def edit_paste(self) -> Edit:
        fragment = fragments.copy(self.document, self.some())
        text = fragments.to_text(fragment)
        fragment = fragments.from_text(text, LIBRARY)
        return fragments.paste(self.document, fragment, (10.0, 10.0))[0]

    def edit_group(self) -> Edit:
        return groups.group(self.document, self.some(), self.data.draw(TEXT))[0]

    def edit_ungroup(self) -> Edit:
        return groups.ungroup(self.document, self.group())

    def edit_collapse(self) -> Edit:
        return groups.collapse(self.document, self.group(), collapsed=self.data.draw(st.booleans()))

    def edit_param(self) -> Edit:
        return SetParam(self.node(), *self.data.draw(PARAMS))

    def edit_label(self) -> Edit:
        return SetLabel(self.node(), self.data.draw(TEXT))

    def edit_edge_label(self) -> Edit:
        return SetEdgeLabel(self.edge(), self.data.draw(TEXT))

    def edit_move(self) -> Edit:
        at = st.one_of(st.none(), st.tuples(FINITE, st.integers(-99, 99).map(float)))
        return Move({node: self.data.draw(at) for node in self.some()})

    def edit_values(self) -> Edit:
        value = self.data.draw(st.one_of(st.none(), TENSORS))
        return SetParameterValues({self.slot(): value, self.slot(): value})

    def edit_frozen(self) -> Edit:
        return SetFrozen({self.slot(): self.data.draw(st.booleans())})

    def edit_shared(self) -> Edit:
        return SetShared({self.slot(): self.data.draw(st.sampled_from(["w", "v", None]))})

    def edit_share_with_slot(self) -> Edit:
        return SetShared({self.slot(): self.slot()})

    def edit_dataset(self) -> Edit:
        return SetDataset(self.data.draw(DATASETS))

    def edit_training(self) -> Edit:
        return SetTraining(self.data.draw(TRAININGS))

    def edit_comments(self) -> Edit:
        texts = self.data.draw(st.lists(TEXT, max_size=2))
        rect = (0.0, 1.5, 2.0, 3.0)
        return SetComments(tuple(Comment(f"c{i}", text, rect) for i, text in enumerate(texts)))

    def edit_text(self) -> Edit:
        return SetText(self.data.draw(TEXT), self.data.draw(TEXT))

    def edit_batch(self) -> Edit:
        return Batch((self.edit_text(), Batch((self.edit_label(), self.edit_values()))))
