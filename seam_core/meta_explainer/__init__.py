"""MetaExplainer: what each mechanism is, from per-cluster sums."""

from seam_core.entropy import background_entropy, entropy
from seam_core.logos import centre, enrichment, frequency, pwm, y_limits
from seam_core.meta_explainer.background import Background, separate_background
from seam_core.meta_explainer.msm import (
    cluster_order,
    consensus_match,
    msm_frame,
    msm_matrix,
    reference_mismatch,
)
from seam_core.meta_explainer.stage import MetaExplainer, reference_row, rows_of, sums_of
from seam_core.meta_explainer.sums import (
    Sums,
    cluster_sums,
    subset_sums,
    updated_sums,
    warm_up,
)

__all__ = [
    "Background",
    "MetaExplainer",
    "Sums",
    "background_entropy",
    "centre",
    "cluster_order",
    "cluster_sums",
    "consensus_match",
    "enrichment",
    "entropy",
    "frequency",
    "msm_frame",
    "msm_matrix",
    "pwm",
    "reference_mismatch",
    "reference_row",
    "rows_of",
    "separate_background",
    "subset_sums",
    "sums_of",
    "updated_sums",
    "warm_up",
    "y_limits",
]
