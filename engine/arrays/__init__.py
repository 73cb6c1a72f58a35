"""Arrays that have no home in NumPy: ragged rows, columns of records, random streams.

Reading order: ``aliases``, ``counter_stream`` (uniform numbers by key and position),
``columnar`` (records as columns, ragged lists, fingerprints of rows), ``rounding_noise`` (what
rounding leaves of zero).

Imports nothing of Gradwire.
"""
