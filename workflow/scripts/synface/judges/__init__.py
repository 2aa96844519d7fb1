"""Recognisers that this study did not train: what they read on faces before and after an edit."""
