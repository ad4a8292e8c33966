"""The settings of a run, and the reference that they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

import numpy as np

from seam_core.disk import names_file
from seam_core.intervals import Interval, parse_interval, place_of_record
from seam_core.parameters import (
    AttributerParameters,
    ClustererParameters,
    CompilerParameters,
    ExperimenterParameters,
    IdentifierParameters,
    MetaExplainerParameters,
    MutagenizerParameters,
    OracleParameters,
)
from seam_core.readers import genome_at, read_fasta
from seam_core.sequences import indices_to_strings, strings_to_indices
from seam_core.session import Session
from seam_core.stages import PARTS, STAGE_NAMES, STAGES
from seam_core.validate import InputError


@dataclass(frozen=True)
class RunConfig:
    """All that a run needs: what a configuration file holds.

    sequence : the reference: letters, or a FASTA file
    record : which record of the FASTA file; empty: its first
    locus : where the sequence lies in the genome, as chr2R:5876534-5876782; where `sequence` is the
        FASTA file of that genome and no record is named, this is the part that is taken
    name : what to call the session; empty: after the record
    """

    oracle: OracleParameters = field(default_factory=OracleParameters)
    sequence: str = ""
    record: str = ""
    locus: str = ""
    name: str = ""
    mutagenizer: MutagenizerParameters = field(default_factory=MutagenizerParameters)
    compiler: CompilerParameters = field(default_factory=CompilerParameters)
    attributer: AttributerParameters = field(default_factory=AttributerParameters)
    clusterer: ClustererParameters = field(default_factory=ClustererParameters)
    meta_explainer: MetaExplainerParameters = field(default_factory=MetaExplainerParameters)
    identifier: IdentifierParameters = field(default_factory=IdentifierParameters)
    experimenter: ExperimenterParameters = field(default_factory=ExperimenterParameters)

    def to_dict(self) -> dict[str, Any]:
        """Plain values: texts at the top, a table for the oracle and for each stage."""
        values: dict[str, Any] = {
            name: getattr(self, name) for name in ("name", "sequence", "record", "locus")
        }
        for part in ("oracle", *STAGE_NAMES):
            values[part] = getattr(self, part).to_dict()
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any], source: str = "") -> RunConfig:
        """The opposite of `to_dict`; what is missing takes its default.

        Raises `InputError` naming `source` for an unknown name or a value out of bounds.
        """
        known = [item.name for item in fields(cls)]
        given: dict[str, Any] = {}
        for name, value in values.items():
            if name not in known:
                expected = "one of " + ", ".join(known)
                raise InputError(name, "an unknown setting", expected, source)
            if name in PARTS:
                if not isinstance(value, dict):
                    raise InputError(name, repr(value), "a table of settings", source)
                given[name] = _from_dict(PARTS[name], value, name, source)
            elif isinstance(value, str):
                given[name] = value
            else:
                raise InputError(name, repr(value), "a text", source)
        return cls(**given)

    def with_seed(self, seed: int) -> RunConfig:
        """The same with one seed for all stages that draw random numbers."""
        changes = {
            stage: getattr(self, stage).replace(seed=seed)
            for stage in STAGE_NAMES
            if hasattr(getattr(self, stage), "seed")
        }
        return replace(self, **changes)


def _from_dict(cls: type[Any], values: dict[str, Any], part: str, source: str) -> Any:
    try:
        return cls.from_dict(values, source)
    except InputError as error:
        name = error.field.removeprefix(f"{cls.__name__}.")
        raise InputError(f"{part}.{name}", error.got, error.expected, source) from error


def config_of(session: Session) -> RunConfig:
    """The parameters that a session's records were made with; defaults where they are unknown."""
    stages: dict[str, Any] = {}
    for stage in STAGES.values():
        for slot in stage.makes:  # the last record is the one that counts
            made_with = getattr(getattr(session, slot), "parameters", None)
            if made_with is not None:
                stages[stage.name] = made_with
    if session.oracle is not None:
        stages["oracle"] = session.oracle
    library = session.library
    if library is not None and session.oracle is None:  # of a table: its letters at least are known
        stages["oracle"] = OracleParameters(alphabet=library.alphabet)
    if library is not None and library.reference is not None:
        stages["sequence"] = indices_to_strings(library.reference[None], library.alphabet)[0]
    if session.locus is not None:
        stages["locus"] = str(session.locus)
    return RunConfig(name="" if session.is_empty else session.name, **stages)


class Reference(NamedTuple):
    """What a run starts from.

    letters : (L,) int8; None where the configuration names no sequence
    locus : where they lie in a genome, where that is known
    form : how the name of a FASTA record was read, where the locus is taken from it
    """

    name: str
    letters: np.ndarray | None = None
    locus: Interval | None = None
    form: str = ""


def read_reference(config: RunConfig) -> Reference:
    """The reference that a configuration names.

    Raises `InputError` for a FASTA file or record that is not there, for wrong letters, and for a
    locus of another length.
    """
    reference = _named_reference(config)
    if reference.letters is not None and reference.locus is not None:
        reference.locus.check_length(len(reference.letters))
    return reference._replace(name=config.name or reference.name)


def _named_reference(config: RunConfig) -> Reference:
    text = config.sequence.strip()
    locus = parse_interval(config.locus) if config.locus.strip() else None
    if not text:
        return Reference("untitled")
    alphabet = config.oracle.alphabet
    if not names_a_file(text, alphabet):
        letters = strings_to_indices(["".join(text.split())], alphabet, field="sequence")[0]
        return Reference("sequence", letters, locus)
    if locus is not None and not config.record:
        genome = genome_at(text)
        if locus.chromosome in genome:
            fetched = strings_to_indices([genome.fetch(locus)], alphabet, source=text)[0]
            return Reference(str(locus), fetched, locus)
    records = read_fasta(text)
    record = chosen_record(records, config.record, text)
    letters = strings_to_indices([records[record]], alphabet, source=text)[0]
    if locus is not None and not config.record and len(locus) != len(letters):
        expected = f"a chromosome of the file ({', '.join(list(records)[:5])}), or a first record "
        expected += f"of {len(locus)} letters"
        raise InputError("locus", str(locus), expected, text)
    place = place_of_record(record, len(letters)) if locus is None else None
    if place is not None:
        return Reference(record, letters, place.interval, place.form)
    return Reference(record, letters, locus)


def chosen_record(records: Mapping[str, str], wanted: str, path: str) -> str:
    """The name of the record that is `wanted`, "" being the first.

    Raises `InputError` where the file has none of that name.
    """
    record = wanted or next(iter(records))
    if record not in records:
        raise InputError("record", record, "one of " + ", ".join(records), path)
    return record


def names_a_file(text: str, alphabet: str) -> bool:
    """Whether a reference is given as the path of a file: a text is letters when all of it is."""
    if set("".join(text.split()).upper()) <= set(alphabet + "NX"):
        return names_file(text)
    looks_like_one = "/" in text or "\\" in text or "." in text
    return looks_like_one or names_file(text)
