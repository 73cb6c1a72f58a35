"""What the command line does with a file, without a window.

Reading order: ``experiment`` (a document made ready), ``training`` (its run),
``run_identity`` (which checkpoints it may go on from), ``validation`` (a document's problems),
``steps`` (one update stop by stop),
``explanation`` (one number as a formula),
``tables`` (results as text), ``terminal`` (where they go), ``plain_text`` (on consoles that know
few characters), ``examples`` (the files that come with Gradwire).

Imports every other part of the engine; nothing inside the engine imports it.
"""
