"""SEAM: systematic explanation of attribution-based mechanisms. The engine, without a window."""

__version__ = "0.1.0"
