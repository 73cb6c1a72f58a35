"""What the mouse does on the canvas: one object for each gesture, from press to release.

Reading order: ``host`` (what a gesture may use), ``gesture`` (what a gesture is), ``pan``,
``rubber_band``, ``move``, ``wire``, ``cut``, ``dispatch`` (which gesture a press begins),
``keyboard``. A gesture shows what would happen; only its release changes the document, by one
edit, and cancelling leaves no trace.

Imports the model, the layers and the interaction of the canvas; nothing of its widget.
"""
