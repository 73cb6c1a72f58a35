"""Files as the editor handles them: open, save, recover, and pictures of them.

Reading order: ``document_files``, ``recovery``, ``headless_pictures``, ``thumbnails``,
``example_index``.

Imports the session and the canvas; nothing of the window.
"""
