"""The table of checks, and the one that goes through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from aiokafka.errors import KafkaError

from liveprofile.streams.admin.doctor import cluster, here
from liveprofile.streams.admin.doctor.case import Case, see_kafka
from liveprofile.streams.admin.doctor.finding import Answers, Finding
from liveprofile.streams.admin.topics import refuse_second
from liveprofile.streams.errors import SetupError, UserError
from liveprofile.streams.runtime.key_check import SHOWN_CHARS, noted_key
from liveprofile.streams.runtime.partition_state import StateReadError
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.pseudonym_key import has_key, pseudonym_key
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey
from liveprofile.streams.transport.connection import Bootstrap

Check = Callable[[Case], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    here.versions,
    here.environment,
    here.key,
    here.model,
    here.folders,
    here.open_files,
    here.ready_file,
    cluster.connection,
    cluster.topics,
    cluster.configuration,
    cluster.durability,
    cluster.racks,
    cluster.permissions,
    cluster.clock,
    cluster.group,
)
"""In the order of the report; those that ask Kafka something of their own come after."""


async def diagnose(
    settings: Settings,
    connect: Callable[[], Bootstrap],
    *,
    stages: Sequence[str],
    ready_file: Path | None = None,
    now_ms: Callable[[], float] | None = None,
) -> list[Finding]:
    """All findings. `connect` gives the way to Kafka or raises UserError; `now_ms` is the clock, epoch milliseconds."""
    case = Case(settings, stages, ready_file=ready_file, environment=here.variables())
    try:
        bootstrap = connect()
        case = replace(case, bootstrap=bootstrap)
        case = replace(case, kafka=await see_kafka(bootstrap, settings, now_ms))
    except NotImplementedError:
        case = replace(case, no_kafka=UserError("This Kafka is older than 3.1.", "Upgrade the brokers."))
    except UserError as error:
        case = replace(case, no_kafka=error)
    found = [finding for check in CHECKS for finding in check(case)]
    if case.kafka is not None and case.bootstrap is not None:
        found += [await same_key(case, case.bootstrap), await owner(case, case.bootstrap)]
    return found


async def same_key(case: Case, bootstrap: Bootstrap) -> Finding:
    """Whether the key here is the one that profiles were made with."""
    say = Answers("key of the profiles", "the key's check value in the lineage topic, and that of the key here")
    settings = case.settings
    try:
        noted = await noted_key(bootstrap, settings.topics.lineage)
    except (StateReadError, KafkaError, UserError) as error:
        return say.skipped(f"The lineage topic cannot be read ({type(error).__name__}).", "liveprofile topics create")
    if noted is None:
        return say.ok("No worker has noted a key yet.")
    if not has_key(settings):
        return say.skipped("There is no key here.")
    try:
        own = PseudonymKey(pseudonym_key(settings, lambda _: None, may_create=False).reveal().encode()).check_value
    except UserError:
        return say.skipped("The key here cannot be read.")
    if own != noted.check_value:
        return say.fail(
            f"This key (check value {own[:SHOWN_CHARS]}) is not the one that profiles were made with "
            f"({noted.check_value[:SHOWN_CHARS]}): every shopper would be another one.",
            "Take the key of the other workers: LIVEPROFILE_PSEUDONYM_KEY_FILE=PATH; then liveprofile key check",
        )
    return say.ok("They are the same.")


async def owner(case: Case, bootstrap: Bootstrap) -> Finding:
    """Whether the topics belong to this application."""
    say = Answers("owner", "the lineage topics on the cluster: whose the topics of this prefix are")
    try:
        await refuse_second(bootstrap, case.settings.topics)
    except SetupError as error:
        return say.fail(error.message, error.next_step)
    except (KafkaError, UserError) as error:
        return say.skipped(f"They cannot be read ({type(error).__name__}).")
    return say.ok(
        f"No other application has them; prefix {case.settings.topic_prefix!r}, group {case.settings.topics.group}."
    )
