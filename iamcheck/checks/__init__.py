"""The checks: one file a family, each a small function over what is passed in."""
