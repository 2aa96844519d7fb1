"""Where a user gets an input that the project does not ship."""

from dataclasses import dataclass

from synface.settings.keys import key


@dataclass(frozen=True, kw_only=True)
class Obtain:
    """Where a user gets this input, shown when it is missing."""

    STAGE = ()

    from_: str | None = key(None)
    """Web page and file to get."""
    license: str | None = key(None)
    """Under which license."""
