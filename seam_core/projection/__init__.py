"""Projection: other sequences in a session's space. What variants, designs and orthologs rest on.

projector = Projector(session, oracle_of(session))
projection = projector.project(letters)  # (M, L) int8
projection.activity, projection.maps, projection.places
projection.mechanisms.ids, projection.mechanisms.confidence
"""

from seam_core.projection.mechanisms import NO_MECHANISM, Assigned, Mechanisms
from seam_core.projection.model import check_model, oracle_of
from seam_core.projection.projector import Projection, Projector
from seam_core.projection.table import projection_frame

__all__ = [
    "NO_MECHANISM",
    "Assigned",
    "Mechanisms",
    "Projection",
    "Projector",
    "check_model",
    "oracle_of",
    "projection_frame",
]
