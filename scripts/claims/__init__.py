"""What the pages of docs/recipes say that their runs mean: each sentence is a check.

`CLAIMS[recipe](sessions)` gives the sentences with the numbers of these sessions, or raises
`ClaimFailed` at the first that does not hold of them. `scripts/measure_recipes.py` writes them.
"""

from __future__ import annotations

from collections.abc import Callable

from scripts.claims.checks import ClaimFailed, Sessions, spans
from scripts.claims.contexts import global_contexts, global_programs, global_site
from scripts.claims.landscape import landscape_space, landscape_tree
from scripts.claims.local import local_background, local_sites, local_space
from scripts.claims.profile import profile_methods

CLAIMS: dict[str, Callable[[Sessions], list[str]]] = {
    each.__name__: each
    for each in (
        local_sites,
        local_background,
        local_space,
        landscape_tree,
        landscape_space,
        global_site,
        global_programs,
        global_contexts,
        profile_methods,
    )
}

__all__ = ["CLAIMS", "ClaimFailed", "Sessions", "spans"]
