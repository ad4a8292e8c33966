"""The stage: parameters in, library out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from seam_core.mutagenizer.backgrounds import random_backgrounds
from seam_core.mutagenizer.checks import check_memory, check_reference, check_window
from seam_core.mutagenizer.combinatorial import count_variants, variant_blocks
from seam_core.mutagenizer.generators import Generator, generated_library, load_generator
from seam_core.mutagenizer.genotypes import genotype_library
from seam_core.mutagenizer.measured import drawn_from
from seam_core.mutagenizer.patterns import global_library
from seam_core.mutagenizer.search import search_library
from seam_core.mutagenizer.substitutions import local_library
from seam_core.oracles import Oracle
from seam_core.oracles.table import TableOracle
from seam_core.parameters import MutagenizerParameters
from seam_core.progress import SILENT, Progress
from seam_core.records import Library
from seam_core.sequences import DNA, check_alphabet, diploid_alphabet, is_diploid
from seam_core.validate import InputError


class Mutagenizer:
    """Makes a library as its parameters say; equal parameters and seed give the same library.

    Parameters
    ----------
    generator : a callable (one-hot (L, A), number) -> one-hot (N, L, A), such as an object of
        `squid.mutagenizer`; used instead of the one that `parameters.generator` names
    """

    def __init__(
        self,
        parameters: MutagenizerParameters | None = None,
        *,
        generator: Generator | None = None,
    ) -> None:
        self.parameters = parameters or MutagenizerParameters()
        if generator is not None:
            self.parameters = self.parameters.replace(library="generator")
        self.generator = generator

    def run(
        self,
        reference: np.ndarray | None,
        *,
        alphabet: str = DNA,
        oracle: Oracle | None = None,
        progress: Progress = SILENT,
    ) -> Library:
        """The library, without predictions.

        Parameters
        ----------
        reference : (L,) int8 letter indices; None for global, optimized and complete combinatorial
            libraries of a given length
        oracle : asked by the search of an optimized library; of a table of measurements, only
            sequences that it holds are drawn

        Raises
        ------
        InputError
            The reference is missing or holds an unknown letter; a window or pattern does not fit
            in; more mutations than positions.
        MemoryBudgetError
            The library would take more memory than `library_limit_gb`; says how many sequences.
        OracleError
            The oracle failed during a search.

        Examples
        --------
        >>> from seam_core.parameters import MutagenizerParameters
        >>> from seam_core.sequences import strings_to_indices
        >>> reference = strings_to_indices(["ACGTACGTAC"])[0]
        >>> parameters = MutagenizerParameters(n_sequences=100, mutation_rate=0.2, uniform=True)
        >>> library = Mutagenizer(parameters).run(reference)
        >>> library.sequences.shape
        (100, 10)
        >>> (library.sequences != reference).sum(axis=1)[:3].tolist()  # the first is the reference
        [0, 2, 2]
        """
        alphabet = check_alphabet(alphabet)
        parameters = self.parameters

        def make(n: int) -> Library:
            how = self
            if n > 0:
                smaller = parameters.replace(n_sequences=n)
                how = Mutagenizer(smaller, generator=self.generator)
            draw = getattr(how, f"_{parameters.library}")
            library: Library = draw(reference, alphabet, oracle, progress)
            return replace(library, parameters=parameters)

        if isinstance(oracle, TableOracle) and parameters.library != "optimized":
            of_any_size = parameters.library != "combinatorial"
            return drawn_from(oracle, make, parameters.n_sequences if of_any_size else None)
        return make(0)

    def _local(
        self, reference: np.ndarray | None, alphabet: str, oracle: object, progress: Progress
    ) -> Library:
        make = partial(local_library, n_letters=len(alphabet))
        return self._around_reference(make, reference, alphabet, progress)

    def _combinatorial(
        self, reference: np.ndarray | None, alphabet: str, oracle: object, progress: Progress
    ) -> Library:
        parameters = self.parameters
        if reference is None and parameters.max_order == -1 and parameters.sequence_length:
            # all sequences there are: they have none in common that the others are mutants of
            letters = np.zeros(parameters.sequence_length, dtype=np.int8)
        else:
            letters = check_reference(reference, alphabet)
        start, stop = self._window(len(letters))
        if parameters.max_order > stop - start:
            raise InputError(
                "max_order",
                f"{parameters.max_order} substitutions",
                f"at most {stop - start}, the positions that may mutate",
            )
        n = count_variants(stop - start, len(alphabet), parameters.max_order)
        self._check_size(n, len(letters))
        sequences = np.empty((n, len(letters)), dtype=np.int8)
        done = 0
        blocks = variant_blocks(
            letters,
            n_letters=len(alphabet),
            max_order=parameters.max_order,
            start=start,
            stop=stop,
        )
        for block in blocks:
            sequences[done : done + len(block)] = block
            done += len(block)
            progress.update(done, n, "variants made")
        kept = None if reference is None else letters
        return Library(sequences, alphabet, kept, parameters=parameters)

    def _global(
        self, reference: np.ndarray | None, alphabet: str, oracle: object, progress: Progress
    ) -> Library:
        parameters = self.parameters
        length = len(reference) if reference is not None else parameters.sequence_length or 0
        self._check_size(parameters.n_sequences, length, copies=2)
        sequences, backgrounds = global_library(
            parameters,
            reference,
            alphabet,
            rng=np.random.default_rng(parameters.seed),
            progress=progress,
        )
        return Library(sequences, alphabet, parameters=parameters, backgrounds=backgrounds)

    def _optimized(
        self,
        reference: np.ndarray | None,
        alphabet: str,
        oracle: Oracle | None,
        progress: Progress,
    ) -> Library:
        parameters = self.parameters
        if oracle is None:
            raise InputError("oracle", "nothing", "a model: this library is found by a search")
        rng = np.random.default_rng(parameters.seed)
        if reference is not None:
            start = check_reference(reference, alphabet)
        else:
            length = parameters.sequence_length or oracle.length
            if length is None:
                raise InputError("sequence_length", "nothing", "a length, or a reference")
            (start,) = random_backgrounds(1, length, len(alphabet), rng)
        window = self._window(len(start))
        self._check_size(parameters.n_sequences, len(start), copies=parameters.search_effort + 1)
        search = search_library(
            oracle, start, parameters, alphabet=alphabet, window=window, rng=rng, progress=progress
        )
        return Library(
            search.sequences,
            alphabet,
            start if reference is not None else None,
            parameters=parameters,
            lineage=search.lineage,
            trajectory=search.trajectory,
        )

    def _two_hot(
        self, reference: np.ndarray | None, alphabet: str, oracle: object, progress: Progress
    ) -> Library:
        codes = alphabet if is_diploid(alphabet) else diploid_alphabet(alphabet)
        make = partial(genotype_library, n_codes=len(codes))
        return self._around_reference(make, reference, codes, progress)

    def _around_reference(
        self,
        make: Callable[..., np.ndarray],
        reference: np.ndarray | None,
        codes: str,
        progress: Progress,
    ) -> Library:
        """The reference with random substitutions by `make`, over the letters `codes`."""
        parameters = self.parameters
        letters = check_reference(reference, codes)
        start, stop = self._window(len(letters))
        self._check_size(parameters.n_sequences, len(letters))
        sequences = make(
            letters,
            parameters.n_sequences,
            rate=parameters.mutation_rate,
            uniform=parameters.uniform,
            start=start,
            stop=stop,
            rng=np.random.default_rng(parameters.seed),
            progress=progress,
        )
        return Library(sequences, codes, letters, parameters=parameters)

    def _generator(
        self, reference: np.ndarray | None, alphabet: str, oracle: object, progress: Progress
    ) -> Library:
        parameters = self.parameters
        letters = check_reference(reference, alphabet)
        start, stop = self._window(len(letters))
        self._check_size(parameters.n_sequences, len(letters), copies=1 + len(alphabet))
        generator = self.generator
        if generator is None:
            generator = load_generator(parameters.generator)
        sequences, alphabet = generated_library(
            generator,
            letters,
            parameters.n_sequences,
            alphabet=alphabet,
            start=start,
            stop=stop,
            seed=parameters.seed,
        )
        progress.update(1, 1, "sequences made")
        return Library(sequences, alphabet, letters, parameters=parameters)

    def _window(self, length: int) -> tuple[int, int]:
        parameters = self.parameters
        return check_window(parameters.mutate_start, parameters.mutate_stop, length, "mutate")

    def _check_size(self, n: int, length: int, copies: int = 1) -> None:
        check_memory(n, length, self.parameters.library_limit_gb, copies)
