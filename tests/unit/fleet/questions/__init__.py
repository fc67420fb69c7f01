"""Questions over whole accounts."""
