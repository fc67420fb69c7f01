"""Runs the command line for `python -m iamcheck`."""

from iamcheck.cli import main

if __name__ == "__main__":
    main()
