"""Recipes: all nine are sound, run, and are made of sessions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seam_core import recipes, store
from seam_core.cli import main
from seam_core.parameters import OracleParameters
from seam_core.readers.settings import read_toml
from seam_core.sequences import indices_to_strings
from seam_core.validate import InputError

NINE = {
    "local_sites": ("local", 30_000, "intgrad", "ward"),
    "local_background": ("local", 60_000, "intgrad", "ward"),
    "local_space": ("local", 100_000, "saliency", "kmeans"),
    "landscape_tree": ("combinatorial", None, "ism", "ward"),
    "landscape_space": ("combinatorial", None, "ism", "kmeans"),
    "global_site": ("global", 100_000, "saliency", "kmeans"),
    "global_programs": ("global", 50_000, "saliency", "kmeans"),
    "global_contexts": ("global", 25_000, "intgrad", "kmeans"),
    "profile_methods": ("local", 5_000, None, "ward"),
}


def test_the_nine_in_the_authors_order():
    assert recipes.names() == list(NINE)
    assert [recipes.load(name).number for name in NINE] == list(range(1, 10))


@pytest.mark.parametrize("name", NINE)
def test_settings_are_the_authors(name):
    library, n, method, clustering = NINE[name]
    config = recipes.load(name).config
    assert config.mutagenizer.library == library
    assert n is None or config.mutagenizer.n_sequences == n
    assert method is None or config.attributer.method == method
    assert config.clusterer.clustering == clustering


@pytest.mark.parametrize("name", NINE)
def test_a_recipe_says_what_it_is_for(name):
    recipe = recipes.load(name)
    assert recipe.title
    assert recipe.question.endswith("?")
    assert recipe.look_at
    assert recipe.authors


@pytest.mark.parametrize("name", NINE)
def test_a_recipe_survives_its_file(name, tmp_path):
    recipe = recipes.load(name)
    recipes.save(recipe, tmp_path / f"{name}.toml")
    assert recipes.load(tmp_path / f"{name}.toml") == recipe


# a motif at a fixed place; head 1 reads another letter after it
ORACLE = """
import numpy as np

def _score(one_hot, motif, at):
    columns = ["ACGT".index(letter) for letter in motif]
    return one_hot[:, np.arange(at, at + len(motif)), columns].sum(axis=1).astype(np.float32)

def heads(one_hot):
    middle = one_hot.shape[1] // 2
    return np.stack([_score(one_hot, "AC", middle - 6), _score(one_hot, "GT", middle + 5)], axis=1)
"""


@pytest.fixture
def oracle(tmp_path):
    (tmp_path / "two_heads.py").write_text(ORACLE)
    return OracleParameters(model=f"{tmp_path / 'two_heads.py'}:heads")


def small(recipe, oracle, **mutagenizer):
    """The recipe with few sequences, maps that a function without gradient has, and no UMAP."""
    config = recipe.config
    return replace(
        config,
        oracle=oracle,
        mutagenizer=config.mutagenizer.replace(**mutagenizer),
        attributer=config.attributer.replace(method="ism"),
        clusterer=config.clusterer.replace(embedding="pca", n_clusters=4),
    )


def by_column(recipe):
    """Heads of a function are columns of its only output."""
    variants = tuple(
        replace(variant, changes={"oracle": {"column": number}})
        for number, variant in enumerate(recipe.variants)
    )
    return replace(recipe, variants=variants)


def test_two_programs_are_joined_to_one_session(oracle, tmp_path):
    recipe = by_column(recipes.load("global_programs"))
    config = small(recipe, oracle, n_sequences=60, sequence_length=40)
    (session,) = recipes.run(recipe, config, tmp_path / "out").values()
    frame = session.table.frame
    assert list(frame["Task"].astype(str)) == ["Dev"] * 60 + ["Hk"] * 60
    np.testing.assert_array_equal(session.library.sequences[:60], session.library.sequences[60:])
    assert session.maps.stop - session.maps.start == 10 + 8 + 10
    dev = session.maps.maps[:60].any(axis=(0, 2))
    hk = session.maps.maps[60:].any(axis=(0, 2))
    assert dev.any()
    assert hk.any()
    assert not (dev & hk).any()
    opened = store.load(tmp_path / "out")
    assert set(opened.table.frame["Task"]) == {"Dev", "Hk"}
    assert "GIA" not in frame
    again = recipes.from_session(store.load(tmp_path / "out"), "Both heads")
    assert again.variants == recipe.variants
    recipes.save(again, tmp_path / "both.toml")
    assert recipes.load(tmp_path / "both.toml").variants == recipe.variants
    (tmp_path / "both.toml").unlink()
    assert sorted(p.name for p in tmp_path.iterdir() if "py" not in p.name) == ["out"]


def test_compared_variants_are_sessions_of_their_own(oracle, tmp_path):
    recipe = recipes.load("profile_methods")
    methods = ({"ism_score": "difference"}, {"ism_score": "log2fc"})
    variants = tuple(
        replace(variant, changes={"attributer": changes})
        for variant, changes in zip(recipe.variants[:2], methods, strict=True)
    )
    recipe = replace(recipe, variants=variants)
    config = replace(small(recipe, oracle, n_sequences=50), sequence="ACGT" * 8)
    sessions = recipes.run(recipe, config, tmp_path / "out")
    assert list(sessions) == ["saliency", "intgrad"]
    for name in sessions:
        assert store.load(tmp_path / "out" / name).sites is not None
    pairs = pd.read_csv(tmp_path / "out" / "comparison.csv")
    assert set(pairs["left_session"]) == {"saliency"}
    assert (pairs["shared"] <= 50).all()
    assert pairs["adjusted_rand"].between(-1, 1).all()


@pytest.mark.parametrize(("name", "need"), [("local_sites", "sequence"), ("global_site", "model")])
def test_what_the_user_must_bring_is_said(name, need, oracle, tmp_path):
    recipe = recipes.load(name)
    oracle = oracle if need == "sequence" else OracleParameters()
    with pytest.raises(InputError, match=f"{need}: got nothing"):
        recipes.run(recipe, replace(recipe.config, oracle=oracle), tmp_path / "out")


def test_a_session_becomes_a_recipe(oracle, tmp_path):
    recipe = recipes.load("local_sites")
    config = replace(small(recipe, oracle, n_sequences=50), sequence="ACGT" * 8)
    (session,) = recipes.run(recipe, config, tmp_path / "out").values()
    made = recipes.from_session(session, "My analysis")
    recipes.save(made, tmp_path / "mine.toml")
    text = (tmp_path / "mine.toml").read_text()
    assert "two_heads" not in text
    assert "ACGTACGT" not in text
    again = recipes.load(tmp_path / "mine.toml")
    assert again.config.mutagenizer == config.mutagenizer
    assert again.config.attributer.method == "ism"
    assert again.needs == ("model", "sequence")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "recipe.title: got nothing"),
        ("[recipe]\ntitle = 3\n", "recipe.title"),
        ('[recipe]\ntitle = "t"\ncolour = 1\n', "recipe.colour: got an unknown key"),
        ('[recipe]\ntitle = "t"\nneeds = ["gpu"]\n', "recipe.needs"),
        ('[recipe]\ntitle = "t"\ncombine = "sum"\n', "recipe.combine"),
        ('[recipe]\ntitle = "t"\ncombine = "task"\n', "recipe.combine"),
        ('[recipe]\ntitle = "t"\n[mutagenizer]\nrate = 1\n', "mutagenizer.rate: got an unknown"),
        ('[recipe]\ntitle = "t"\n[mutagenizer]\nmutation_rate = 3.0\n', "mutation_rate: got 3"),
        ('[recipe]\ntitle = "t"\n[kitchen]\n', "kitchen: got an unknown setting"),
        (
            '[recipe]\ntitle = "t"\ncombine = "task"\n[[variant]]\nname = "a"\nstove = {a = 1}\n',
            "variant a.stove: got an unknown key",
        ),
        (
            '[recipe]\ntitle = "t"\ncombine = "task"\n[[variant]]\nname = "a"\n'
            "mutagenizer = {mutation_rate = 7.0}\n",
            "mutation_rate: got 7",
        ),
        (
            '[recipe]\ntitle = "t"\ncombine = "task"\n[[variant]]\nname = "../a"\n',
            "variant 0.name: got '../a'; expected a folder's name",
        ),
        ("[recipe\n", "text that is not TOML"),
    ],
)
def test_bad_recipes(text, message, tmp_path):
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        recipes.load(tmp_path / "bad.toml")
    assert "bad.toml" in str(caught.value)


def test_a_recipe_of_settings_that_were_not_run_yet(tmp_path):
    config = replace(recipes.load("local_sites").config, sequence="ACGT")
    config = replace(config, oracle=config.oracle.replace(model="mine.keras", head="1"))
    recipes.save(recipes.from_config(config, "Plan"), tmp_path / "plan.toml")
    again = recipes.load(tmp_path / "plan.toml")
    assert again.config.oracle == OracleParameters(head="1")
    assert again.config.clusterer == config.clusterer
    assert again.config.sequence == ""
    assert again.needs == ("model", "sequence")
    without = replace(config, sequence="")
    assert recipes.from_config(without, "Plan").needs == ("model", "sequence")
    landscape = recipes.load("landscape_tree").config
    assert recipes.from_config(landscape, "Plan").needs == ("model",)


def test_plain_values_hold_all_of_a_recipe():
    recipe = recipes.load("global_contexts")
    values = recipes.to_dict(recipe)
    assert recipes.parse(values, "global_contexts") == recipe
    assert recipes.parse(values, "global_contexts") == recipe  # reading leaves them as they were


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("global_programs", "reads no sequence"),
        ("global_site", "reads no sequence"),
        ("landscape_tree", "reads no sequence"),
    ],
)
def test_recipes_that_cannot_be_batched_say_why(name, message):
    with pytest.raises(InputError, match=message):
        recipes.check_batch(recipes.load(name))
    for each_locus in ("local_sites", "global_contexts", "profile_methods"):
        recipes.check_batch(recipes.load(each_locus))


def test_an_unknown_recipe_names_those_there_are():
    with pytest.raises(InputError, match=r"got dinner.*global_site"):
        recipes.load("dinner")


def test_recipes_are_files_that_people_can_read():
    for name in NINE:
        values = read_toml(recipes.recipe.FOLDER / f"{name}.toml")
        assert "seed" not in str(values)


def test_genomic_and_synthetic_contexts_are_joined_around_the_site(oracle, tmp_path):
    recipe = recipes.load("global_contexts")
    config = replace(small(recipe, oracle, n_sequences=40), sequence="ACGTTGCA" * 6)
    (session,) = recipes.run(recipe, config, tmp_path / "out").values()
    names = [variant.name for variant in recipe.variants]
    tasks = np.asarray(session.table.frame["Task"].astype(str))
    assert list(tasks) == [name for name in names for _ in range(40)]
    start = (48 - 7) // 2
    assert (session.maps.start, session.maps.stop) == (start - 10, start + 17)
    letters = np.array(indices_to_strings(session.library.sequences))
    for name in names:
        rows = letters[tasks == name]
        assert {row[start : start + 7] for row in rows} == {name.split()[0]}
        flanks = {row[start - 10 : start] + row[start + 7 : start + 17] for row in rows}
        assert (len(flanks) == 1) == name.endswith("genomic")


ONE_HEAD = (
    ORACLE
    + """
def only_first(one_hot):
    return heads(one_hot)[:, 0]
"""
)


def test_heads_that_are_columns_of_the_only_output(oracle, tmp_path, capsys):
    """Recipe 7 with a model that answers (n, 2), and with one that has no second task."""
    (tmp_path / "two_heads.py").write_text(ONE_HEAD)
    given = ["run", "--recipe", "global_programs", "--sequence-length=40", "--n-sequences=60"]
    given += ["--method=ism", "--embedding=pca", "--n-clusters=4", "--quiet"]
    file = tmp_path / "two_heads.py"
    assert main([*given, f"--model={file}:heads", f"--out={tmp_path / 'out'}"]) == 0
    session = store.load(tmp_path / "out")
    assert set(session.table.frame["Task"]) == {"Dev", "Hk"}
    columns = [
        variant.changes["oracle"]["column"] for variant in recipes.of_session(session).variants
    ]
    assert columns == ["0", "1"]
    assert main([*given, f"--model={file}:only_first", f"--out={tmp_path / 'one'}"]) == 2
    said = capsys.readouterr().err
    assert "head: got '1'" in said
    assert "--run NAME:head=" in said
    assert not (tmp_path / "one").exists()


def test_runs_of_ones_own_in_place_of_the_recipes(oracle, tmp_path):
    given = ["run", "--recipe", "global_programs", "--sequence-length=40", "--n-sequences=30"]
    given += ["--method=ism", "--embedding=pca", "--n-clusters=3", "--quiet"]
    given += [f"--model={oracle.model}", f"--out={tmp_path / 'out'}"]
    assert main([*given, "--run=k562:column=1", "--run=hepg2: column=0,mutation-rate=0.2"]) == 0
    session = store.load(tmp_path / "out")
    assert list(session.table.frame["Task"].astype(str)) == ["k562"] * 30 + ["hepg2"] * 30
    made = recipes.of_session(session).variants
    assert made[1].changes == {"oracle": {"column": "0"}, "mutagenizer": {"mutation_rate": 0.2}}


def test_runs_need_a_recipe(oracle, tmp_path, capsys):
    (tmp_path / "a.fa").write_text(">one\nACGT\n")
    for command in (["run", "--sequence=ACGT"], ["batch", str(tmp_path / "a.fa")]):
        given = [*command, f"--model={oracle.model}", f"--out={tmp_path}/out", "--run=a:head=1"]
        assert main(given) == 2
        assert "--run: got without --recipe" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--head=1"], "--head: got 1, which the runs of the recipe set themselves (Dev 0, Hk 1)"),
        (["--run=a:head=1"], "runs: got 1; expected two or more"),
        (["--run=a:head=1", "--run=a:head=0"], "two of the name a"),
        (["--run=a:heads=1", "--run=b:head=0"], "--run: got 'a:heads=1'"),
        (["--run=a", "--run=b:head=0"], "expected NAME:PARAMETER=VALUE"),
        (["--run=a:n_clusters=x", "--run=b:column=0"], "--run n_clusters: got 'x'; expected int"),
        (["--run=a:mutation_rate=7", "--run=b:column=0"], "mutation_rate: got 7"),
        (["--run=a/b:column=1", "--run=b:column=0"], "got 'a/b'; expected a folder's name"),
    ],
)
def test_wrong_runs(oracle, tmp_path, capsys, more, message):
    given = ["run", "--recipe=global_programs", f"--model={oracle.model}", f"--out={tmp_path}/out"]
    assert main([*given, "--quiet", *more]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
