"""Measurements, each beside its target: `python -m tests.bench NAME --json`."""
