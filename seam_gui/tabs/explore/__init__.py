"""The panels of the Explore tab."""
