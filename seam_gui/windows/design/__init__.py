"""Sequences designed for a mechanism."""
