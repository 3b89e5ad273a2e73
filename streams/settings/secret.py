"""A setting that is never shown."""


class Secret:
    """A hidden value: its repr, str and format are stars, and only `reveal` returns it.

    >>> Secret("s3cr3t")
    Secret(***)
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself; never log it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a Secret cannot be pickled: pass the file that holds it instead")
