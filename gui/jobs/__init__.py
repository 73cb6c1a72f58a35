"""Work beside the GUI thread, and the frames that drawing takes.

Reading order: ``job_queue``, ``block_work``, ``gil_yield``, ``frame_scheduler``, ``publication``,
``follower``, ``garbage_timer``, ``kernel_loader``.

Imports nothing of the editor.
"""
