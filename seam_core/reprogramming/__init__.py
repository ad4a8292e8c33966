"""Reprogramming: the fewest substitutions from the reference to other mechanisms, step by step.

ways = Reprogrammer(projector).run()
ways.paths, ways.maps, ways.singles
"""

from seam_core.reprogramming.reprogrammer import Reprogrammer, Reprogramming
from seam_core.reprogramming.write import write_reprogramming

__all__ = ["Reprogrammer", "Reprogramming", "write_reprogramming"]
