"""How the names of Kafka's protocol are written elsewhere."""


def camel_case(name: str) -> str:
    """The words of a name, each with a capital.

    >>> camel_case("DESCRIBE_CONFIGS")
    'DescribeConfigs'
    """
    return "".join(word.capitalize() for word in name.split("_"))
