"""What is selected, as fields to edit; why it has its δ; what keeps the document from running.

Reading order: ``page``, ``param_editors``, ``slot_editor``, ``node_page``, ``edge_page``,
``selection_page``, ``document_page``, ``inspector``; ``explanation_lines`` (a formula to draw),
``explanation_topics`` (what can be asked), ``explanation_choices``, ``explanation_costs``,
``explanation_work`` (the answer, in any thread), ``explanation_page``, ``explanation_panel``;
``problem_list``.

Imports the session and the widgets; nothing of the canvas or the window.
"""
