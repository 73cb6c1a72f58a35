"""The JSON Schema accepts every document that is written and refuses what the reader refuses."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import EditError
from graph.files.json_schema import json_schema
from graph.files.storage import dumps
from tests.graph.random_edits import Writer
from tests.graph.toys import LIBRARY, network

VALIDATOR = jsonschema.Draft202012Validator(json_schema(LIBRARY))


def test_the_schema_is_a_schema_and_survives_json() -> None:
    schema = json_schema(LIBRARY)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_document_that_is_written_is_valid(data: st.DataObject) -> None:
    document = network()
    writer = Writer(data, document)
    for _ in range(data.draw(st.integers(1, 15))):
        edit = writer.edit()
        try:
            if edit is not None:
                document.apply(edit)
        except EditError:
            continue
    VALIDATOR.validate(json.loads(dumps(document)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), 2),
        (("extra",), 1),
        (("nodes", 2, "params"), {"units": 0}),
        (("nodes", 2, "params"), {"units": "3"}),
        (("nodes", 2, "params"), {"size": 3}),
        (("nodes", 2, "params"), {"activation": "best"}),
        (("nodes", 2, "color"), "red"),
        (("edges", 0, "order"), 0.5),
        (("parameters",), {"w": "x"}),
        (("layout", "nodes", "h1"), [1]),
        (("training", "optimizer"), "best"),
    ],
)
def test_wrong_documents_are_invalid(path: tuple[str | int, ...], value: object) -> None:
    document: Any = json.loads(dumps(network()))
    VALIDATOR.validate(document)
    place = copy.deepcopy(document)
    wrong = place
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(wrong)
