"""Adaptation measured: every color transfer with every blending, on edits whose truth may be known."""
