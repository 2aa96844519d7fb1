"""Figures and the one-page report; every number in them stands in a table."""
