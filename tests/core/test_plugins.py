"""The example package of docs/: methods from outside, by entry points, nothing else edited."""

import importlib
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from seam_core import registry, store
from seam_core.parameters import (
    AttributerParameters,
    ClustererParameters,
    OracleParameters,
    describe,
)
from seam_core.readers import read_toml
from seam_core.validate import InputError
from tests.plugin import EXAMPLE, PACKAGE, ROOT, forget, install


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    install(folder)
    return folder


@pytest.fixture
def installed(site, monkeypatch):
    monkeypatch.syspath_prepend(site)
    forget()
    yield
    monkeypatch.undo()
    forget()


def seam(site, *arguments, **more):
    path = os.pathsep.join([str(site), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "seam_core", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path, **more},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def session(site, tmp_path_factory):
    """A whole run by the methods of the example."""
    folder = tmp_path_factory.mktemp("run")
    rng = np.random.default_rng(0)
    with (folder / "model.linear").open("wb") as file:
        np.save(file, rng.normal(size=(24, 4)).astype(np.float32))
    sequence = "".join(rng.choice(list("ACGT"), 24))
    done = seam(
        site, "run", "--quiet", "--model", folder / "model.linear", "--sequence", sequence,
        "--n-sequences", 200, "--method", "occlusion", "--occlusion-width", 3,
        "--embedding", "random-axes", "--clustering", "by-size", "--n-clusters", 4,
        "--out", folder / "out", "--stages",
        "mutagenizer,attributer,compiler,clusterer,meta_explainer,identifier",
        XDG_STATE_HOME=str(folder / "state"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "out"


FILES = sorted((EXAMPLE / PACKAGE).glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_is_under_sixty_lines(path):
    assert len(path.read_text().splitlines()) < 60


def test_the_page_names_every_entry_point_and_those_of_the_example_first():
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    named = re.findall(r"(?m)^\| [^|]* \| `(seam\.\w+)` \| `([\w.]+)\.(\w+)` \|", page)
    assert {group for group, _, _ in named} == {each.group for each in registry.REGISTRIES}
    points = read_toml(EXAMPLE / "pyproject.toml")["project"]["entry-points"]
    assert [group for group, _, _ in named[:6]] == list(points)
    lines = [len(path.read_text(encoding="utf-8").splitlines()) for path in FILES[1:]]
    assert f"first six each, in {min(lines)} to {max(lines)} lines" in page
    for _, module, record in named:
        assert hasattr(importlib.import_module(module), record), record


def test_the_command_runs_them(session, installed):
    made = store.load(session)
    # occlusion of a linear model: each letter's share in the windows that hide it
    assert made.maps.parameters.method == "occlusion"
    assert made.maps.parameters.occlusion_width == 3
    assert np.abs(made.maps.maps).sum() > 0
    assert made.embedding.method == "random-axes"
    assert made.embedding.axis_name(1) == "Direction 2"
    assert np.bincount(made.clustering.labels).tolist() == [50] * 4
    assert made.provenance.versions["seam-example"] == "0.1"
    assert "umap-learn" not in made.provenance.versions
    assert "tensorflow" not in made.provenance.versions


def test_the_report_says_what_they_say(session, installed):
    from seam_core.report.methods import describe_methods

    described = describe_methods(store.load(session))
    text = " ".join(described.sentences)
    assert "occlusion of 3 letters at a time [" in text
    assert "(seam-example 0.1)" in text
    assert "projection on random directions" in text
    assert "of equal numbers of maps by their norm" in text
    assert any("Zeiler" in paper for paper in described.references)


def test_options_and_forms_show_them(installed):
    declared = {item.name: item for item in describe(AttributerParameters)}
    assert "occlusion" in declared["method"].choices
    assert declared["occlusion_width"].when == ("method", ("occlusion",))
    of_clusters = {item.name: item for item in describe(ClustererParameters)}
    assert "by-size" in of_clusters["n_clusters"].when[1]
    assert "by-size" not in of_clusters["cut_height"].when[1]
    of_model = {item.name: item for item in describe(OracleParameters)}
    assert "peak" in of_model["reduction"].choices
    assert of_model["peak_sharpness"].when == ("reduction", ("peak",))


def test_parameters_of_their_own_are_checked_and_kept(installed):
    chosen = AttributerParameters.from_dict({"method": "occlusion", "occlusion_width": 7})
    assert chosen.occlusion_width == 7
    assert chosen.to_dict()["occlusion_width"] == 7
    assert AttributerParameters.from_dict(json.loads(json.dumps(chosen.to_dict()))) == chosen
    assert chosen.replace(occlusion_width=5) == AttributerParameters(method="occlusion")
    with pytest.raises(InputError, match="occlusion_width"):
        chosen.replace(occlusion_width=0)
    with pytest.raises(InputError, match="occlusion_widht"):
        AttributerParameters.from_dict({"occlusion_widht": 3})


PROFILE = """import numpy as np
WEIGHTS = np.random.default_rng(1).normal(size=(12, 4)).astype(np.float32)


def profile(one_hot):
    return (one_hot * WEIGHTS).sum(axis=2)
"""


def test_a_reduction_runs_and_is_said(site, installed, tmp_path):
    from scipy.special import softmax

    from seam_core.report.methods import describe_methods

    (tmp_path / "model.py").write_text(PROFILE)
    done = seam(
        site, "run", "--quiet", "--trust-model", "--model", f"{tmp_path / 'model.py'}:profile",
        "--sequence", "ACGTACGTACGT", "--n-sequences", 20, "--method", "ism",
        "--reduction", "peak", "--peak-sharpness", 2, "--out", tmp_path / "out",
        "--stages", "mutagenizer,attributer", XDG_STATE_HOME=str(tmp_path / "state"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    made = store.load(tmp_path / "out")
    scope = {}
    exec(PROFILE, scope)
    values = scope["profile"](made.library.encode(0, 20))
    wanted = (softmax(2 * values, axis=1) * values).sum(axis=1)
    np.testing.assert_allclose(made.library.predictions, wanted, rtol=1e-5)
    assert made.provenance.versions["seam-example"] == "0.1"
    text = " ".join(describe_methods(made).sentences)
    assert "the soft maximum over positions (sharpness 2) (seam-example 0.1) of the model" in text


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_gradients_flow_through_a_reduction(installed, framework):
    from seam_core.frameworks.keras.oracle import tensorflow_ops
    from seam_core.frameworks.torch.runtime import torch_ops
    from seam_core.oracles.reductions import reduce_output

    own = OracleParameters(reduction="peak").of(registry.REDUCTIONS.get("peak"))
    values = np.random.default_rng(0).normal(size=(3, 8, 2)).astype(np.float32)
    if framework == "keras":
        import tensorflow as tf

        variable = tf.constant(values)
        with tf.GradientTape() as tape:
            tape.watch(variable)
            reduced = reduce_output(
                variable, column=-1, reduction="peak", own=own, ops=tensorflow_ops()
            )
        gradient = tape.gradient(reduced, variable).numpy()
    else:
        import torch

        variable = torch.tensor(values, requires_grad=True)
        reduced = reduce_output(variable, column=-1, reduction="peak", own=own, ops=torch_ops())
        reduced.sum().backward()
        gradient = variable.grad.numpy()
    # of all positions moved by as much, the soft maximum moves by as much
    np.testing.assert_allclose(gradient.sum(axis=(1, 2)), 1, rtol=1e-5)


def test_without_the_package_the_session_says_what_is_missing(session):
    forget()
    with pytest.raises(InputError, match="occlusion"):
        store.load(session)


def test_a_recipe_may_name_them(installed, tmp_path):
    from seam_core import recipes

    file = tmp_path / "mine.toml"
    file.write_text(
        '[recipe]\ntitle = "Mine"\n[attributer]\nmethod = "occlusion"\nocclusion_width = 9\n'
        '[oracle]\nreduction = "peak"\npeak_sharpness = 3.0\n'
    )
    assert recipes.load(file).config.attributer.occlusion_width == 9
    assert recipes.load(file).config.oracle.peak_sharpness == 3


def test_a_broken_one_is_one_line_and_the_command_works(tmp_path):
    info = tmp_path / "seam_broken-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: seam-broken\nVersion: 2.0\n")
    (info / "entry_points.txt").write_text("[seam.embeddings]\nbroken = seam_broken:NOTHING\n")
    done = seam(tmp_path, "recipes", XDG_STATE_HOME=str(tmp_path))
    assert done.returncode == 0
    (line,) = [line for line in done.stderr.splitlines() if "seam-broken 2.0" in line]
    assert "left out" in line
    assert "Traceback" not in done.stderr


def test_a_figure_joins_the_standard_set(session, installed, tmp_path):
    from seam_core import figures
    from seam_core.exports.registry import export
    from seam_core.report.contents import Contents, Naming
    from seam_core.report.document import others

    made = store.load(session)
    assert export(made, "picture-sizes", tmp_path / "sizes.png").stat().st_size > 0
    assert "Sizes of clusters" in others(Contents(made, Naming()))
    assert "sizes" in figures.available(made)
    (axes,) = figures.draw(made, "sizes").axes
    assert [bar.get_height() for bar in axes.patches] == made.explanation.sizes.tolist()
    forget()
