"""Named benchmarks, each beside its peer: `python -m benchmarks NAME --json -`."""
