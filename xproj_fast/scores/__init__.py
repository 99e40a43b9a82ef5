"""Scores of (entity, candidate) pairs: arrays in, arrays out, no model in sight."""
