"""Reading manifests: each row by itself."""
