"""Where a user gets an input that the project does not ship."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from synface.settings.keys import Problem, key


@dataclass(frozen=True, kw_only=True)
class Obtain:
    """Where a user gets this input, shown when it is missing."""

    STAGE = ()

    from_: str | None = key(None)
    """Web page and file to get."""
    license: str | None = key(None)
    """Under which license."""


@dataclass(frozen=True, kw_only=True)
class ObtainFile(Obtain):
    """The same of a file of weights, which `make fetch` may download."""

    url: str | None = key(None)
    """Address of the file itself, for `make fetch`."""

    def mistakes(self, path: str) -> Iterator[Problem]:
        """Yield what is no address."""
        yield from _no_address(f"{path}.url", self.url)


@dataclass(frozen=True, kw_only=True)
class ObtainParts(Obtain):
    """The same of the pretrained parts."""

    urls: Mapping[Literal["ir50", "mobilefacenet"], str] = key({})
    """Address of each part's file itself, for `make fetch`."""

    def mistakes(self, path: str) -> Iterator[Problem]:
        """Yield what is no address."""
        for part, url in self.urls.items():
            yield from _no_address(f"{path}.urls.{part}", url)


def _no_address(path: str, url: str | None) -> Iterator[Problem]:
    if url is not None and not url.startswith(("https://", "http://")):
        yield Problem(path, f"found {url!r}; expected an address that begins with https:// or http://")
