"""HOW IAM decides. Pure and total."""
