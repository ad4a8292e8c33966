"""Changing sites by hand. Each returns new sites; `Identifier.describe` computes what follows."""

from __future__ import annotations

from collections.abc import Sequence

from seam_core.identifier.activity import site_name
from seam_core.records import NO_SITES, Site
from seam_core.validate import InputError


def with_bounds(sites: Sequence[Site], name: str, start: int, stop: int) -> tuple[Site, ...]:
    """Site `name` over start .. stop - 1: its own positions kept within, new ones all its own."""
    if not 0 <= start < stop:
        raise InputError(f"bounds of site {name}", f"{start} to {stop}", "0 <= start < stop")
    old = _site(sites, name)
    gaps = set(range(old.start, old.stop)) - set(old.positions)
    positions = tuple(p for p in range(start, stop) if p not in gaps)
    return _replaced(sites, name, [Site(name, positions or tuple(range(start, stop)))])


def with_positions(sites: Sequence[Site], name: str, positions: Sequence[int]) -> tuple[Site, ...]:
    """Site `name` with other positions, gaps allowed."""
    distinct = tuple(sorted({int(p) for p in positions}))
    if not distinct or distinct[0] < 0:
        raise InputError(f"positions of site {name}", distinct, "one position or more, from 0")
    _site(sites, name)
    return _replaced(sites, name, [Site(name, distinct)])


def split_site(sites: Sequence[Site], name: str, at: int) -> tuple[Site, ...]:
    """Site `name` in two: positions below `at` keep the name, the others get a new one."""
    old = _site(sites, name)
    left = tuple(p for p in old.positions if p < at)
    right = tuple(p for p in old.positions if p >= at)
    if not left or not right:
        raise InputError(
            f"split of site {name}", at, f"a position from {old.start + 1} to {old.stop - 1}"
        )
    return _replaced(sites, name, [Site(name, left), Site(_free_name(sites), right)])


def join_sites(sites: Sequence[Site], names: Sequence[str]) -> tuple[Site, ...]:
    """Several sites as one, under the first one's name."""
    if len(set(names)) < 2:
        raise InputError("sites to join", ", ".join(names) or "none", "two sites or more")
    positions = sorted({p for name in names for p in _site(sites, name).positions})
    kept = [site for site in sites if site.name not in names[1:]]
    return _replaced(kept, names[0], [Site(names[0], tuple(positions))])


def rename_site(sites: Sequence[Site], name: str, new_name: str) -> tuple[Site, ...]:
    """Site `name` under another name: one that no other site has, printable and without "+"."""
    new_name = new_name.strip()
    taken = {site.name for site in sites} - {name}
    odd = "+" in new_name or not new_name.isprintable()
    if not new_name or odd or new_name == NO_SITES or new_name in taken:
        expected = "a free name that can be printed, without '+', not 'none'"
        raise InputError("name of a site", repr(new_name), expected)
    return _replaced(sites, name, [Site(new_name, _site(sites, name).positions)])


def add_site(sites: Sequence[Site], start: int, stop: int, name: str = "") -> tuple[Site, ...]:
    """One more site, over start .. stop - 1."""
    if not 0 <= start < stop:
        raise InputError("bounds of the new site", f"{start} to {stop}", "0 <= start < stop")
    added = Site(_free_name(sites), tuple(range(start, stop)))
    grown = _sorted([*sites, added])
    return rename_site(grown, added.name, name) if name else grown


def remove_site(sites: Sequence[Site], name: str) -> tuple[Site, ...]:
    """All sites but `name`."""
    _site(sites, name)
    return _replaced(sites, name, [])


def _site(sites: Sequence[Site], name: str) -> Site:
    for site in sites:
        if site.name == name:
            return site
    known = ", ".join(site.name for site in sites) or "none: there are no sites"
    raise InputError("site", repr(name), f"one of {known}")


def _replaced(sites: Sequence[Site], name: str, new: list[Site]) -> tuple[Site, ...]:
    return _sorted([site for site in sites if site.name != name] + new)


def _sorted(sites: Sequence[Site]) -> tuple[Site, ...]:
    return tuple(sorted(sites, key=lambda site: site.positions))


def _free_name(sites: Sequence[Site]) -> str:
    taken = {site.name for site in sites}
    index = 0
    while site_name(index) in taken:
        index += 1
    return site_name(index)
