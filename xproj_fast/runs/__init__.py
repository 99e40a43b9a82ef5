"""Whole methods, from text to labelled text: wiring only. What they wire lives on the floors below."""
