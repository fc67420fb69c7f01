"""Talks to AWS: sessions, clients, limits, refusals, and what is read from each service."""
