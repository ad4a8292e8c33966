"""Recipes in the window: choosing one, its runs in the Library tab, running it, saving one."""
