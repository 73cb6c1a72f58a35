"""The file: strict JSON with places, migrations, records, and back again.

Reading order: ``records`` (the format), ``strict_json``, ``conversion`` (errors with a place),
``migrations``, ``arrays``, ``reader``, ``writer``, ``whole_file`` (writing at once or not at all),
``storage`` (documents on disk), ``json_schema``.

Imports ``graph.model``.
"""
