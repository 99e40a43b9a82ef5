"""Models that turn text into arrays; they know nothing of candidates, scores or matching."""
