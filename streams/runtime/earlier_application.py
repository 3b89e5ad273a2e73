"""Refuses to begin anew beside an application of the same inputs whose internal topics have no prefix."""

from collections.abc import Collection

from liveprofile.streams.errors import SetupError
from liveprofile.streams.runtime.lineage import read_entries
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.transport.connection import Bootstrap

INPUT = "clicks"
"""The end of the name of an input that every application has."""


async def refuse_earlier(outbox: KafkaOutbox, bootstrap: Bootstrap, lineage: str, ours: Collection[str]) -> None:
    """`SetupError` if the lineage topic `lineage` says that an application was made from our topics under other names.

    Earlier versions put `topic_prefix` before inputs and outputs only. `lineage` may be empty or not exist.
    """
    if not lineage or not await outbox.identify(lineage):
        return
    entries = await read_entries(bootstrap, lineage)
    if not entries.keys() & set(ours):
        return
    app = lineage.removesuffix(".lineage")
    others = sorted(name for name in entries if name.endswith(INPUT) and name not in ours)
    mixed = f" They also have those of {', '.join(others)}: shops were mixed there." if others else ""
    raise SetupError(
        f"profiles of these inputs are in topics without the prefix, {app}.state and others: an earlier version made "
        f"them.{mixed}",
        "Set prefix_internal_topics = false to go on with them. To begin anew, see Begin anew in docs/operations.md.",
    )
