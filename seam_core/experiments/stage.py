"""The Experimenter: asks the model again about the sites that were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seam_core.experiments import frames
from seam_core.experiments.candidates import find_candidates
from seam_core.experiments.copies import with_copies
from seam_core.experiments.designs import Setting, make_setting
from seam_core.experiments.evidence import CONFIRMED, Evidence, gather
from seam_core.experiments.expected import of_all, to_add_up, to_combine, to_judge
from seam_core.experiments.factorial import Factorial, factorial
from seam_core.experiments.flanks import without_flanks
from seam_core.experiments.held import only_held
from seam_core.experiments.joint import joint_effects
from seam_core.experiments.members import Members, members_frame
from seam_core.experiments.questions import Questions
from seam_core.experiments.scale import Link, fitted_link, given_link, named
from seam_core.experiments.spacing import spacing_frame
from seam_core.experiments.spread import is_spread, with_an_end
from seam_core.findings import Experiments
from seam_core.identifier.activity import site_name
from seam_core.oracles import Oracle
from seam_core.parameters import ExperimenterParameters
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.records import Library, Site
from seam_core.sequences import is_diploid


@dataclass(frozen=True, eq=False)
class Found:
    """Sites after the experiments, bounds and missed ones among them, and what was answered."""

    sites: tuple[Site, ...]
    experiments: Experiments


class Experimenter:
    """Knocks sites out, puts them in, combines them, and looks for those that were missed.

    Parameters
    ----------
    oracle : answers any sequence; of a measured table, those that it holds
    note : why there is no oracle
    members : name and model of each that the oracle is the mean of
    """

    def __init__(
        self,
        oracle: Oracle | None,
        parameters: ExperimenterParameters | None = None,
        *,
        note: str = "",
        members: Members = (),
    ) -> None:
        self.oracle, self.members = oracle, members
        self.parameters = parameters or ExperimenterParameters()
        self.note = note

    def run(
        self,
        library: Library,
        sites: Sequence[Site],
        *,
        activity: np.ndarray | None = None,
        window: range | None = None,
        progress: Progress = SILENT,
    ) -> Found:
        """Ask about each site.

        Parameters
        ----------
        library : N sequences and their reference
        activity : (N,), for the link and for what an effect is small beside; the library's
            predictions where it is not given
        window : positions that sites may have; None: all

        Returns
        -------
        Found
            Sites keep their names; a site that was missed gets the next free one. Where nothing
            can be asked, the sites as they were and the reason.
        """
        reason = self._why_not(library)
        if reason or self.oracle is None or library.reference is None:
            return Found(tuple(sites), not_asked(sites, reason, self.parameters))
        values = library.predictions if activity is None else activity
        spread = 0.0 if values is None else float(np.std(values))
        questions = Questions(self.oracle, library.alphabet, PartOfProgress(progress, 0.0, 0.9))
        rng = np.random.default_rng(self.parameters.seed)
        setting = make_setting(
            questions,
            library.reference,
            library.sequences,
            window or range(library.length),
            self.parameters.n_draws,
            rng,
        )
        if not np.isfinite(setting.activity):
            reason = "cannot be asked: the table of measurements does not hold the reference"
            return Found(tuple(sites), not_asked(sites, reason, self.parameters))
        after = PartOfProgress(progress, 0.9, 1.0)
        return self._asked(questions, setting, library, sites, values, spread, rng, after)

    def _why_not(self, library: Library) -> str:
        if not self.parameters.experiments:
            return "experiments were switched off"
        if self.oracle is None:
            return self.note or "cannot be asked: there is no model at hand"
        if library.reference is None:
            return "cannot be asked: the library has no reference sequence"
        if is_diploid(library.alphabet):
            return "cannot be asked: genotypes of two copies are not knocked out"
        return ""

    def _asked(
        self,
        questions: Questions,
        setting: Setting,
        library: Library,
        sites: Sequence[Site],
        activity: np.ndarray | None,
        spread: float,
        rng: np.random.Generator,
        progress: Progress,
    ) -> Found:
        parameters = self.parameters
        questions.expect(of_all(len(sites), setting.window, parameters))
        given = [site.positions for site in sites]
        candidates, scan = find_candidates(questions, setting, given, spread, parameters, rng)
        after = to_combine(len(candidates), parameters) + to_add_up(setting.window, parameters)
        questions.expect(to_judge(len(candidates), parameters) + after)
        evidence = gather(questions, setting, candidates, spread, parameters, rng)
        n = parameters.n_draws
        evidence = only_held(questions, setting, candidates, evidence, spread, n, rng)
        evidence = with_an_end(questions, setting, candidates, evidence, rng)
        evidence = without_flanks(questions, setting, candidates, evidence, spread, n, rng)
        evidence = with_copies(setting, library.alphabet, candidates, evidence)
        # what was missed is a site where its knock-outs stand, with or without an end
        listed = [s for s, e in enumerate(evidence) if s < len(sites) or _stands(e)]
        names = _names(sites, len(listed))
        positions = [candidates[s].positions for s in listed]
        missed = [candidates[s].missed for s in listed]
        evidence = [evidence[s] for s in listed]
        confirmed = [s for s, e in enumerate(evidence) if e.verdict == CONFIRMED]
        kept = [positions[s] for s in confirmed]
        questions.expect(to_combine(len(kept), parameters) + to_add_up(setting.window, parameters))
        combined = factorial(questions, setting, kept, parameters.n_draws, rng) if kept else None
        link = self._link(library, activity, combined, rng)
        spaced = None
        if parameters.spacing:
            pairs = [(names[s], positions[s]) for s in confirmed]
            spaced = spacing_frame(questions, setting, pairs, library.alphabet, parameters.n_draws)
        joint = None if scan is None else joint_effects(questions, setting, scan, positions, rng)
        tested = [Site(name, own) for name, own in zip(names, positions, strict=True)]
        experiments = Experiments(
            sites=frames.sites_frame(names, missed, evidence),
            interactions=frames.interactions_frame([names[s] for s in confirmed], combined, link),
            scan=frames.scan_frame(scan, len(setting.reference), joint),
            note="" if questions.any_sequence else "asked of the measured sequences only",
            link=named(link),
            unexplained=link.unexplained,
            n_questions=questions.asked,
            parameters=parameters,
            spacing=spaced,
            members=members_frame(
                self.members,
                setting,
                names,
                positions,
                alphabet=library.alphabet,
                n_draws=parameters.n_draws,
                seed=parameters.seed,
                progress=progress,
            ),
        )
        return Found(tuple(sorted(tested, key=lambda site: site.positions)), experiments)

    def _link(
        self,
        library: Library,
        activity: np.ndarray | None,
        combined: Factorial | None,
        rng: np.random.Generator,
    ) -> Link:
        if combined is None or not np.isfinite(combined.activity).any():
            return Link("identity")
        if self.parameters.link != "fitted":
            return given_link(self.parameters.link, combined)
        if activity is None:
            return Link("identity")
        return fitted_link(library, activity, combined, rng)


def _stands(evidence: Evidence) -> bool:
    return evidence.verdict == CONFIRMED or is_spread(evidence)


def not_asked(
    sites: Sequence[Site], reason: str, parameters: ExperimenterParameters | None = None
) -> Experiments:
    """The record of experiments that were not done."""
    names = [site.name for site in sites]
    return Experiments(
        sites=frames.sites_frame(names, [False] * len(names), None, reason),
        interactions=frames.interactions_frame([], None, Link("identity")),
        scan=frames.scan_frame(None, 0),
        asked=False,
        note=reason,
        parameters=parameters,
    )


def _names(sites: Sequence[Site], n: int) -> list[str]:
    """Names of the sites, and free ones for those that came after them."""
    names = [site.name for site in sites]
    index = 0
    while len(names) < n:
        if site_name(index) not in names:
            names.append(site_name(index))
        index += 1
    return names
