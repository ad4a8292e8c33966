"""One tab a stage.

A tab is `XTab(state: AppState, jobs: JobRunner, parent=None)`. It may have `menu_actions()`, which
gives {"Select": [QAction, ...], "View": [...]}: the main window adds them to those menus and lists
their shortcuts under Help. A tab asks for stages with `state.run_requested.emit(("identifier",))`.
"""
