"""Whole datasets on many processes and machines."""
