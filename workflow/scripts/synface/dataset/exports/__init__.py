"""Datasets in the forms in which others take them."""
