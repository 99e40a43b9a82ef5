"""Matchers: candidates and scores in, chosen spans out. Each registers itself."""
