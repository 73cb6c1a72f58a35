"""Why is this number what it is? Explanations as rich text with links to nodes and edges."""

from __future__ import annotations

from html import escape

from engine.analysis.delta_terms import DeltaTerm, DeltaTerms
from engine.analysis.local_derivative import edge_derivative
from engine.arrays.aliases import Array
from graph.model.document import Document
from graph.model.kinds import Role
from graph.model.trainable import carries_weight
from gui.session.session import Session
from gui.widgets.number_text import edge_numbers, node_numbers, number_text

_COMPONENTS = 5  # of a vector that are written out
_TERMS = 60  # of a sum that are written out


def explain(session: Session, terms: DeltaTerms | None = None) -> str:
    """Return the explanation of what is selected, as HTML; ``terms`` of `node_in_question`."""
    nodes, edges = session.selection.nodes, session.selection.edges
    if len(nodes) == 1 and not edges:
        return _node(session, next(iter(nodes)), terms)
    if len(edges) == 1 and not nodes:
        return _edge(session, next(iter(edges)))
    return "<p>Select a node or an edge to see where its δ comes from.</p>"


def node_in_question(session: Session) -> str | None:
    """Return the node whose δ has to be taken apart to explain what is selected, if any has."""
    nodes, edges = session.selection.nodes, session.selection.edges
    readings = session.readings
    if len(nodes) != 1 or edges or readings is None or _is_mean(session):
        return None
    node = next(iter(nodes))
    return node if node_numbers(readings, node) is not None else None


def _is_mean(session: Session) -> bool:
    return session.row is None and session.rows > 1


def _node(session: Session, node: str, terms: DeltaTerms | None) -> str:
    document = session.document
    spec = document.spec(node)
    formula = f"<p>{_code(spec.formula)}</p>" if spec and spec.formula else ""
    name = escape(document.nodes[node].label or node)
    if _is_mean(session):
        body = _mean(session, node, name)
    else:
        body = _sum(document, terms, name) if terms else ""
    if spec is None or not body:
        return f"{formula}<p>Its numbers appear once the network can run.</p>"
    about = f"<p><i>{_which_row(session)}</i></p>"
    return f"{formula}{about}<h4>Why this δ?</h4>{body}"


def _mean(session: Session, node: str, name: str) -> str:
    """Explain the mean over the batch: means of products do not come apart into factors."""
    document, readings = session.document, session.readings
    numbers = node_numbers(readings, node)
    if numbers is None:
        return ""
    rows, total = [], 0.0
    for edge in document.out_edges(node):
        flows = edge_numbers(readings, edge.id)
        if flows is not None:
            total += flows.message
            rows.append(_row(document, edge.id, edge.target, "", number_text(flows.message)))
    if not rows:
        return f"<p>{_code(f'δ({name}) = {number_text(numbers.delta)}')}</p>"
    rows = _shortened(rows)
    rows.append(_total(number_text(total)))
    line = f"δ({name}) = {number_text(numbers.delta)}"
    if numbers.net is not None:
        line += ", the mean of f′(s) · ∂E/∂z"
    hint = "Choose a row in the run bar to see every factor."
    return f"<p>{_code(line)}</p>{_table(rows)}<p><small>{hint}</small></p>"


def _row(document: Document, edge: str, target: str, how: str, message: str) -> str:
    name = escape(document.nodes[target].label or target)
    link = f"<a href='edge:{escape(edge)}'>→ {name}</a>"
    detail = f"<br><small>{how}</small>" if how else ""
    return f"<tr><td>{link}{detail}</td><td align=right>{message}</td></tr>"


def _shortened(rows: list[str]) -> list[str]:
    more = len(rows) - _TERMS
    return rows if more <= 0 else [*rows[:_TERMS], f"<tr><td>and {more} more</td><td></td></tr>"]


def _total(message: str) -> str:
    return f"<tr><td><b>Σ = ∂E/∂z</b></td><td align=right><b>{message}</b></td></tr>"


def _table(rows: list[str]) -> str:
    return f"<table cellspacing=0 cellpadding=3 width='100%'>{''.join(rows)}</table>"


def _sum(document: Document, terms: DeltaTerms, name: str) -> str:
    if not terms.terms and not terms.own.any():
        return f"<p>δ of {name} is 0: no path leads from it to an error.</p>"
    lines = []
    inner = "Σ w·δ" if any(term.weight is not None for term in terms.terms) else "Σ messages"
    if terms.slope is not None:
        lines.append(_code(f"δ({name}) = f′(s) · {inner}"))
        lines.append(
            _code(f"= {_vector(terms.slope)} · {_vector(terms.gradient)} = {_vector(terms.delta)}")
        )
        lines += [_code(terms.opened)] if terms.opened else []
    else:
        lines.append(_code(f"δ({name}) = {inner} = {_vector(terms.delta)}"))
    rows = _shortened([_term(document, term) for term in terms.terms])
    if terms.own.any():
        rows.append(
            f"<tr><td>its own share of E</td><td align=right>{_vector(terms.own)}</td></tr>"
        )
    rows.append(_total(_vector(terms.gradient)))
    return f"<p>{'<br>'.join(lines)}</p>{_table(rows)}"


def _term(document: Document, term: DeltaTerm) -> str:
    if term.weight is not None and term.weight.size == 1:
        how = (
            f"w·δ = {number_text(float(term.weight.item()))} · {_factor(float(term.delta.item()))}"
        )
    elif term.weight is not None:
        how = f"Wᵀδ, δ = {_vector(term.delta)}"
    else:
        how = f"δ = {_vector(term.delta)}" + (f", {escape(term.local)}" if term.local else "")
    return _row(document, term.edge, term.target, how, _vector(term.message))


def _edge(session: Session, edge_id: str) -> str:
    document = session.document
    edge = document.edges[edge_id]
    source = escape(document.nodes[edge.source].label or edge.source)
    target = escape(document.nodes[edge.target].label or edge.target)
    ends = (
        f"<p><a href='node:{escape(edge.source)}'>{source}</a> → "
        f"<a href='node:{escape(edge.target)}'>{target}</a></p>"
    )
    readings = session.readings
    numbers = edge_numbers(readings, edge_id)
    start, end = node_numbers(readings, edge.source), node_numbers(readings, edge.target)
    if numbers is None or start is None or end is None:
        return f"{ends}<p>Its numbers appear once the network can run.</p>"
    lines = []
    scalar = start.values is None and end.values is None
    if carries_weight(document, edge_id):
        lines.append(f"∂E/∂w = z({source}) · δ({target})")
        if scalar and session.row is not None:
            product = f"{number_text(start.value)} · {_factor(end.delta)}"
            lines.append(f"= {product} = {number_text(numbers.gradient)}")
        elif scalar:
            lines.append(f"mean over the rows: {number_text(numbers.gradient)}")
        else:
            lines.append(f"norm of all its entries: {number_text(numbers.gradient_norm)}")
        lines.append(f"back flows w · δ({target}): {number_text(numbers.message)}")
    elif (spec := document.spec(edge.target)) and spec.role is not Role.LOSS:
        lines.append(f"back flows δ({target}) · ∂({target})/∂({source}):")
        lines.append(number_text(numbers.message))
        lines.append(_local(session, edge_id))
    else:
        lines.append(f"back flows ∂E/∂({source}): {number_text(numbers.message)}")
        lines.append(_local(session, edge_id))
    body = _code("<br>".join(lines), raw=True)
    return f"{ends}<p><i>{_which_row(session)}</i></p><p>{body}</p>"


def _local(session: Session, edge_id: str) -> str:
    """Return the target's derivative by the source, with its numbers in one row."""
    readings = None if _is_mean(session) else session.readings

    def value(node: str) -> float | None:
        numbers = node_numbers(readings, node)
        return None if numbers is None or numbers.values is not None else numbers.value

    return escape(edge_derivative(session.document, edge_id, value), quote=False)


def _which_row(session: Session) -> str:
    if session.calculation.prepared is None:
        return "Without data."
    text = session.rows_text
    return f"{text[:1].upper()}{text[1:]}."


def _vector(array: Array) -> str:
    if array.size == 1:
        return number_text(float(array.item()))
    shown = ", ".join(number_text(float(number), 3) for number in array[:_COMPONENTS])
    return f"({shown}{', …' if array.size > _COMPONENTS else ''})"


def _factor(number: float) -> str:
    text = number_text(number)
    return f"({text})" if number < 0 else text


def _code(text: str, *, raw: bool = False) -> str:
    return (
        f"<span style='font-family: monospace'>{text if raw else escape(text, quote=False)}</span>"
    )
