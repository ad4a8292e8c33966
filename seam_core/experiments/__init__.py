"""Experiments: the model asked again about the sites that were found, and whether to trust them."""

from seam_core.experiments.evidence import VERDICTS
from seam_core.experiments.stage import Experimenter, Found, not_asked
from seam_core.experiments.trust import assess

__all__ = ["VERDICTS", "Experimenter", "Found", "assess", "not_asked"]
