"""Formats values for messages: percentages, amounts, numbers, names, and lists of names."""

from collections.abc import Sequence
from functools import lru_cache


def percent(share: float) -> str:
    """A share in percent, to a tenth where it is not whole.

    >>> percent(0.2), percent(0.2134)
    ('20%', '21.3%')
    """
    return f"{share * 100:.1f}".removesuffix(".0") + "%"


def money(amount: float) -> str:
    """An amount in major units; records name its currency elsewhere.

    >>> money(1234.5)
    '1,234.50'
    """
    return f"{amount:,.2f}"


def number(value: float) -> str:
    """A number to four digits, or to the whole number where that has more.

    >>> number(0.0417), number(42.0), number(123456.7)
    ('0.0417', '42', '123,457')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def signed(value: float) -> str:
    """A number around zero.

    >>> signed(0.3), signed(-1.25)
    ('+0.30', '-1.25')
    """
    return f"{value:+.2f}"


def plain(value: object) -> str:
    """A value as in the record.

    >>> plain("at-risk"), plain(None)
    ('at-risk', 'none')
    """
    return "none" if value is None else str(value)


def listed(names: Sequence[str]) -> str:
    """Names as a list in a sentence.

    >>> listed(["pans", "kettles", "knives"])
    'pans, kettles and knives'
    """
    if len(names) < 2:
        return names[0] if names else "none"
    return f"{', '.join(names[:-1])} and {names[-1]}"


@lru_cache(maxsize=4096)
def topic_name(path: object) -> str:
    """The name of a topic: the end of its path.

    >>> topic_name("home/kitchen/coffee_machines")
    'coffee machines'
    """
    return str(path).rstrip("/").rpartition("/")[2].replace("_", " ")


def topic_names(paths: Sequence[object], among: Sequence[object] = ()) -> str:
    """Topics as a list in a sentence: by their whole paths where two of them, or of `among`, end alike.

    >>> topic_names(["home/pans", "home/kettles"]), topic_names(["men/shoes"], ["women/shoes"])
    ('pans and kettles', 'men/shoes')
    """
    every = {*paths, *among}
    if len({topic_name(path) for path in every}) == len(every):
        return listed([topic_name(path) for path in paths])
    return listed([str(path).replace("_", " ") for path in paths])
