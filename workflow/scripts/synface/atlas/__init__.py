"""The atlas of a generator: a page to walk through its space of emotions, and to choose regions of it."""
