"""The one exception for what a user can mend: a file, a folder or a config key."""


class InputError(ValueError):
    """Bad input, in one sentence: what was found, what was expected, what to do."""
