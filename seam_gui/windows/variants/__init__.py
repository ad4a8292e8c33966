"""Variants: a table of what they do, arrows on the scatter, and logos beside the reference's."""
