"""Datasets as models and people use them: images by class, a table of facts, counts and a card."""
