"""Reprogramming: the fewest substitutions from the reference to other mechanisms, step by step.

found = Reprogrammer(projector).run()
found.paths, found.maps, found.singles
"""

from seam_core.reprogramming.reprogrammer import Reprogrammer, Reprogramming
from seam_core.reprogramming.write import write_reprogramming

__all__ = ["Reprogrammer", "Reprogramming", "write_reprogramming"]
