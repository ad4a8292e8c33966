"""Frameworks that models are written in, and how a model becomes an oracle."""

from seam_core.frameworks.load import load_oracle

__all__ = ["load_oracle"]
