"""Short names of topics."""


def topic_name(path: object) -> str:
    """The last part of a topic's path.

    >>> topic_name("home/kitchen/coffee_machines")
    'coffee machines'
    """
    return str(path).rstrip("/").rpartition("/")[2].replace("_", " ")
