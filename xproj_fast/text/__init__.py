"""Text by script and language: where words and sentences end, how words are joined, which codes languages have."""
