"""Benchmarks of the model layer; ``run.py`` is their command."""
