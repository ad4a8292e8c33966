"""Alphabets, and sequences as strings, letter indices and one-hot arrays.

A library is kept as letter indices, (N, L) int8: position in the alphabet, or -1 for N (unknown),
whose one-hot row is all zeros. One-hot is made batch by batch where a model needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from seam_core.validate import InputError, check_shape

DNA = "ACGT"
RNA = "ACGU"
PROTEIN = "ACDEFGHIKLMNPQRSTVWY"
NAMED_ALPHABETS = {"DNA": DNA, "RNA": RNA, "PROTEIN": PROTEIN}
UNKNOWN = -1
# what to say of a letter that the alphabet of the other nucleic acid has
_OTHER_ALPHABET = {("U", DNA): f" (of RNA: {RNA})", ("T", RNA): f" (of DNA: {DNA})"}
# IUPAC codes of two different nucleotides at a position: an unphased diploid genotype
GENOTYPES = {"R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC"}


def check_alphabet(alphabet: str) -> str:
    """The letters of `alphabet`, in upper case.

    DNA, RNA and protein are names, though they could be letters: no model reads D, N and A.

    Raises `InputError` unless it is a name or 2 to 127 different letters.

    Examples
    --------
    >>> check_alphabet("rna"), check_alphabet("TGCA")
    ('ACGU', 'TGCA')
    """
    upper = alphabet.strip().upper()
    letters = NAMED_ALPHABETS.get(upper, upper)
    if not 2 <= len(letters) <= 127 or len(set(letters)) != len(letters) or not letters.isascii():
        expected = "2 or more different ASCII letters, or DNA, RNA or protein"
        raise InputError("alphabet", repr(alphabet), expected)
    return letters


def diploid_alphabet(alphabet: str) -> str:
    """The four nucleotides followed by the codes of their pairs; raises `InputError` for others."""
    if sorted(alphabet.replace("U", "T")) != sorted(DNA):
        raise InputError("alphabet", repr(alphabet), "four nucleotides, for diploid genotypes")
    return alphabet + "".join(GENOTYPES)


def is_diploid(alphabet: str) -> bool:
    """True for the alphabets of `diploid_alphabet`."""
    return alphabet[4:] == "".join(GENOTYPES)


def n_channels(alphabet: str) -> int:
    """A, the channels of a model's input: 4 for diploid alphabets, else the number of letters."""
    return 4 if is_diploid(alphabet) else len(alphabet)


def _decoding_table(alphabet: str) -> np.ndarray:
    """(256,) int8: byte -> letter index, -1 for the unknown letter, -2 for anything else."""
    table = np.full(256, -2, dtype=np.int8)
    unknown = "X" if "N" in alphabet else "N"
    for letters, values in ((unknown, [UNKNOWN]), (alphabet, range(len(alphabet)))):
        for letter, value in zip(letters, values, strict=True):
            table[ord(letter)] = table[ord(letter.lower())] = value
    return table


def strings_to_indices(
    strings: Sequence[str] | Iterable[str],
    alphabet: str = DNA,
    *,
    source: str = "",
    field: str = "Sequence",
) -> np.ndarray:
    """Letters to indices.

    Parameters
    ----------
    strings : N strings of one length L, upper or lower case
    source, field : the file and the name of what is wrong, in messages

    Returns
    -------
    (N, L) int8

    Raises
    ------
    InputError
        No sequences; lengths that differ; a letter outside the alphabet (N is read as unknown,
        X where N is a letter of the alphabet). The message names row, position and letter.

    Examples
    --------
    >>> strings_to_indices(["ACGT", "TTaN"]).tolist()
    [[0, 1, 2, 3], [3, 3, 0, -1]]
    """
    strings = list(strings)
    if not strings:
        raise InputError(field, "no sequences", "at least one sequence", source)
    length = len(strings[0])
    if length == 0:
        raise InputError(field, "an empty sequence in row 0", "one letter or more", source)
    for row, string in enumerate(strings):
        if len(string) != length:
            raise InputError(
                field,
                f"length {len(string)} in row {row}",
                f"length {length}, as in row 0 (all sequences have one length)",
                source,
            )
    joined = "".join(strings)
    data = joined.encode("ascii", errors="replace")
    indices = _decoding_table(alphabet)[np.frombuffer(data, dtype=np.uint8)]
    indices = indices.reshape(len(strings), length)
    if indices.min() < UNKNOWN:
        row, position = (int(i) for i in np.argwhere(indices < UNKNOWN)[0])
        letter = strings[row][position]
        of_row = f" of row {row}" if len(strings) > 1 else ""
        hint = _OTHER_ALPHABET.get((letter.upper(), alphabet), "")
        raise InputError(
            field,
            f"letter {letter!r} at position {position}{of_row}",
            f"letters of the alphabet {alphabet}{hint}",
            source,
        )
    return indices


def indices_to_strings(indices: np.ndarray, alphabet: str = DNA) -> list[str]:
    """(N, L) indices to N strings; unknown letters become N (X where N is in the alphabet).

    Examples
    --------
    >>> indices_to_strings(np.array([[0, 1, 2, 3], [3, 3, 0, -1]]))
    ['ACGT', 'TTAN']
    """
    indices = np.ascontiguousarray(indices, dtype=np.int8)
    unknown = "X" if "N" in alphabet else "N"
    table = bytes(alphabet + unknown * (256 - len(alphabet)), "ascii")
    length = indices.shape[1]
    text = indices.tobytes().translate(table).decode("ascii")
    return [text[start : start + length] for start in range(0, len(text), length)]


def one_hot(indices: np.ndarray, n_letters: int = 4, dtype: type = np.float32) -> np.ndarray:
    """(..., L) indices to (..., L, A) one-hot; unknown letters are all zeros.

    Examples
    --------
    >>> one_hot(np.array([1, -1])).tolist()
    [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
    """
    table: np.ndarray = np.zeros((n_letters + 1, n_letters), dtype=dtype)
    table[:n_letters] = np.eye(n_letters, dtype=dtype)
    return table[indices]


def encode(indices: np.ndarray, alphabet: str = DNA, dtype: type = np.float32) -> np.ndarray:
    """(..., L) indices to what a model takes, (..., L, A).

    One-hot; for diploid alphabets the sum of both copies' one-hot: 2 at a letter that both have,
    1 at each of two that differ.
    """
    if not is_diploid(alphabet):
        return one_hot(indices, len(alphabet), dtype)
    return _two_hot_table(alphabet, dtype)[indices]


def _two_hot_table(alphabet: str, dtype: type) -> np.ndarray:
    """(11, 4): of each letter of a diploid alphabet, and last of the unknown one."""
    table: np.ndarray = np.zeros((len(alphabet) + 1, 4), dtype=dtype)
    for row, letter in enumerate(alphabet):
        for copy in GENOTYPES.get(letter, letter * 2):
            table[row, alphabet.replace("U", "T").index(copy.replace("U", "T"))] += 1
    return table


def two_hot_to_indices(array: np.ndarray, alphabet: str, field: str = "two_hot") -> np.ndarray:
    """(N, L, 4) two-hot to (N, L) int8 letters of a diploid alphabet; all zeros are unknown.

    Raises `InputError` for a row that is no genotype.
    """
    check_shape(array, (None, None, 4), field)
    weights = np.array([1, 3, 9, 27])
    codes = np.full(3 * weights.sum(), -2, dtype=np.int8)
    table = _two_hot_table(alphabet, np.int64)
    codes[table @ weights] = [*range(len(alphabet)), UNKNOWN]
    rows = np.asarray(array)
    letters = codes[np.clip(rows, 0, 2).astype(np.int64) @ weights]
    if (letters == -2).any() or not np.isin(rows, (0, 1, 2)).all():
        raise InputError(field, "rows that are no genotype", "two copies at each position")
    return letters


def one_hot_to_indices(array: np.ndarray, field: str = "one_hot") -> np.ndarray:
    """(N, L, A) one-hot to (N, L) int8; all-zero rows become unknown.

    Raises `InputError` when a row is neither one-hot nor all zero.
    """
    check_shape(array, (None, None, None), field)
    array = np.asarray(array)
    present = array != 0
    count = present.sum(axis=-1)
    if (count > 1).any() or not (array[present] == 1).all():
        raise InputError(field, "rows that are not one-hot", "a single 1 at each position")
    indices = present.argmax(axis=-1).astype(np.int8)
    indices[count == 0] = UNKNOWN
    return indices


def hamming(indices: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """(N,) int32: at how many positions each row of (N, L) `indices` differs from `reference`.

    Examples
    --------
    >>> letters = strings_to_indices(["ACGT", "ACGA", "TGCA"])
    >>> hamming(letters, letters[0]).tolist()
    [0, 1, 4]
    """
    check_shape(reference, (indices.shape[1],), "reference")
    return np.count_nonzero(indices != reference, axis=1).astype(np.int32)
