"""Runs a script with a hook in botocore that writes down its calls: `child` starts it, `hook` is loaded in it."""
