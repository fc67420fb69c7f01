"""The forms in which policies are deployed."""
