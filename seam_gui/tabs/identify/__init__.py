"""The panels of the Identify tab."""
