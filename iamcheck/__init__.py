"""iamcheck."""
