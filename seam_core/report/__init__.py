"""The report of a session: one HTML file that opens anywhere, without a network."""

from seam_core.report.write import write_report

__all__ = ["write_report"]
