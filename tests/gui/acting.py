"""What random acts do on a real window, and what must hold after each."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
from PyQt5.QtWidgets import QAbstractButton, QComboBox, QDialog, QLabel

from seam_core import curation as curations
from seam_core import store
from seam_core.exports.registry import export
from seam_core.figures import overview
from seam_core.handwork import as_curated, saved_in
from seam_core.intervals import Interval
from seam_core.pipeline import config_of
from seam_core.recipes import shipped
from seam_core.selection import Clusters
from seam_core.sequences import indices_to_strings
from seam_core.stages import STAGES
from seam_gui.look.theme import theme
from seam_gui.pictures.figure_calls import figure_calls
from seam_gui.widgets.stage_form import StageForm
from seam_gui.windows.recipes.form import use
from tests.core.projecting import analysed
from tests.gui.exploring import ask, choose
from tests.gui.test_one_drawing import assert_same
from tests.gui.test_recovery import crashed_copy
from tests.gui.test_variants import MODEL
from tests.judged import experiments


class Actor:
    """Acts as a user does, and remembers which labels there were."""

    def __init__(self, window, folder, session_folder, seed):
        self.window, self.folder, self.session_folder = window, folder, session_folder
        self.random = np.random.default_rng(seed)
        self.named: dict[int, str] = {}
        self.count = 0

    @property
    def state(self):
        return self.window.state

    @property
    def explore(self):
        return self.window.tab("Explore")

    @property
    def identify(self):
        return self.window.tab("Identify")

    def ids(self):
        return [int(i) for i in np.unique(self.explore.scene.labels)]

    def some(self, n=1):
        return [int(i) for i in self.random.choice(self.ids(), size=n, replace=False)]

    def edit(self, edit, *arguments):
        session = self.state.session
        before = self.state.curation or curations.start(session.clustering, session.explanation)
        after, change = edit(before, *arguments)
        self.state.change(change.text, curation=after)
        self.window.settle()

    # acts

    def open(self):
        self.show(self.session_folder)

    def show(self, folder):
        """Another session, without saving this one: its labels go, as the user said."""
        self.named = {}
        self.window.open(folder)
        self.window.show_tab("Identify")  # made when it is first seen
        self.window.show_tab("Explore")

    def select(self):
        self.explore.select(Clusters(tuple(self.some())))

    def query(self):
        ask(self.window, f"Activity > {self.random.normal():.2f}")

    def label(self):
        self.count += 1
        self.edit(curations.label, self.some()[0], f"name {self.count}")

    def colour(self):
        self.edit(curations.colour, self.some(2), "#12ab34")

    def hide(self):
        self.edit(curations.hide, self.some())

    def merge(self):
        if len(self.ids()) > 4:
            self.edit(curations.merge, self.some(2))

    def split(self):
        cluster = self.some()[0]
        members = int((self.explore.scene.labels == cluster).sum())
        if members > 3:
            self.edit(curations.split, cluster, np.arange(members) % 2)

    def keep(self):
        self.window.trigger("keep")

    def bounds(self):
        """An end of a site is moved by a position."""
        sites = self.state.session.sites
        if sites is not None and sites.sites:
            site = sites.sites[int(self.random.integers(len(sites.sites)))]
            self.identify.editor.set_bounds(site.name, site.start, site.stop + 1)

    def test_sites(self):
        """What the model would say: the session has none."""
        session = self.state.session
        if session.sites is not None and session.sites.sites:
            asked = replace(session, experiments=experiments(session.sites.sites))
            self.state.change("Test on the model", session=asked)

    def recipe(self):
        """One is looked at, and the forms are as before after undoing it by hand."""
        before = self.state.config
        every = shipped()
        use(self.state, every[int(self.random.integers(len(every)))])
        self.window.settle()
        self.forms_say_what_runs()
        self.state.set_recipe(None)
        self.state.set_config(before)

    def reopen(self):
        """Saved, and opened again: all hand work is there."""
        self.saved()
        self.count += 1
        copy = self.folder.with_name(f"copy {self.count}")
        shutil.copytree(self.folder, copy)
        before = described(self.state.hand_work)
        self.window.open(copy)
        self.window.settle()
        assert described(self.state.hand_work) == before

    def theme(self):
        theme().set_mode(str(self.random.choice(["light", "dark"])))

    def choose(self):
        choose(self.window, "scatter_colour", self.random.choice(["cluster", "Activity"]))
        orders = self.window.find("scatter_order", QComboBox)
        orders.setCurrentIndex(int(self.random.integers(orders.count())))

    def look_closer(self):
        """Part of the scatter, at another size and with other names; colours for all eyes."""
        view = self.explore.scatter.view
        (left, right), (low, high) = view.whole()
        share = self.random.uniform(0.3, 0.9)
        view.show_range(((left, left + share * (right - left)), (low, high)))
        self.window.find("scatter_size").setValue(int(self.random.integers(0, 12)))
        self.window.trigger("next_names")
        theme().set_colour_blind(bool(self.random.integers(2)))

    def compare(self):
        """Kept selections side by side are those that are kept, and no question is left open."""
        if len(self.state.kept) < 2:
            return
        self.window.trigger("compare_kept")
        tool = self.window.find("selections_window")
        self.until_idle(tool)
        assert [each.name for each in tool.kept] == [each.name for each in self.state.kept]
        with self.window.qtbot.waitSignal(tool.destroyed):
            tool.close()

    def batch(self):
        """The dialog says what the forms say."""
        self.window.trigger("new_batch")
        self.window.settle()
        dialog = self.window.findChildren(QDialog, "batch_dialog")[-1]
        said = " ".join(each.text() for each in dialog.findChildren(QLabel))
        if self.state.config.oracle.model:
            assert f"{self.state.config.mutagenizer.n_sequences:,} sequences" in said
        dialog.reject()

    def design(self):
        """A panel is asked for of the mechanism that is selected; the window is closed."""
        cluster = self.some()[0]
        self.explore.select(Clusters((cluster,)))
        self.window.trigger("design")
        tool = self.window.findChildren(QDialog, "design_window")[-1]
        self.until_idle(tool)
        if cluster >= 0:
            assert self.window.find("design_mechanism").value() == cluster
        with self.window.qtbot.waitSignal(tool.destroyed):
            tool.close()

    def tracks(self):
        """One more annotation below the matrix, at the sequence's place."""
        self.count += 1
        session = self.state.session
        if session.locus is None:
            place = Interval("chr7", 1_000, 1_000 + session.library.length)
            self.state.change("Locus", session=replace(session, locus=place))
        path = self.folder.with_name(f"track {self.count}.bed")
        path.write_text(f"chr7\t1005\t1015\tsite {self.count}\n")
        before = len(self.state.tracks)
        self.explore.equipment.tracks.add([path])
        self.window.settle()
        assert len(self.state.tracks) == before + 1

    def run(self):
        wanted = self.state.parameters("clusterer")
        n = int(self.random.integers(4, 9))
        self.state.set_parameters("clusterer", wanted.replace(embedding="pca", n_clusters=n))
        self.window.run("clusterer", "meta_explainer", "identifier")

    def undo(self):
        self.state.history.undo()

    def redo(self):
        self.state.history.redo()

    def variants(self):
        """Two are asked of the model of a planted session and kept; the window is closed."""
        if self.state.session.oracle is None or not self.state.session.oracle.model:
            self.show(self.planted())
        session = self.state.session
        self.window.trigger("open_variants")
        window = self.window.find("variants_window")
        (letters,) = indices_to_strings(session.library.reference[None])
        for position in self.random.choice(len(letters), 2, replace=False):
            other = "CGTA"["ACGT".index(letters[position])]
            self.window.type("variants_typed", f"{letters[position]}{position}{other}")
            self.until_idle(window)
        kept = window.answered.frame["name"].tolist()
        if session.experiments is not None:
            self.window.click("variants_keep")
            assert self.state.session.experiments.variants["name"].tolist() == kept
        with self.window.qtbot.waitSignal(window.destroyed):
            window.close()

    def until_idle(self, window):
        def idle():
            assert [job.key for job in window.jobs.running] == []

        for _ in range(3):
            self.window.qtbot.waitUntil(idle)
            self.window.settle()

    def planted(self):
        """A session whose model is at hand."""
        folder = self.folder.with_name("planted")
        if not folder.exists():
            _, session = analysed("all_or_none")
            model = self.folder.with_name("planted_model.py")
            model.write_text(MODEL)
            oracle = session.oracle.replace(model=f"{model}:answer")
            store.save(replace(session, oracle=oracle), folder)
        return folder

    def imported(self):
        """Files as another program would have written them of what is shown."""
        session = self.state.session
        self.count += 1
        self.named = {}
        folder = self.folder.with_name(f"files {self.count}")
        folder.mkdir()
        letters = indices_to_strings(session.library.sequences, session.library.alphabet)
        frame = pd.DataFrame({"Sequence": letters, "DNN": session.activity})
        frame.to_csv(folder / "mave.csv", index=False)
        np.save(folder / "maps.npy", np.asarray(session.maps.maps))
        np.save(folder / "embedding.npy", np.asarray(session.embedding.coordinates))
        self.window.files.import_files(sorted(folder.iterdir()))
        self.window.settle()
        dialog = self.window.findChildren(QDialog, "import_dialog")[-1]
        dialog.findChild(QComboBox, "import_reference").setCurrentIndex(1)
        dialog.findChild(QAbstractButton, "import_ok").click()
        self.window.settle()
        assert self.state.session is not session
        np.testing.assert_array_equal(self.state.session.maps.maps, np.load(folder / "maps.npy"))
        self.run()

    def recovered(self):
        """The process is killed, as it were: its copy has the session and all hand work."""
        before = self.state.session
        work = described(self.state.hand_work)
        self.count += 1
        crashed = crashed_copy(self.window, f"session-crashed-{self.count}")
        self.window.files.new()
        self.window.documents.recover(crashed)
        self.window.settle()
        assert self.state.dirty
        assert described(self.state.hand_work) == work
        np.testing.assert_array_equal(
            self.state.session.library.sequences, before.library.sequences
        )
        shutil.rmtree(crashed.parent)

    # what must hold

    def saved(self):
        store.save(self.state.session_to_save(), self.folder)
        session = store.load(self.folder)
        return session, as_curated(session, saved_in(session).curation)

    def forms_say_what_runs(self):
        for form in self.window.findChildren(StageForm):
            wanted = self.state.parameters(form._stage)
            for item in form._declared:
                assert form.editor(item.name).value() == getattr(wanted, item.name), item.name

    def the_manifest_says_what_ran(self):
        """Parameters of each stage, as the records have them."""
        session, made = self.state.session, config_of(self.state.session)
        read = config_of(store.load(self.folder))
        for stage in STAGES.values():
            assert getattr(read, stage.name) == getattr(made, stage.name), stage.name
        assert session.clustering is None or (
            session.clustering.parameters is None or made.clusterer == session.clustering.parameters
        )

    def files_are_the_screen(self):
        saved, read = self.saved()
        drawn = figure_calls(self.explore.exports.shown())
        for ours, theirs in (("msm", "msm"), ("dendrogram", "dendrogram")):
            if ours in drawn and theirs in overview.available(read):
                assert_same(drawn[ours].make(), overview.draw(read, theirs), theirs)
        picture = as_curated(self.state.session_to_save(), self.state.curation)
        assert_same(drawn["scatter"].make(), overview.draw(picture, "embedding_shown"), "scatter")
        drawn = self.identify.pictures.drawings()
        for ours, theirs in (("covariance", "site_covariance"), ("drivers", "driver_mutations")):
            if ours in drawn:
                assert_same(drawn[ours].make(), overview.draw(read, theirs), theirs)
        if saved.explanation is None:  # an import whose run was undone
            return
        table = export(saved, "clusters", self.folder.parent / "clusters.csv").read_text()
        shown = {} if self.state.curation is None else self.state.curation.names
        for text in shown.values():
            assert text in table, text

    def no_label_is_lost_unsaid(self, act):
        curation = self.state.curation
        now = set() if curation is None else set(curation.names.values())
        gone = set(self.named.values()) - now
        if gone and act not in ("undo", "redo"):
            told = " ".join(self.state.carried) + self.state.history.undoText()
            joined = " ".join(now)
            for text in gone:
                own = act == "label"  # in place of another
                assert text in told or text in joined or own, f"{act} lost {text}"
        self.named = {} if curation is None else dict(curation.names)


def described(work):
    """Hand work in plain values."""
    curation = work.curation
    return (
        None if curation is None else curations.to_dict(curation),
        None if work.selection is None else work.selection.indices.tolist(),
        [(kept.name, kept.indices.tolist()) for kept in work.kept],
    )
