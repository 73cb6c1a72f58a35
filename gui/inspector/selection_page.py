"""The inspector's page about several nodes and edges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from gui.commands.edit_commands import described
from gui.commands.graph_commands import selected_parameters
from gui.inspector.page import Page, ParamForm, text_label
from gui.session.session import Session


class ManyPage(Page):
    """What is selected, by kind; the parameters of nodes that are all of one kind."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        document, selection = session.document, session.selection
        nodes, edges = selection.nodes, selection.edges
        self.heading(described(len(nodes), len(edges)))
        kinds = Counter(document.nodes[node].kind for node in nodes)
        lines = []
        for kind, number in kinds.most_common():
            spec = document.library.get(kind)
            lines.append(f"{number} × {spec.title if spec else kind}")
        if lines:
            self.body.addWidget(text_label("\n".join(lines)))
        names = selected_parameters(session)
        if names:
            frozen = sum(name in document.frozen for name in names)
            self.body.addWidget(text_label(f"{len(names)} parameters, {frozen} of them frozen"))
        if len(kinds) == 1 and (spec := document.library.get(next(iter(kinds)))):
            self.params = ParamForm(self, spec, tuple(sorted(nodes)))
        self.body.addStretch(1)

    def signature(self) -> Hashable:
        """Return the selection and the kinds in it."""
        document, selection = self.session.document, self.session.selection
        kinds = tuple(document.nodes[node].kind for node in sorted(selection.nodes))
        frozen = sum(name in document.frozen for name in selected_parameters(self.session))
        return selection, kinds, frozen
