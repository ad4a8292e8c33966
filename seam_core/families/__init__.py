"""Well-known families of models: how each is recognised, asked and come by.

The records are declared here, one file a kin; `seam_core.frameworks.signature` reads what they
are recognised by.
"""

from seam_core.families.family import Family, Question, recognised
from seam_core.families.offers import ASK_FOR, differing, proposed, ways_out
from seam_core.families.signature import Signature

__all__ = [
    "ASK_FOR",
    "Family",
    "Question",
    "Signature",
    "differing",
    "proposed",
    "recognised",
    "ways_out",
]
