"""Answers questions over whole accounts: who can do something, and what a principal can do."""
