"""Imports of what is large."""

import gc

import pytest

from seam_core.importing import importing_for_good


class TestTheGarbageCollector:
    def test_it_rests_meanwhile_and_goes_on_behind(self):
        with importing_for_good():
            assert not gc.isenabled()
        assert gc.isenabled()

    def test_it_goes_on_behind_an_import_that_fails(self):
        with pytest.raises(ModuleNotFoundError), importing_for_good():
            import seam_core.no_such_module  # noqa: F401
        assert gc.isenabled()

    def test_it_passes_by_what_was_made(self):
        with importing_for_good():
            before = gc.get_freeze_count()
            kept = [[] for _ in range(1000)]
        assert gc.get_freeze_count() >= before + len(kept)

    def test_it_stays_off_where_it_was_off(self):
        gc.disable()
        try:
            with importing_for_good():
                pass
            assert not gc.isenabled()
        finally:
            gc.enable()
