"""Worlds that checks are run in, whose whole results somebody has read and approved.

Each module has SCENARIOS: what gives the text of each world, by the world's name.
"""
