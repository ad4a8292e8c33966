"""Recipe 9: a profile network under four methods."""

from __future__ import annotations

from scripts.claims.checks import Sessions, claim, spans
from seam_core.intervals import span_text


def profile_methods(sessions: Sessions) -> list[str]:
    import json
    from itertools import combinations

    from seam_core.comparison import correspond
    from seam_core.product import data_folder

    truth = json.loads((data_folder("resources") / "models" / "bpnet.json").read_text("utf-8"))
    where = [range(site["start"], site["stop"]) for site in truth["sites"]]
    planted = [f"`{s['motif']}` at {span_text(s['start'], s['stop'])}" for s in truth["sites"]]
    found = {
        name: [
            any(set(site.positions) & set(places) for site in each.sites.sites) for places in where
        ]
        for name, each in sessions.items()
    }
    agree = {
        f"{a} and {b}": correspond(sessions[a], sessions[b]).adjusted_rand
        for a, b in combinations(sessions, 2)
    }
    best, worst = max(agree, key=agree.__getitem__), min(agree, key=agree.__getitem__)
    called = [
        name
        for name, each in sessions.items()
        if each.experiments.interactions["called"][each.experiments.interactions["order"] > 1].any()
    ]
    lines = [
        "| method | sites found |",
        "| --- | --- |",
        *(f"| {name} | {spans(each)} |" for name, each in sessions.items()),
    ]
    return [
        "What each method found:\n\n" + "\n".join(lines) + "\n",
        claim(
            len(found) == 4 and len(where) == 3 and all(all(hits) for hits in found.values()),
            f"All four methods find the three motifs that were planted ({', '.join(planted)}).",
        ),
        _confirmed(sessions, where),
        claim(
            not called and not truth["interactions"],
            "No interaction is called by any of them, and there is none: each motif was planted "
            "to add "
            "its own.",
        ),
        claim(
            agree[best] > agree[worst],
            f"The methods group the mutants most alike for {best} (`adjusted_rand` "
            f"{agree[best]:.2f}), "
            f"least for {worst} ({agree[worst]:.2f}): they see the same motifs and differ in "
            "where they "
            "put the border between mechanisms.",
        ),
    ]


def _confirmed(sessions: Sessions, where: list[range]) -> str:
    """Sites that are in the maps and were not planted, and what the model says of all."""
    others, right = [], True
    for name, session in sessions.items():
        verdicts = session.experiments.sites.set_index("site")["verdict"]
        for site in session.sites.sites:
            planted = any(set(site.positions) & set(places) for places in where)
            right &= (verdicts[site.name] == "confirmed") == planted
            if not planted:
                others.append(f"{span_text(site.start, site.stop)} of {name}")
    return claim(
        bool(others) and right,
        "The model, asked again, confirms these three under every method and no other: with the "
        f"letters of another replaced ({', '.join(others)}) the activity stays as it is.",
    )
