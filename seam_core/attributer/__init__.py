"""The Attributer: one attribution map a sequence."""

from seam_core.attributer.attributer import Attributer

__all__ = ["Attributer"]
