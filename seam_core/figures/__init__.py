"""Publication figures: one function a figure, from records to a matplotlib Figure.

    from seam_core.figures import msm_heatmap, save_figure
    save_figure(msm_heatmap(session.explanation, sites=session.sites), "msm.pdf")

Every function takes `size` (inches) and, where colours carry meaning, `colour_blind`. Nothing here
opens a window or touches pyplot.
"""

from seam_core.figures.clusters import cluster_activity, cluster_members, cluster_occupancy
from seam_core.figures.interactions import (
    configuration_activities,
    driver_mutations,
    epistasis,
    interaction_terms,
)
from seam_core.figures.library import (
    activity_histogram,
    cluster_numbers,
    mutation_histogram,
    pca_spectrum,
    search_trajectory,
)
from seam_core.figures.logos import (
    attribution_logo,
    background_logo,
    cluster_logos,
    comparison,
    sequence_logo,
    variability_logo,
)
from seam_core.figures.motifs import motif_alignment
from seam_core.figures.msm import msm_heatmap
from seam_core.figures.overview import PICTURES, available, draw, save_overview
from seam_core.figures.publication import logos_of
from seam_core.figures.robustness import robust_loci, robustness_curve
from seam_core.figures.scatter import embedding_scatter
from seam_core.figures.selections import selection_logos
from seam_core.figures.sessions import (
    correspondence_heatmap,
    matched_logos,
    sessions_scatter,
)
from seam_core.figures.sites import configuration_matrix, site_covariance, site_dendrogram
from seam_core.figures.spread import attribution_variation, cluster_profiles, map_consistency
from seam_core.figures.style import save_figure
from seam_core.figures.tracks import annotation_tracks
from seam_core.figures.tree import dendrogram
from seam_core.figures.variants import lollipops, variant_logos

__all__ = [
    "PICTURES",
    "activity_histogram",
    "annotation_tracks",
    "attribution_logo",
    "attribution_variation",
    "available",
    "background_logo",
    "cluster_activity",
    "cluster_logos",
    "cluster_members",
    "cluster_numbers",
    "cluster_occupancy",
    "cluster_profiles",
    "comparison",
    "configuration_activities",
    "configuration_matrix",
    "correspondence_heatmap",
    "dendrogram",
    "draw",
    "driver_mutations",
    "embedding_scatter",
    "epistasis",
    "interaction_terms",
    "logos_of",
    "lollipops",
    "map_consistency",
    "matched_logos",
    "motif_alignment",
    "msm_heatmap",
    "mutation_histogram",
    "pca_spectrum",
    "robust_loci",
    "robustness_curve",
    "save_figure",
    "save_overview",
    "search_trajectory",
    "selection_logos",
    "sequence_logo",
    "sessions_scatter",
    "site_covariance",
    "site_dendrogram",
    "variability_logo",
    "variant_logos",
]
