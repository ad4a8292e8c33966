"""What depends on a part of the sequence only, computed for that part only, by framework.

`keras` and `torch` predict mutants from what a substitution reaches; `gradient` takes the gradient
of a window back through what the window reaches. `reach` is what they share.
"""
