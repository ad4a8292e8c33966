"""Material of the tests of figures."""

import dataclasses

import numpy as np
import pandas as pd

from seam_core.readers.tracks import FEATURES, Feature, Track, to_dict


def searched(session):
    """The same, as if its library was found by a search of 4 generations."""
    activity = session.library.predictions
    lineage = pd.DataFrame(
        {"generation": np.arange(len(activity)) % 4, "parent": -1, "activity": activity}
    )
    groups = lineage.groupby("generation")["activity"]
    trajectory = groups.agg(["count", "min", "median", "max"]).reset_index()
    trajectory.columns = ["generation", "evaluated", "lowest", "median", "highest"]
    library = dataclasses.replace(session.library, lineage=lineage, trajectory=trajectory)
    return dataclasses.replace(session, library=library)


def annotated(session):
    """The same with a track of two features."""
    features = (Feature(3, 9, "peak"), Feature(5, 20, "gene", "+"))
    track = to_dict(Track("sites", FEATURES, features, source="sites.bed"))
    return dataclasses.replace(session, state={**session.state, "tracks": [track]})


def texts(figure):
    """All words in a figure."""
    from matplotlib.text import Text

    return [item.get_text() for item in figure.findobj(Text) if item.get_text()]
