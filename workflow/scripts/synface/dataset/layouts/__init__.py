"""The layouts in which people have labelled sets of faces: whether a folder has one, and what is in it."""
