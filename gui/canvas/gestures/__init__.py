"""What the mouse does on the canvas: one object for each gesture, from press to release.

Reading order: ``gesture`` (what a gesture is), ``panning``, ``banding``, ``moving``, ``wiring``,
``cutting``, ``choosing`` (which gesture a press begins). A gesture shows what would happen; only
its release changes the document, by one edit, and cancelling leaves no trace.
"""
