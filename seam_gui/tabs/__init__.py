"""One tab a stage: a `Tab`, see `seam_gui.tabs.tab`. Tabs know nothing of each other."""
