"""Matchers: candidates and scores in, chosen spans out."""
