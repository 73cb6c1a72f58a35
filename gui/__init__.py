"""The editor: window, canvas, inspector and plots over ``engine`` and ``graph``.

Reading order, by part:

- the program: ``app``, ``window``, ``settings``, ``status``, ``notice_bar``
- the session: ``session``, ``undoing``, ``edit_kinds``, ``calculation``, ``data_loading``,
  ``compiled``, ``probing``, ``background``, ``rest``, ``pace``, ``garbage``
- training: ``run``, ``course``, ``worker``, ``kernels``, ``run_bar``
- commands: ``commands`` (the one table), ``actions``, ``command_palette``, ``context_menu``,
  ``file_menus``; what they do: ``documents``, ``recovery``, ``exporting``, ``editing``,
  ``structure``, ``arranging``, ``building``, ``dialogs``, ``showing``
- the canvas: ``theme``, ``icons``, ``canvas``, ``stills``, ``pictures``
- the palette: ``palette``, ``matching``
- the inspector: ``inspector``, ``pages``, ``node_page``, ``edge_page``, ``many_page``,
  ``document_page``, ``param_editors``, ``slot_editor``, ``training_form``, ``number_field``,
  ``fields``, ``numbers``; beside it ``explanation``, ``explaining``, ``problem_list``
- data: ``data_dialog``, ``data_sources``, ``data_columns``, ``data_options``, ``data_points``,
  ``data_table``, ``data_nodes``, ``data_jobs``, ``inline_table``, ``file_field``
- plots: ``view``, ``views``, ``curves_view``, ``chart``, ``steady_box``, ``log_axis``,
  ``chart_export``, ``series_colors``, ``color_scale``, ``prediction_table``
- the start page: ``start_page``, ``example_gallery``, ``example_card``, ``examples``

Keeps no second copy of any value: the document has them. Nothing imports ``gui`` but
``gradwire.py``.
"""
