"""Records that are valid and say nothing about a shopper's acts: counted, neither folded nor refused."""

import msgspec


class PassedOver(msgspec.Struct, frozen=True, gc=False):
    """A record of what the shop showed. `name` is of a closed list, such as impression."""

    name: str
