"""Labels of clusters from tables: ours, phy's, and what cannot be one."""

import numpy as np
import pytest

from seam_core import curation as cur
from seam_core.readers.labels import read_cluster_texts
from seam_core.records import Clustering
from seam_core.validate import InputError


def written(tmp_path, text, name="labels.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


def begun():
    return cur.start(Clustering(np.array([0, 0, 1, 3], np.int32), "made", "maps"))


def test_a_table_of_ours_and_other_columns(tmp_path):
    path = written(
        tmp_path,
        "Cluster,Label,n,Note,Colour\n0,both sites,10,seen twice,#12AB34\n3,,4,,\n1,nan,2,x,\n",
    )
    found = read_cluster_texts(path)
    assert found.names == {0: "both sites"}
    assert found.notes == {0: "seen twice", 1: "x"}
    assert found.colours == {0: "#12AB34"}


def test_a_table_of_phys(tmp_path):
    path = written(tmp_path, "cluster_id\tneurontype\n1\tinterneuron\n3\tgood\n", "cluster_x.tsv")
    found = read_cluster_texts(path)
    assert (found.names, found.notes, found.colours) == ({1: "interneuron", 3: "good"}, {}, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,Label\n1,a\n", "Cluster"),
        ("Cluster,n\n1,4\n", "Label"),
        ("Cluster,Label\n1.5,a\n", "whole numbers"),
        ("Cluster,Label\n1,a\n1,b\n", "cluster 1 twice"),
        ("Cluster,Colour\n1,red\n", "#rrggbb"),
    ],
)
def test_what_is_no_such_table_is_told(tmp_path, text, said):
    path = written(tmp_path, text)
    with pytest.raises(InputError, match=said) as told:
        read_cluster_texts(path)
    assert "labels.csv" in str(told.value)


def test_they_are_taken_in_one_step_and_others_stay():
    before, _ = cur.label(begun(), 1, "mine")
    before, _ = cur.note(before, 3, "old")
    after, change = cur.take_texts(before, {0: "new", 7: "of none"}, {3: "read"}, {1: "#ABCDEF"})
    assert after.names == {0: "new", 1: "mine"}
    assert after.notes == {3: "read"}
    assert after.colours == {1: "#abcdef"}
    assert change.text == "Read labels of 3 clusters; 1 that there are not were left"
    assert after.labels is before.labels
    assert not after.stale
    with pytest.raises(InputError, match="7"):
        cur.take_texts(before, {7: "of none"}, {}, {})
