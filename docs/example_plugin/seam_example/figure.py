"""A figure: it joins the standard set of a run and of the report."""

from matplotlib.figure import Figure

from seam_core.figures.overview import Picture


def sizes(session) -> Figure:
    """Sequences of each cluster."""
    figure = Figure(figsize=(4, 3))
    figure.add_subplot(xlabel="Cluster", ylabel="Sequences").bar(
        session.explanation.ids, session.explanation.sizes
    )
    return figure


SIZES = Picture("Sizes of clusters", ("explanation",), sizes, name="sizes")
