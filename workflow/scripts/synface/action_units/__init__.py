"""The image network of POSTER, trained to tell the strengths of facial action units."""
