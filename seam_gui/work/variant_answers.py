"""Variants answered in the engine process: a file of them, or one that is typed. No Qt here.

The interpreter of a session stays, so that a typed variant is answered at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.progress import PartOfProgress, Progress
from seam_gui.work.projectors import opened

if TYPE_CHECKING:
    from seam_core.variants import Allele, Answer, Counts, Interpreter
    from seam_core.variants.interpreter import Alleles

_kept: dict[str, tuple[Interpreter, dict[int, str]]] = {}


def prepare_variants(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Load a session and its model, and look at its sites: what the first answer waits for."""
    interpreter, _ = _interpreter(request, progress)
    return {"mechanism": interpreter.mechanism, "sites": len(interpreter.sites)}


def answer_variants(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The variants of a file, or of a typed text, as files in the folder `out`."""
    from seam_core.variants import Asked, Counts, check_assembly, place_rows, typed

    interpreter, labels = _interpreter(request, PartOfProgress(progress, 0.0, 0.3))
    counts, source = Counts(), request.get("file", "")
    if source:
        alleles: Alleles = Asked(source, interpreter.ground, interpreter.parameters, counts)
    else:
        row = replace(typed(request["typed"]), name=request.get("name") or request["typed"])
        alleles = list(place_rows([row], interpreter.ground))
        check_assembly(alleles)
    out = Path(request["out"])
    out.mkdir(parents=True, exist_ok=True)
    batches = interpreter.answers(alleles, progress=PartOfProgress(progress, 0.3, 1.0))
    told = _write(out, interpreter, alleles, batches, labels, counts)
    return {"folder": str(out), "told": told}


def _interpreter(request: dict[str, Any], progress: Progress) -> tuple[Interpreter, dict[int, str]]:
    """The kept one, where session and genome are the same as before."""
    from seam_core.variants import Interpreter
    from seam_core.variants.whole import ground_of

    genome = request.get("genome") or None
    key = json.dumps([request["session"], genome])
    if key not in _kept:
        session, curation, projector = opened(request["session"], progress)
        ground = ground_of(session, genome)
        progress.update(1, 2, "Looking at the sites")
        labels = {} if curation is None else dict(curation.names)
        interpreter = Interpreter(projector, ground)
        progress.update(0.9, 1, "Looking at the sites")
        interpreter.answer(_any_variant(interpreter))  # compiled and traced before it is waited for
        _kept.clear()
        _kept[key] = interpreter, labels
    return _kept[key]


def _any_variant(interpreter: Interpreter) -> list[Allele]:
    """A substitution at the first position."""
    from seam_core.variants import place_rows, typed

    ground = interpreter.ground
    other = next(letter for letter in ground.alphabet if letter != ground.letters[0])
    return list(place_rows([typed(f"{ground.letters[0]}0{other}")], ground))


def _write(
    out: Path,
    interpreter: Interpreter,
    alleles: Alleles,
    batches: Iterable[list[Answer]],
    labels: dict[int, str],
    counts: Counts,
) -> list[str]:
    """The table, and the map and letters of every allele, written as they come."""
    from seam_core.exports.parts import parquet_in_parts
    from seam_core.variants import variants_frame
    from seam_core.variants.whole import Interpreted

    interpreted = Interpreted(interpreter, counts)
    shape = interpreter.reference.maps.shape[1:]
    length = len(interpreter.ground.reference)
    maps = _opened(out / "maps.npy", np.float32, (len(alleles), *shape))
    letters = _opened(out / "letters.npy", np.int8, (len(alleles), length))
    places = np.full((len(alleles), 2), np.nan, np.float32)
    with parquet_in_parts(out / "variants.parquet", what="variants") as table:
        for batch in batches:
            for row, answer in enumerate(batch, interpreted.n):
                if answer.map is not None and answer.sequence is not None:
                    maps[row], letters[row] = answer.map, answer.sequence.letters
                    if answer.place is not None:
                        places[row, : min(2, len(answer.place))] = answer.place[:2]
            frame = variants_frame(interpreter, batch, labels)
            table(frame)
            interpreted.take(batch, frame)
        if not interpreted.n:
            table(variants_frame(interpreter, []))
    for array in (maps, letters):
        if isinstance(array, np.memmap):
            array.flush()
    np.save(out / "places.npy", places)
    np.save(out / "reference_map.npy", interpreter.reference.maps[0])
    return interpreted.told()


def _opened(path: Path, kind: Any, shape: tuple[int, ...]) -> np.ndarray:
    """An array on disk, written in pieces; an empty one cannot be mapped."""
    if 0 in shape:
        np.save(path, np.zeros(shape, kind))
        return np.load(path)  # type: ignore[no-any-return]
    return np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
