"""Recipes 1 to 3: variants of one sequence."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scripts.claims.checks import DRE, Sessions, claim, intact, letters_of, rank_correlation
from seam_core.intervals import span_text
from seam_core.session import Session


def local_sites(sessions: Sessions) -> list[str]:
    session = sessions[""]
    judged = session.experiments.sites.set_index("site")
    names = judged["effect"].sort_values(ascending=False).index
    best = next(site for site in session.sites.sites if site.name == names[0])
    effects = {name: f"{name} {judged['effect'][name]:.1f}" for name in names}
    of = {
        verdict: ", ".join(effects[name] for name in names if judged["verdict"][name] == verdict)
        for verdict in ("confirmed", "not_confirmed")
    }
    weak = ", ".join(
        f"{effects[name]} ({judged['note'][name].partition(':')[0]})"
        for name in names
        if judged["verdict"][name] == "weak"
    )
    lines = [
        claim(
            DRE in letters_of(session)[best.start : best.stop],
            f"{best.name} ({span_text(best.start, best.stop)}) holds `{DRE}`, the core of DRE, the "
            "element of housekeeping promoters, and is worth most: with its letters replaced the "
            f"activity falls by {judged['effect'][best.name]:.1f} of "
            f"{_reference_activity(session):.1f}.",
        ),
        claim(
            len(of["confirmed"].split(", ")) > 1,
            f"Asked again, the model confirms {of['confirmed']} (fall of activity)."
            + f" Weak: {weak}." * bool(weak)
            + (f" No more than such windows: {of['not_confirmed']}." * bool(of["not_confirmed"])),
        ),
    ]
    missed = [name for name in names if judged["origin"][name] == "scan"]
    if missed:
        lines.append(
            claim(
                all(judged["verdict"][name] != "not_confirmed" for name in missed),
                f"{' and '.join(missed)} the clusters did not tell; the scan that replaces one "
                "window after another did.",
            )
        )
    return [*lines, *_interactions(session), _verdict(session)]


def _interactions(session: Session) -> list[str]:
    """What the model says of sites together, and what the library alone could tell of it."""
    terms = session.experiments.interactions
    called = terms[terms["called"] & (terms["order"] > 1)].sort_values("estimate")
    pairs = called[called["order"] == 2]
    more = called[called["order"] > 2]
    library = session.sites.epistasis
    by_library = int((library["called"] & (library["order"] > 1)).sum())
    open_ = (library["low"] <= 0) & (library["high"] >= 0)
    claim(not (open_ & library["called"]).any(), "Terms whose interval includes 0 are not called.")
    values = ", ".join(f"{row.sites} {row.estimate:+.2f}" for row in more.itertuples())
    beyond = f"Terms of more sites are called too ({values})" if values else "No others are called"
    less = ", ".join(f"{_pair(row)} {-row['estimate']:.2f}" for _, row in pairs.iterrows())
    return [
        claim(
            (pairs["estimate"] < 0).all(),
            "The model, asked about all combinations of the confirmed sites: the sites of a pair "
            f"give less together than the sum of both ({less}). {beyond}.",
        ),
        claim(
            by_library < len(called),
            "`epistasis.png` shows what the library alone tells of pairs. Its intervals are "
            f"wide: it calls {by_library} interactions, the model's answers {len(called)}.",
        ),
    ]


def _pair(term: pd.Series) -> str:
    return str(term["sites"]).replace("+", " and ")


def _verdict(session: Session) -> str:
    trust = session.trust
    said = " ".join(f"*{warning}*" for warning in trust.sentences)
    return claim(
        trust.verdict in ("good", "doubtful"),
        f"The run ends with the verdict *{trust.verdict}*" + (f": {said}" if said else "."),
    )


def local_background(sessions: Sessions) -> list[str]:
    session = sessions[""]
    record = session.explanation
    means = record.map_sums / record.sizes[:, None, None]
    fore = means - record.background_scale[:, None, None] * record.background
    height, tall = np.abs(record.background).max(), np.abs(means).max()
    strength = np.abs(record.background).sum(axis=1)
    middle = strength[40:140].mean() / np.r_[strength[:40], strength[140:]].mean()
    largest = int(record.sizes.argmax())
    shown = session.sites.active.sum(axis=1)
    effects = session.experiments.sites.set_index("site")["effect"]
    worth = _shares_whole(session) @ effects[[site.name for site in session.sites.sites]].to_numpy()
    medians = record.activity_quartiles[:, 2]
    start, plain, left = _loudest_outside(session, means, fore)
    away, told = _heights(session, fore)
    return [
        claim(
            height < tall / 2,
            f"The background is {height / tall:.0%} as tall as the tallest logo ({height:.2f} "
            "beside "
            f"{tall:.2f}).",
        ),
        claim(
            middle > 1.5,
            f"It is not the same everywhere: {middle:.1f} times as strong at 40-140, where the "
            "sites "
            "are, as beside.",
        ),
        claim(
            rank_correlation(worth, medians) > 0.8,
            "Activity follows the sites that a mechanism's sequences still have: what their whole "
            "sites are worth, one by one (the fall of activity with the letters of a site "
            "replaced), and the median activity have a rank correlation of "
            f"{rank_correlation(worth, medians):.2f}.",
        ),
        claim(
            bool(shown[largest] <= 1 and medians[largest] < 1),
            f"The largest mechanism ({record.ids[largest]}, {record.sizes[largest]:,} sequences) "
            "reads "
            f"{'nothing' if shown[largest] == 0 else 'one site'} and is hardly active "
            f"({medians[largest]:.1f}).",
        ),
        claim(
            left < plain / 2,
            f"Outside of sites, the letters at {span_text(start, start + 7)} stand out most in "
            "the plain "
            f"logos (mean {plain:.3f}) and not in the foreground ({left:.3f}): what looks like a "
            "weak "
            "motif there is background.",
        ),
        claim(
            away < min(told) / 2,
            "This sequence has no weak motif that only the foreground shows: away from the sites "
            f"no seven letters are taller than {away:.2f} (mean) in any mechanism's foreground; "
            f"the sites that the clusters told are {min(told):.2f} to {max(told):.2f}.",
        ),
    ]


def _heights(session: Session, fore: np.ndarray) -> tuple[float, list[float]]:
    """Tallest seven letters of any foreground, three off all sites; each site of the library's."""
    tall = np.abs(fore).max(axis=2)
    sites = session.sites.sites
    near = {at for site in sites for at in range(site.start - 3, site.stop + 3)}
    starts = [at for at in range(tall.shape[1] - 6) if not near & set(range(at, at + 7))]
    origin = session.experiments.sites.set_index("site")["origin"]
    told = [site for site in sites if origin[site.name] == "library"]
    return (
        max(float(tall[:, at : at + 7].mean(axis=1).max()) for at in starts),
        [float(tall[:, list(site.positions)].mean(axis=1).max()) for site in told],
    )


def _loudest_outside(
    session: Session, means: np.ndarray, fore: np.ndarray
) -> tuple[int, float, float]:
    """Start of the seven positions off all sites with the tallest plain logos; heights of both."""
    taken = {position for site in session.sites.sites for position in site.positions}
    plain, left = (np.abs(part).max(axis=2).mean(axis=0) for part in (means, fore))
    starts = [at for at in range(len(plain) - 6) if not taken & set(range(at, at + 7))]
    best = max(starts, key=lambda at: plain[at : at + 7].mean())
    return best, float(plain[best : best + 7].mean()), float(left[best : best + 7].mean())


def local_space(sessions: Sessions) -> list[str]:
    session = sessions[""]
    sites, medians = session.sites.sites, session.explanation.activity_quartiles[:, 2]
    whole = _whole(session)
    ids, shares = session.explanation.ids, _shares_whole(session)
    dre = next(i for i, s in enumerate(sites) if DRE in letters_of(session)[s.start : s.stop])
    top, bottom = int(medians.argmax()), int(medians.argmin())
    name = sites[dre].name
    links = [rank_correlation(shares[:, i], medians) for i in range(len(sites))]
    ranked = [sites[i].name for i in np.argsort(links)[::-1]]
    return [
        claim(
            shares[top, dre] > 1.3 * whole[:, dre].mean(),
            f"In the most active of the {len(ids)} patches (median {medians[top]:.1f}) site "
            f"{name}, with "
            f"`{DRE}`, is untouched in {shares[top, dre]:.0%} of the sequences; in all it is in "
            f"{whole[:, dre].mean():.0%}.",
        ),
        claim(
            shares[bottom, dre] < whole[:, dre].mean() / 2,
            f"In the least active ({medians[bottom]:.1f}) it is in {shares[bottom, dre]:.0%}.",
        ),
        claim(
            max(links) > 0.3,
            f"What tells active patches from others is first of all whether {ranked[0]} is whole "
            "(rank "
            f"correlation {max(links):.2f}), then {ranked[1]}.",
        ),
    ]


def _whole(session: Session) -> np.ndarray:
    """(N, S) bool: the sequences that have a site as the reference has it."""
    return np.stack([intact(session, site.positions) for site in session.sites.sites], axis=1)


def _shares_whole(session: Session) -> np.ndarray:
    """(K, S) share of a mechanism's sequences that have a site as the reference has it."""
    whole, labels = _whole(session), session.clustering.labels
    return np.stack([whole[labels == one].mean(axis=0) for one in session.explanation.ids])


def _reference_activity(session: Session) -> float:
    return float(session.table.activity[0])
