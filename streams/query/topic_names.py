"""A topic as people call it."""


def topic_name(path: object) -> str:
    """The end of its path.

    >>> topic_name("home/kitchen/coffee_machines")
    'coffee machines'
    """
    return str(path).rstrip("/").rpartition("/")[2].replace("_", " ")
