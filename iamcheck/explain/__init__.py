"""Explains denials: why a request is denied, what to change, and what the messages of AWS mean."""
