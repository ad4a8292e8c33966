"""Train the small network of `seam demo toy`: its binding sites and their interaction are known.

    python scripts/train_toy.py            # about two minutes on two cores

Random DNA of 60 letters; three sites at fixed places, each intact, damaged or absent by chance.
The activity to learn is

    y = 1.5 a + 1.5 b + 2.0 c + 1.0 a b

with a, b, c the state of each site: 1 where it is intact, 0 where a letter is wrong. So A and B
help each other (a positive interaction), and C acts by itself. Writes `toy.keras`, the truth
`toy.json` and the reference `toy.fa` into `resources/models`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from bare_model import save_bare

from seam_core.sequences import DNA, indices_to_strings, one_hot, strings_to_indices

LENGTH = 60
SITES = (("A", 8, "GATAAG"), ("B", 24, "TGACTCA"), ("C", 43, "CACGTG"))
EFFECTS = {"A": 1.5, "B": 1.5, "C": 2.0}
INTERACTION = ("A", "B", 1.0)
OUT = Path(__file__).resolve().parent.parent / "resources" / "models"


def site_states(sequences: np.ndarray) -> dict[str, np.ndarray]:
    """Name -> (N,) state of each site: 1 intact, 0 otherwise."""
    states = {}
    for name, start, motif in SITES:
        letters = strings_to_indices([motif])[0]
        here = sequences[:, start : start + len(motif)]
        states[name] = (here == letters).all(axis=1).astype(np.float32)
    return states


def activity(sequences: np.ndarray) -> np.ndarray:
    """(N,) the activity to learn."""
    states = site_states(sequences)
    first, second, strength = INTERACTION
    additive = sum(EFFECTS[name] * state for name, state in states.items())
    return (additive + strength * states[first] * states[second]).astype(np.float32)


def training_sequences(n: int, rng: np.random.Generator) -> np.ndarray:
    """(n, 60) int8 random DNA; each site planted in 4 of 5, with 0 to 3 letters drawn again."""
    sequences = rng.integers(0, 4, (n, LENGTH)).astype(np.int8)
    for _, start, motif in SITES:
        letters = strings_to_indices([motif])[0]
        planted = np.tile(letters, (n, 1))
        damage = rng.random(planted.shape) < rng.choice([0.0, 0.1, 0.3], (n, 1))
        planted[damage] = rng.integers(0, 4, int(damage.sum()))
        rows = rng.random(n) < 0.8
        sequences[rows, start : start + len(motif)] = planted[rows]
    return sequences


def reference_sequence(rng: np.random.Generator) -> np.ndarray:
    """(60,) int8 with all three sites intact."""
    reference = rng.integers(0, 4, LENGTH).astype(np.int8)
    for _, start, motif in SITES:
        reference[start : start + len(motif)] = strings_to_indices([motif])[0]
    return reference


def train(n: int, epochs: int, seed: int):
    """A small convolutional network, and its correlation with the truth on unseen sequences."""
    import keras

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = keras.Sequential(
        [
            keras.Input((LENGTH, 4)),
            keras.layers.Conv1D(16, 7, padding="same", activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, name="activity"),
        ]
    )
    sequences = training_sequences(n, rng)
    steps = epochs * (n // 256)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    model.compile(keras.optimizers.Adam(rate), "mse")
    model.fit(one_hot(sequences), activity(sequences), batch_size=256, epochs=epochs, verbose=2)
    unseen = training_sequences(5_000, rng)
    predicted = model.predict(one_hot(unseen), verbose=0)[:, 0]
    return model, float(np.corrcoef(predicted, activity(unseen))[0, 1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--n", type=int, default=100_000, help="sequences to learn from")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    model, correlation = train(options.n, options.epochs, options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    save_bare(model, options.out / "toy.keras")
    reference = reference_sequence(np.random.default_rng(options.seed))
    letters = indices_to_strings(reference[None])[0]
    (options.out / "toy.fa").write_text(f">toy\n{letters}\n", encoding="ascii")
    first, second, strength = INTERACTION
    truth = {
        "sequence": letters,
        "alphabet": DNA,
        "sites": [
            {"name": name, "start": start, "stop": start + len(motif), "motif": motif}
            for name, start, motif in SITES
        ],
        "interactions": [{"sites": [first, second], "sign": 1, "strength": strength}],
        "correlation_with_truth": round(correlation, 4),
        "note": "start is 0-based, stop is exclusive; made by scripts/train_toy.py",
    }
    (options.out / "toy.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    print(f"correlation with the truth on unseen sequences: {correlation:.4f}")


if __name__ == "__main__":
    main()
