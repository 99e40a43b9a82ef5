"""Hugging Face checkpoints -> model folders that run without torch, each proved against its original.

Needs the extra ``export``; what it writes needs the extra ``models`` alone.
"""
