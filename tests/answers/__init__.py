"""Systematic questions to the engine and to the simulators, and how their whole answers are written."""
