"""MetaExplainer: what each mechanism is, from per-cluster sums."""

from seam_core.entropy import background_entropy, entropy
from seam_core.logos import centre, enrichment, frequency, pwm, y_limits
from seam_core.meta_explainer.background import Background, separate_background
from seam_core.meta_explainer.consistency import (
    ReferenceComparison,
    compare_reference,
    consistency_frame,
    signal_to_noise,
)
from seam_core.meta_explainer.msm import (
    cluster_order,
    consensus_match,
    msm_frame,
    msm_matrix,
    reference_mismatch,
)
from seam_core.meta_explainer.stage import MetaExplainer, reference_row, rows_of, sums_of
from seam_core.meta_explainer.statistics import (
    ProfileOverlay,
    attribution_variation,
    average_iqr,
    cluster_statistics,
    map_distances,
    map_spread,
    profile_overlay,
)
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
    "ProfileOverlay",
    "ReferenceComparison",
    "Sums",
    "attribution_variation",
    "average_iqr",
    "background_entropy",
    "centre",
    "cluster_order",
    "cluster_statistics",
    "cluster_sums",
    "compare_reference",
    "consensus_match",
    "consistency_frame",
    "enrichment",
    "entropy",
    "frequency",
    "map_distances",
    "map_spread",
    "msm_frame",
    "msm_matrix",
    "profile_overlay",
    "pwm",
    "reference_mismatch",
    "reference_row",
    "rows_of",
    "separate_background",
    "signal_to_noise",
    "subset_sums",
    "sums_of",
    "updated_sums",
    "warm_up",
    "y_limits",
]
