"""The Experimenter: asks the model again about the sites that were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seam_core.experiments import frames
from seam_core.experiments.designs import Positions, Setting, make_setting
from seam_core.experiments.evidence import CONFIRMED, Candidate, gather
from seam_core.experiments.factorial import Factorial, factorial
from seam_core.experiments.questions import Questions
from seam_core.experiments.scale import Link, fitted_link, given_link, named
from seam_core.experiments.scan import (
    MIN_LENGTH,
    Scan,
    pieces,
    positions_that_matter,
    quiet_level,
    regions,
    slide,
    with_flanks,
)
from seam_core.experiments.spacing import spacing_frame
from seam_core.identifier.activity import site_name
from seam_core.oracles import Oracle
from seam_core.parameters import ExperimenterParameters
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.records import Experiments, Library, Site
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
    """

    def __init__(
        self, oracle: Oracle | None, parameters: ExperimenterParameters | None = None
    ) -> None:
        self.oracle = oracle
        self.parameters = parameters or ExperimenterParameters()

    def run(
        self,
        library: Library,
        sites: Sequence[Site],
        *,
        activity: np.ndarray | None = None,
        progress: Progress = SILENT,
    ) -> Found:
        """Ask about each site.

        Parameters
        ----------
        library : N sequences and their reference
        activity : (N,), for the link and for what an effect is small beside; the library's
            predictions where it is not given

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
            questions, library.reference, library.sequences, self.parameters.n_draws, rng
        )
        if not np.isfinite(setting.activity):
            reason = "cannot be asked: the table of measurements does not hold the reference"
            return Found(tuple(sites), not_asked(sites, reason, self.parameters))
        return self._asked(questions, setting, library, sites, values, spread, rng)

    def _why_not(self, library: Library) -> str:
        if not self.parameters.experiments:
            return "experiments were switched off"
        if self.oracle is None:
            return "cannot be asked: there is no model at hand"
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
    ) -> Found:
        parameters = self.parameters
        candidates, scan = self._candidates(questions, setting, sites, spread, rng)
        names = _names(sites, len(candidates))
        evidence = gather(questions, setting, candidates, spread, parameters, rng)
        confirmed = [s for s, e in enumerate(evidence) if e.verdict == CONFIRMED]
        kept = [candidates[s].positions for s in confirmed]
        combined = factorial(questions, setting, kept, parameters.n_draws, rng) if kept else None
        link = self._link(library, activity, combined, rng)
        spaced = None
        if parameters.spacing:
            pairs = [(names[s], candidates[s].positions) for s in confirmed]
            spaced = spacing_frame(questions, setting, pairs, library.alphabet, parameters.n_draws)
        made = tuple(
            Site(name, candidate.positions)
            for name, candidate in zip(names, candidates, strict=True)
        )
        experiments = Experiments(
            sites=frames.sites_frame(names, len(sites), evidence),
            interactions=frames.interactions_frame([names[s] for s in confirmed], combined, link),
            scan=frames.scan_frame(scan, len(setting.reference)),
            note="" if questions.any_sequence else "asked of the measured sequences only",
            link=named(link),
            unexplained=link.unexplained,
            n_questions=questions.asked,
            parameters=parameters,
            spacing=spaced,
        )
        return Found(tuple(sorted(made, key=lambda site: site.positions)), experiments)

    def _candidates(
        self,
        questions: Questions,
        setting: Setting,
        sites: Sequence[Site],
        spread: float,
        rng: np.random.Generator,
    ) -> tuple[list[Candidate], Scan | None]:
        """The sites within the positions that matter, and those that were missed."""
        given = [site.positions for site in sites]
        if not questions.any_sequence:
            return [Candidate(site) for site in given], None
        quiet = quiet_level(questions, setting, given, rng)
        found = self._bounded(questions, setting, given, quiet, rng)
        if not self.parameters.missed_sites:
            return found, None
        known = [candidate.positions for candidate in found]
        scan = slide(questions, setting, [*given, *known], spread, rng)
        for region in regions(scan, len(setting.reference)):
            matter = positions_that_matter(questions, setting, region, region, quiet, rng)
            found += [Candidate(piece, 1.0, "missed by the library") for piece in pieces(matter)]
        return found, scan

    def _bounded(
        self,
        questions: Questions,
        setting: Setting,
        sites: Sequence[Positions],
        quiet: float,
        rng: np.random.Generator,
    ) -> list[Candidate]:
        """Each site with the positions that matter; as it was where too few of them do."""
        found = []
        for index, site in enumerate(sites):
            others = [other for i, other in enumerate(sites) if i != index]
            region = with_flanks(site, others, len(setting.reference))
            matter = positions_that_matter(questions, setting, region, site, quiet, rng)
            share = len(set(matter) & set(site)) / len(site)
            if not self.parameters.refine_bounds or len(matter) < MIN_LENGTH:
                found.append(Candidate(site, share))
            else:
                found.append(Candidate(matter, 1.0))
        return found

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


def not_asked(
    sites: Sequence[Site], reason: str, parameters: ExperimenterParameters | None = None
) -> Experiments:
    """The record of experiments that were not done."""
    names = [site.name for site in sites]
    return Experiments(
        sites=frames.sites_frame(names, len(names), None, reason),
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
