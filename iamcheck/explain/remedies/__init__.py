"""Finds what to do about a denial: the smallest change that was seen to help, or whose statement stands in the way."""
