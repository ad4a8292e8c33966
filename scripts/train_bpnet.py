"""Train the small profile model of recipe 9: a network of BPNet's architecture with known motifs.

    python scripts/train_bpnet.py          # about two minutes on two cores

Random DNA of 200 letters, three motifs planted in some of it at random places. Each makes a peak of
reads where it stands: the profile head learns where the reads are, the counts head how many.

    log(1 + reads) of a sequence = 1 + 1.5 per TGACTCA + 1.0 per GATAAG + 0.8 per CACGTG

Architecture after Avsec et al. (2021), doi:10.1038/s41588-021-00782-6: one convolution, dilated
convolutions that are added to what they read, a profile head (logits a position) and a counts head.
Writes `bpnet.keras`, the truth `bpnet.json` and a reference `bpnet.fa` into `resources/models`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from bare_model import save_bare

from seam_core.sequences import DNA, indices_to_strings, one_hot, strings_to_indices

LENGTH = 200
MOTIFS = {"TGACTCA": 1.5, "GATAAG": 1.0, "CACGTG": 0.8}
# where the reference carries each motif
REFERENCE_STARTS = {"TGACTCA": 60, "GATAAG": 92, "CACGTG": 130}
BASE = 1.0
PEAK_SD = 6.0
OUT = Path(__file__).resolve().parent.parent / "resources" / "models"


def find_motifs(sequences: np.ndarray) -> dict[str, np.ndarray]:
    """Motif -> (N, L) bool, True where an intact one starts."""
    starts_of = {}
    for motif in MOTIFS:
        letters = strings_to_indices([motif])[0]
        windows = np.lib.stride_tricks.sliding_window_view(sequences, len(motif), axis=1)
        starts = np.zeros(sequences.shape, dtype=bool)
        starts[:, : windows.shape[1]] = (windows == letters).all(axis=2)
        starts_of[motif] = starts
    return starts_of


def reads(sequences: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N, L) share of the reads at each position, and (N, 1) log of their number."""
    positions = np.arange(LENGTH)
    logcounts = np.full(len(sequences), BASE)
    profile = np.full(sequences.shape, 0.02)
    for motif, starts in find_motifs(sequences).items():
        logcounts += MOTIFS[motif] * starts.sum(axis=1)
        for row, start in np.argwhere(starts):
            centre = start + len(motif) / 2
            bump = np.exp(-0.5 * ((positions - centre) / PEAK_SD) ** 2)
            profile[row] += MOTIFS[motif] * bump
    profile /= profile.sum(axis=1, keepdims=True)
    return profile.astype(np.float32), logcounts[:, None].astype(np.float32)


def training_sequences(n: int, rng: np.random.Generator) -> np.ndarray:
    """(n, 200) int8: each motif in 2 of 3 sequences, a third of them with damaged letters."""
    sequences = rng.integers(0, 4, (n, LENGTH)).astype(np.int8)
    for motif in MOTIFS:
        letters = strings_to_indices([motif])[0]
        for row in np.flatnonzero(rng.random(n) < 0.67):
            start = rng.integers(10, LENGTH - 10 - len(motif))
            planted = letters.copy()
            if rng.random() < 0.33:
                wrong = rng.integers(0, len(motif), 2)
                planted[wrong] = rng.integers(0, 4, 2)
            sequences[row, start : start + len(motif)] = planted
    return sequences


def build(filters: int = 24, layers: int = 4):
    """The network: heads `profile` (n, 200), logits, and `counts` (n, 1)."""
    import keras

    inputs = keras.Input((LENGTH, 4), name="sequence")
    x = keras.layers.Conv1D(filters, 11, padding="same", activation="relu")(inputs)
    for layer in range(1, layers + 1):
        y = keras.layers.Conv1D(
            filters, 3, padding="same", dilation_rate=2**layer, activation="relu"
        )(x)
        x = keras.layers.Add()([x, y])
    logits = keras.layers.Conv1D(1, 15, padding="same")(x)
    profile = keras.layers.Flatten(name="profile")(logits)
    pooled = keras.layers.GlobalAveragePooling1D()(x)
    hidden = keras.layers.Dense(32, activation="relu")(pooled)
    counts = keras.layers.Dense(1, name="counts")(hidden)
    return keras.Model(inputs, [profile, counts])


def train(n: int, epochs: int, seed: int):
    """The trained network, and the correlation of its counts with the truth on unseen sequences."""
    import keras

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = build()
    rate = keras.optimizers.schedules.CosineDecay(4e-3, epochs * (n // 128))
    model.compile(
        keras.optimizers.Adam(rate),
        loss=[keras.losses.CategoricalCrossentropy(from_logits=True), "mse"],
        loss_weights=[1.0, 2.0],
    )
    sequences = training_sequences(n, rng)
    profile, counts = reads(sequences)
    model.fit(one_hot(sequences), [profile, counts], batch_size=128, epochs=epochs, verbose=2)
    unseen = training_sequences(2_000, rng)
    predicted = model.predict(one_hot(unseen), verbose=0)[1][:, 0]
    return model, float(np.corrcoef(predicted, reads(unseen)[1][:, 0])[0, 1])


def reference_sequence(rng: np.random.Generator) -> np.ndarray:
    """(200,) int8 with one of each motif, and none by chance."""
    while True:
        reference = rng.integers(0, 4, LENGTH).astype(np.int8)
        for motif, start in REFERENCE_STARTS.items():
            reference[start : start + len(motif)] = strings_to_indices([motif])[0]
        if sum(int(starts.sum()) for starts in find_motifs(reference[None]).values()) == 3:
            return reference


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--n", type=int, default=20_000, help="sequences to learn from")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    model, correlation = train(options.n, options.epochs, options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    save_bare(model, options.out / "bpnet.keras")
    reference = reference_sequence(np.random.default_rng(options.seed))
    letters = indices_to_strings(reference[None])[0]
    (options.out / "bpnet.fa").write_text(f">bpnet\n{letters}\n", encoding="ascii")
    truth = {
        "sequence": letters,
        "alphabet": DNA,
        "heads": ["profile (200 logits)", "counts (log of 1 + reads)"],
        "sites": [
            {"name": name, "start": start, "stop": start + len(motif), "motif": motif}
            for name, (motif, start) in zip("ABC", REFERENCE_STARTS.items(), strict=True)
        ],
        "interactions": [],
        "correlation_with_truth": round(correlation, 4),
        "note": "start is 0-based, stop is exclusive; made by scripts/train_bpnet.py",
    }
    (options.out / "bpnet.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    print(f"correlation of the counts with the truth on unseen sequences: {correlation:.4f}")


if __name__ == "__main__":
    main()
