"""Arrays that have no home in NumPy: ragged rows, columns of records, random streams, hashes.

Reading order: ``aliases``, ``columnar`` (records as columns, ragged lists), ``counter_stream``
(uniform numbers by key and position), ``fingerprints`` (hashes of lists).

Imports nothing of Gradwire.
"""
