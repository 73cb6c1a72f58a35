"""Data: reading tables from every source, encoding, scaling, splitting, and metrics.

Reading order: ``table``, ``cells``, ``generators``, ``builtin``, ``store``, ``text``,
``csv_file``, ``binary``, ``npz_file``, ``idx_file``, ``reader``, ``row_numbers``, ``split``,
``scaler``, ``preparation``, ``metrics``.

Imports ``graph``, ``engine.errors`` and ``engine.declaration.op``; scikit-learn and pandas only
inside the readers that need them. Imports nothing of plans, training or ``gui``.
"""

from engine.data.csv_file import guess_delimiter, guess_header
from engine.data.preparation import Prepared, prepare
from engine.data.reader import read, schema, with_digests
from engine.data.scaler import Scaling
from engine.data.store import DataStore
from engine.data.table import Column, ColumnSummary, Table, describe

__all__ = [
    "Column",
    "ColumnSummary",
    "DataStore",
    "Prepared",
    "Scaling",
    "Table",
    "describe",
    "guess_delimiter",
    "guess_header",
    "prepare",
    "read",
    "schema",
    "with_digests",
]
