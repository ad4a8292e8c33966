"""The Designer: diverse sequences of a mechanism, verified by the model, ready to be ordered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seam_core.design.barcodes import Barcodes
from seam_core.design.controls import Control, controls_of
from seam_core.design.forbidden import Forbidden
from seam_core.design.oligos import Assembly
from seam_core.design.panel import Panel, panel_frame
from seam_core.design.search import find
from seam_core.design.target import Target, target_of
from seam_core.design.verified import Answers, Verifier, joined
from seam_core.intervals import span_text
from seam_core.parameters import DesignerParameters
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.sequences import indices_to_strings, is_diploid
from seam_core.validate import InputError

if TYPE_CHECKING:
    from seam_core.projection import Projector


class Designer:
    """Chooses sequences of a mechanism from the library, or breeds them under its letters.

    Each one is asked of the model before it is offered: its map falls into the mechanism, and is
    no farther from it than the mechanism's own, and its activity lies in the range.

    Parameters
    ----------
    projector : of the session, with its model
    """

    def __init__(self, projector: Projector, parameters: DesignerParameters | None = None) -> None:
        self.projector = projector
        self.parameters = parameters or DesignerParameters()

    def run(self, progress: Progress = SILENT) -> Panel:
        """Design a panel.

        Raises
        ------
        InputError
            No such mechanism or site; an activity that is not reached (the nearest is said); what
            is to be avoided lies in what is kept; adapters or barcodes that cannot be.
        """
        parameters, library = self.parameters, self.projector.library
        if is_diploid(library.alphabet):
            raise InputError("session", "genotypes of two copies", "sequences of one")
        rng = np.random.default_rng(parameters.seed)
        bounds = parameters.bounds
        target = target_of(self.projector.session, parameters)
        assembly = self._assembly(target)
        barcodes = self._barcodes(target, rng)
        part = PartOfProgress(progress, 0.0, 0.8)
        least = parameters.least_confidence
        verifier = Verifier(self.projector, target.mechanism, bounds, least, part)
        search = find(target, verifier, assembly, parameters, rng)
        if search is None:
            raise self._nothing(target, verifier)
        designs, rows = search
        controls = self._controls(target, designs, verifier, assembly, rng)
        answers = designs
        if controls:
            asked = verifier.all(np.array([control.sequence for control in controls]))
            answers = joined([designs, asked])
        texts = indices_to_strings(answers.sequences, library.alphabet)
        oligos = [assembly.with_barcode(text, barcodes) for text in texts]
        frame = panel_frame(target, designs, rows, controls, answers, oligos)
        notes = (*self._notes(designs, verifier), *assembly.notes())
        progress.update(1, 1, "Designed")
        return Panel(
            frame, answers, library.alphabet, parameters, target.mechanism, notes, verifier.asked
        )

    def _assembly(self, target: Target) -> Assembly:
        parameters, alphabet = self.parameters, target.library.alphabet
        forbidden = Forbidden(parameters.avoid, parameters.longest_run, alphabet)
        left, right = parameters.left_adapter, parameters.right_adapter
        barcoded = parameters.barcode_length > 0
        assembly = Assembly(left, right, forbidden, alphabet, barcoded=barcoded)
        if not target.fixed.any():
            return assembly
        (text,) = indices_to_strings(target.members[:1], alphabet)
        for one in forbidden.find(text):
            if target.fixed[one.start : one.stop].all():
                where = f"positions {span_text(one.start, one.stop)}, which stay as they are"
                raise InputError("avoid", f"{one.name} at {where}", "nothing that is kept")
        return assembly

    def _barcodes(self, target: Target, rng: np.random.Generator) -> Barcodes:
        parameters = self.parameters
        each = len(target.sites) + 1 + (len(target.sites) > 1)
        n = parameters.n_designs + min(parameters.n_controlled, parameters.n_designs) * each
        length, distance = parameters.barcode_length, parameters.barcode_distance
        return Barcodes(n, length, distance, target.library.alphabet, rng)

    def _controls(
        self,
        target: Target,
        designs: Answers,
        verifier: Verifier,
        assembly: Assembly,
        rng: np.random.Generator,
    ) -> list[Control]:
        alphabet = target.library.alphabet

        def allowed(row: np.ndarray) -> bool:
            return not assembly.before_barcode(indices_to_strings(row[None], alphabet)[0])

        sequences = designs.sequences[: self.parameters.n_controlled]
        controls = controls_of(sequences, target.sites, verifier, allowed, len(alphabet), rng)
        return list(controls)

    def _nothing(self, target: Target, verifier: Verifier) -> InputError:
        """Why there is no sequence at all."""
        if not np.isnan(verifier.nearest):
            return InputError(
                "activity",
                f"{self.parameters.activity}, which no sequence of mechanism {target.mechanism} "
                f"reached among {verifier.asked:,} asked about",
                f"a range with {verifier.nearest:.4g} in it, the nearest that was found",
            )
        if verifier.seen:
            return InputError(
                "mechanism",
                f"{target.mechanism}, into which no sequence fell with a confidence of "
                f"{self.parameters.least_confidence:g} ({verifier.asked:,} asked about)",
                "a mechanism that is more distinct, or a lower least confidence",
            )
        return InputError(
            "avoid",
            f"{self.parameters.avoid}, which every sequence of mechanism {target.mechanism} holds",
            "less to avoid, or source both: new sequences are made without it",
        )

    def _notes(self, designs: Answers, verifier: Verifier) -> list[str]:
        wanted, distance = self.parameters.n_designs, self.parameters.min_distance
        if len(designs) == wanted:
            return []
        return [
            f"{len(designs)} of {wanted} sequences were found that differ at {distance} positions "
            f"or more, among {verifier.asked:,} asked about"
        ]
