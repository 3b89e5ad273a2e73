"""An identifier of a shopper: a type such as `user` or `email`, and the pseudonym of its value.

The value itself never enters this room as state: a caller with the shop's key turns `shopper_name` into a pseudonym.
"""

import re
import unicodedata
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta

MAX_VALUE_CHARS = 256
"""A longer value is refused, as in every input."""
KIND = r"[a-z][a-z0-9_]{0,31}"
"""The spelling of a type's name."""
PSEUDONYM = r"[0-9a-f]{32}"
USER, ANONYMOUS = "user", "anonymous"
"""The two types that every input has fields for."""
Spelling = Literal["exact", "lower"]
"""How values of a type are compared: as sent, or without upper case and compatibility forms (Unicode NFKC)."""

_KIND = re.compile(KIND)


class Identifier(NamedTuple):
    """One identifier; the smaller of two is the one with the smaller type, then the smaller pseudonym."""

    kind: Annotated[str, Meta(pattern=f"^{KIND}$")]
    """Its type."""
    pseudonym: Annotated[str, Meta(pattern=f"^{PSEUDONYM}$")]
    """The profile id: 128 bits of HMAC-SHA256 in hexadecimal digits."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.pseudonym}"


def normalised(value: str, spelling: Spelling) -> str:
    """A value in the form that is compared: without space around it, and in the type's spelling.

    >>> normalised(" Ada@Example.ORG ", "lower"), normalised(" A-17 ", "exact")
    ('ada@example.org', 'A-17')
    """
    bare = value.strip()
    return unicodedata.normalize("NFKC", bare).casefold() if spelling == "lower" else bare


def shopper_name(kind: str, value: str) -> str:
    """The text that the shop's key turns into a pseudonym. ValueError for a type or a value that cannot be one.

    Known and anonymous shoppers have had names since the first version, and keep them. All other types have a
    namespace of their own, apart from the digests of devices and sessions, which are made under the same key.

    >>> shopper_name("user", "u-1042"), shopper_name("device", "d-7")
    ('user:u-1042', 'ids.device:d-7')
    """
    if not _KIND.fullmatch(kind):
        raise ValueError(
            f"{kind!r} is no type of an identifier: lower-case letters, digits and underscores, at most 32."
        )
    if not value:
        raise ValueError(f"the {kind} identifier is empty: leave it out, or send its value.")
    if len(value) > MAX_VALUE_CHARS:
        raise ValueError(f"the {kind} identifier has {len(value):,} characters: at most {MAX_VALUE_CHARS}.")
    return f"{kind}:{value}" if kind in (USER, ANONYMOUS) else f"ids.{kind}:{value}"
