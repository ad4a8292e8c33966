"""Recipes 6 to 8: a site in many contexts."""

from __future__ import annotations

import numpy as np

from scripts.claims.checks import Sessions, claim, mean_present, present, shares


def global_site(sessions: Sessions) -> list[str]:
    session = sessions[""]
    record = session.explanation
    first = 120 - record.start  # TGACGTCA lies in the middle, at 120-128
    worth = present(session)[:, first : first + 8].sum(axis=1)
    medians = record.activity_quartiles[:, 2]
    order = np.argsort(worth)
    fifth = max(1, len(order) // 5)
    weak, strong = order[:fifth], order[-fifth:]
    before, after = shares(session, first - 1), shares(session, first + 8)
    weak_t, weak_a = before[order[:3], 3].mean(), after[order[:3], 0].mean()
    strong_t, strong_ct = before[strong, 3].mean(), after[strong][:, [1, 3]].sum(axis=1).mean()
    return [
        claim(
            worth[weak].mean() < worth[strong].mean() / 4
            and medians[weak].mean() < medians[strong].mean(),
            "One scale rather than one mechanism after another: the letters of the site add up to "
            f"{worth[weak].mean():.1f} in the last fifth of the clusters and to "
            f"{worth[strong].mean():.1f} "
            f"in the first, and the median activity rises from {medians[weak].mean():.1f} to "
            f"{medians[strong].mean():.1f}.",
        ),
        claim(
            weak_t > 0.5 and weak_a > 0.5,
            "The letters on either side decide. In the three clusters where the site counts least, "
            f"{weak_t:.0%} of the sequences have a T before it and {weak_a:.0%} an A after it "
            "(`TTGACGTCAA`); by chance it would be 25 %.",
        ),
        claim(
            strong_t < 0.25 and strong_ct > 0.5,
            f"In the fifth where it counts most, only {strong_t:.0%} have a T before it, and "
            f"{strong_ct:.0%} a C or a T after it (by chance 50 %): the network reads more letters "
            "than the eight that were put in.",
        ),
    ]


def global_programs(sessions: Sessions) -> list[str]:
    session = sessions[""]
    tasks = session.table.frame["Task"].to_numpy().astype(str)
    start = 120 - session.maps.start  # TATCGATA lies in the middle, at 120-128
    site = {task: mean_present(session, tasks == task)[start : start + 8] for task in ("Dev", "Hk")}
    ratio = site["Hk"].sum() / site["Dev"].sum()
    alike = np.corrcoef(site["Dev"], site["Hk"])[0, 1]
    own = np.array(
        [
            np.mean(tasks[session.clustering.labels == one] == "Hk")
            for one in session.explanation.ids
        ]
    )
    pure = (own < 0.1) | (own > 0.9)
    share = session.explanation.sizes[pure].sum() / session.explanation.sizes.sum()
    mixed = ~np.isin(session.clustering.labels, session.explanation.ids[pure])
    dev, hk = (
        mean_present(session, mixed & (tasks == task))[start : start + 8].sum()
        for task in ("Dev", "Hk")
    )
    return [
        claim(
            alike > 0.7,
            "Both heads know the site, and weigh its letters alike (correlation of the eight "
            "weights "
            f"{alike:.2f}).",
        ),
        claim(
            ratio > 2,
            f"What differs is how much it counts: its letters add up to {ratio:.1f} times as "
            "much for the "
            "housekeeping head.",
        ),
        claim(
            0.05 < share < 0.95 and dev > site["Dev"].sum() and hk < site["Hk"].sum(),
            "The picture is a band from weak reading to strong, not an island a head: "
            f"{share:.0%} of the maps lie in clusters that are nine tenths of one head. In the "
            f"others the letters of the site add up to {dev:.1f} for `Dev`, where its mean is "
            f"{site['Dev'].sum():.1f}, and to {hk:.1f} for `Hk`, where it is "
            f"{site['Hk'].sum():.1f}: a strong context for one looks like a weak one for the "
            "other.",
        ),
    ]


def global_contexts(sessions: Sessions) -> list[str]:
    session = sessions[""]
    tasks = session.table.frame["Task"].to_numpy().astype(str)
    labels, ids = session.clustering.labels, session.explanation.ids
    names = sorted(set(tasks))
    share = np.array([[np.mean(tasks[labels == one] == name) for name in names] for one in ids])
    purity = {
        name: np.average(share[:, i], weights=[np.sum(tasks[labels == k] == name) for k in ids])
        for i, name in enumerate(names)
    }
    genomic = [purity[name] for name in names if "genomic" in name]
    synthetic = [purity[name] for name in names if "synthetic" in name]
    letters = _fly()
    at = {
        kind: [float(np.median(session.table.activity[tasks == n])) for n in names if kind in n]
        for kind in ("genomic", "synthetic")
    }
    letter = max(max(each) - min(each) for each in at.values())
    return [
        claim(
            min(genomic) > 0.9,
            "With the ten letters of the genome on either side each site is an island of its "
            "own: its "
            f"sequences are {min(genomic):.0%} or more of the clusters that they lie in.",
        ),
        claim(
            max(synthetic) < min(genomic),
            "In random letters the two sites mix: a sequence of one finds itself in clusters "
            "that are "
            f"{min(synthetic):.0%} to {max(synthetic):.0%} its own.",
        ),
        claim(
            min(at["genomic"]) - max(at["synthetic"]) > 3 * letter,
            f"The surroundings decide what a site is worth: a median activity of "
            f"{min(at['genomic']):.1f} in the genome's, {max(at['synthetic']):.1f} in random "
            "letters. The middle letter (`TGAGTCA` or `TGACTCA`) changes it by "
            f"{letter:.2f} at most.",
        ),
        claim(
            not any(site in letters for site in ("TGAGTCA", "TGACTCA")),
            "The fly's sequence has no AP-1 site itself: both were put in, in the middle. A list "
            "of "
            "sites found would only name the letters beside them that were random, and is not "
            "shown.",
        ),
    ]


def _fly() -> str:
    from seam_core.product import data_folder

    text = (data_folder("resources") / "sequences" / "eve_windows_249.fa").read_text("utf-8")
    return "".join(line for line in text.splitlines() if not line.startswith(">"))
