"""The `seam` command: every stage without a window."""

from seam_core.cli.main import main

__all__ = ["main"]
