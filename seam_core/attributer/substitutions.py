"""What stands for a letter in mutagenesis, of single sequences and of diploid genotypes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.sequences import encode, is_diploid


@dataclass(frozen=True, eq=False)
class Substitutions:
    """The letters that are put in a letter's place, C letters in the alphabet.

    channels : (C, A) float32, what the model is given for each letter
    wanted : (C, C) bool, whether in place of the first the second is asked about
    shares : (C, A, C) float32, how the scores of a map are made of the letters', or None where
        they are the letters' own

    A diploid genotype is substituted one copy at a time: its score for a nucleotide is the mean
    over both copies of what putting the nucleotide there changes. Of A A, the nucleotide A
    changes nothing; of A G, it turns the second copy into A A, and counts half.
    """

    channels: np.ndarray
    wanted: np.ndarray
    shares: np.ndarray | None = None

    @classmethod
    def of(cls, alphabet: str) -> Substitutions:
        """Those of an alphabet, diploid or not."""
        n_letters = len(alphabet)
        channels = encode(np.arange(n_letters, dtype=np.int8), alphabet)
        if not is_diploid(alphabet):
            return cls(channels, ~np.eye(n_letters, dtype=bool))
        code_of = {tuple(dosage): code for code, dosage in enumerate(channels.astype(int))}
        nucleotides = np.eye(channels.shape[1], dtype=int)
        shares = np.zeros((n_letters, channels.shape[1], n_letters), dtype=np.float32)
        for code, dosage in enumerate(channels.astype(int)):
            for copy in np.repeat(nucleotides, dosage, axis=0):
                for letter, put in enumerate(nucleotides):
                    shares[code, letter, code_of[tuple(dosage - copy + put)]] += 0.5
        wanted = (shares > 0).any(axis=1) & ~np.eye(n_letters, dtype=bool)
        return cls(channels, wanted, shares)
