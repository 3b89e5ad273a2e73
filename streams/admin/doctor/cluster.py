"""Checks of Kafka itself and of the application's topics on it."""

from __future__ import annotations

from collections.abc import Iterator

from liveprofile.streams.admin.acls.grant import OPERATION_CODES, PatternType, ResourceType
from liveprofile.streams.admin.acls.rights import rights
from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.admin.doctor.case import Case
from liveprofile.streams.admin.doctor.finding import Answers, Finding
from liveprofile.streams.runtime.cluster_shape import notes
from liveprofile.streams.runtime.topic_shape import CONFIRMED_BY, COPIES, faults_among, repair
from liveprofile.streams.transport.connection import security_of

CLOCK_WARN_MS, CLOCK_FAIL_MS = 1_000.0, 30_000.0


def connection(case: Case) -> Iterator[Finding]:
    """Whether a Kafka answers that is new enough, and whether anybody can listen on the way."""
    say = Answers("Kafka", "the addresses of bootstrap, and the metadata that they give")
    if case.kafka is None:
        error = case.no_kafka
        yield say.fail(
            error.message if error else "No Kafka was asked.", error.next_step if error else "liveprofile broker start"
        )
        return
    nodes = case.kafka.cluster.nodes
    kind = security_of(case.bootstrap or "").security_protocol
    yield say.ok(f"{len(nodes)} broker{'s' if len(nodes) > 1 else ''} at {case.bootstrap} by {kind}, 3.1 or newer.")


def topics(case: Case) -> Iterator[Finding]:
    """Whether all topics are there, each with its number of partitions and leaders."""
    say = Answers("topics", "all topics of the application: there, partitions, leaders")
    if case.kafka is None:
        return
    found, wanted = case.kafka.cluster.topics, case.settings.topics.all()
    missing = [one.name for one in wanted if one.name not in found and one.name not in case.kafka.cluster.denied]
    wrong = [
        f"{one.name} has {found[one.name].partitions} instead of {one.partitions}"
        for one in wanted
        if one.name in found and not one.is_input and found[one.name].partitions != one.partitions
    ]
    headless = [name for name, one in found.items() if one.leaderless]
    if missing:
        yield say.fail(f"{len(missing)} of {len(wanted)} are missing: {_some(missing)}.", "liveprofile topics create")
    if wrong:
        real = next(found[one.name].partitions for one in wanted if f"{one.name} has" in wrong[0])
        yield say.fail(
            f"Partitions differ from the setting: {_some(wrong)}.",
            f"LIVEPROFILE_PARTITIONS={real}, if profiles were made with it; else see Begin anew in docs/operations.md.",
        )
    if headless:
        yield say.fail(
            f"{len(headless)} have partitions without a leader: {_some(headless)}.",
            f"Start the brokers that are away: kafka-topics.sh --bootstrap-server {case.bootstrap} --describe "
            "--unavailable-partitions",
        )
    if not missing and not wrong and not headless:
        yield say.ok(f"All {len(wanted)} are there with {case.settings.partitions} partitions.")


def configuration(case: Case) -> Iterator[Finding]:
    """Cleanup, retention, sizes of records and copies in sync, as profiles need them."""
    say = Answers("topic configuration", "cleanup.policy, retention, max.message.bytes, min.insync.replicas")
    if case.kafka is None or not case.kafka.cluster.topics:
        return
    if case.kafka.shapes is None:
        yield say.skipped(*_not_seen(case, "shapes", "DescribeConfigs on the topics"))
        return
    faults = faults_among(case.settings.topics.all(), case.kafka.shapes, case.settings.worker.max_record_bytes)
    for fault in faults:
        yield say.fail(f"{fault.words}.", repair(case.bootstrap or "", [fault]))
    if not faults:
        yield say.ok(f"{len(case.kafka.shapes)} topics are configured as profiles need them.")


def durability(case: Case) -> Iterator[Finding]:
    """Copies, those in sync, and who may become leader. Workers always wait for all copies in sync (acks=all)."""
    say = Answers("copies", "copies and copies in sync of each topic, unclean.leader.election.enable; acks is all")
    if case.kafka is None or not case.kafka.cluster.topics:
        return
    cluster, shapes, fine = case.kafka.cluster, case.kafka.shapes or {}, True
    for note in notes(cluster, case.settings.topics.all(), ""):
        fine = False
        yield say.warn(f"{note.words}.", note.next_step)
    least = {name: int(shape.config.get("min.insync.replicas", 1)) for name, shape in shapes.items()}
    stuck = [name for name, one in cluster.topics.items() if one.in_sync < least.get(name, 1) <= one.copies]
    behind = [name for name, one in cluster.topics.items() if one.in_sync < one.copies and name not in stuck]
    again = f"kafka-topics.sh --bootstrap-server {case.bootstrap} --describe --under-replicated-partitions"
    if stuck:
        yield say.fail(f"{len(stuck)} topics refuse writes, too few copies are in sync: {_some(stuck)}.", again)
    if behind:
        yield say.warn(f"{len(behind)} topics have copies that are behind: {_some(behind)}.", again)
    every = [name for name, one in cluster.topics.items() if one.copies > 1 and least.get(name, 1) == one.copies]
    if every:
        yield say.warn(
            f"{len(every)} topics need all of their copies for a write: a restart of any broker stops them. "
            f"{_some(every)}.",
            f"kafka-configs.sh --bootstrap-server {case.bootstrap} --alter --entity-type topics --entity-name "
            f"{every[0]} --add-config min.insync.replicas={max(1, cluster.topics[every[0]].copies - 1)}",
        )
    unclean = [name for name, one in shapes.items() if one.config.get("unclean.leader.election.enable") == "true"]
    if unclean:
        yield say.fail(
            f"{len(unclean)} topics may lose confirmed records (unclean.leader.election.enable): {_some(unclean)}.",
            f"kafka-configs.sh --bootstrap-server {case.bootstrap} --alter --entity-type topics --entity-name "
            f"{unclean[0]} --add-config unclean.leader.election.enable=false",
        )
    if fine and not (stuck or behind or every or unclean):
        copies = min(one.copies for one in cluster.topics.values())
        hint = "" if copies >= COPIES else f"; production has {COPIES} brokers, and {CONFIRMED_BY} copies in sync"
        yield say.ok(f"At least {copies} of each topic, all in sync{hint}.")


def racks(case: Case) -> Iterator[Finding]:
    """Whether reading from a near copy can work."""
    say = Answers("racks", "kafka.client_rack, broker.rack and replica.selector.class of the brokers")
    rack = security_of(case.bootstrap or "").client_rack
    if case.kafka is None:
        return
    if not rack:
        yield say.skipped("kafka.client_rack is not set: consumers read from leaders.")
        return
    unknown = [note for note in notes(case.kafka.cluster, (), rack) if note.about == "rack"]
    for note in unknown:
        yield say.fail(f"{note.words}.", note.next_step)
    selector = (case.kafka.broker_config or {}).get("replica.selector.class")
    if case.kafka.broker_config is not None and not selector:
        yield say.warn(
            "Brokers have no replica.selector.class: consumers read from leaders, whatever their rack.",
            "In server.properties: replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector",
        )
    elif not unknown:
        yield say.ok(f"Brokers are in {', '.join(case.kafka.cluster.racks)}, this one reads in {rack}.")


def permissions(case: Case) -> Iterator[Finding]:
    """What the broker says that this user may do with each topic, against what the stages need."""
    say = Answers("rights", f"what brokers allow this user on topics, against {', '.join(case.stages)}")
    if case.kafka is None or not (case.kafka.cluster.topics or case.kafka.cluster.denied):
        return
    roles = [Role(stage) for stage in case.stages]
    step = f"liveprofile --bootstrap {case.bootstrap} acls {' '.join(f'--role {role}' for role in roles)} | sh"
    lacking, unknown = [], False
    for grant in rights(roles, case.settings.topics):
        if grant.resource_type is not ResourceType.TOPIC or grant.pattern_type is not PatternType.LITERAL:
            continue
        if grant.name in case.kafka.cluster.denied and grant.name != case.settings.topics.earlier_lineage:
            lacking.append(f"{grant.name}: nothing")
        elif (topic := case.kafka.cluster.topics.get(grant.name)) is not None:
            told = topic.operations >= 0
            unknown = unknown or not told
            needed = [one for one in grant.operations if told and not topic.operations >> OPERATION_CODES[one] & 1]
            lacking += [f"{grant.name}: not {', '.join(needed)}"] if needed else []
    if lacking:
        yield say.fail(f"This user lacks rights on {len(lacking)} topics: {_some(lacking)}.", step)
    if case.kafka.group is None:
        why = case.kafka.unseen.get("group", "")
        words = f"The group {case.settings.topics.group} cannot be described ({why})."
        yield say.fail(words, step) if "Authorization" in why else say.skipped(words, "Look again: liveprofile doctor")
    elif unknown:
        yield say.skipped("The brokers do not say what this user may do.")
    elif not lacking:
        yield say.ok(f"All that {', '.join(case.stages)} need on topics. Transactional ids cannot be asked for.")


def clock(case: Case) -> Iterator[Finding]:
    """The clock here against that of Kafka's controllers; nothing is written for it."""
    say = Answers("clock", "the time of the controllers' leader (DescribeQuorum), and this machine's")
    if case.kafka is None:
        return
    if case.kafka.clock is None:
        yield say.skipped(
            f"Kafka does not tell its time ({case.kafka.unseen.get('clock', '')}): that needs KRaft, and Describe on "
            "the cluster.",
            "Compare by hand: date --utc, here and on a broker.",
        )
        return
    found = case.kafka.clock
    off_ms = max(0.0, abs(found.ahead_ms) - found.within_ms)
    side = "ahead of" if found.ahead_ms > 0 else "behind"
    words = f"This clock is {abs(found.ahead_ms) / 1000:.3f} s {side} Kafka's, give or take {found.within_ms:.0f} ms"
    if off_ms < CLOCK_WARN_MS:
        yield say.ok(f"{words}.")
        return
    words += ": producers here would send events with wrong times, and tokens and certificates end early or late."
    step = "Turn time synchronisation on: timedatectl set-ntp true"
    yield say.fail(words, step) if off_ms >= CLOCK_FAIL_MS else say.warn(words, step)


def group(case: Case) -> Iterator[Finding]:
    """Whether every partition that some stage consumes has an owner."""
    say = Answers("workers", f"the consumer group {case.settings.topics.group}: members, and the partitions they own")
    if case.kafka is None or case.kafka.group is None or not case.kafka.cluster.topics:
        return
    now, names, seen = case.kafka.group, case.settings.topics, case.kafka.cluster.topics
    if not now.members:
        yield say.warn("No worker is in the group: nothing is worked on.", "liveprofile worker --processes auto")
        return
    if now.state != "Stable":
        yield say.warn(
            f"The group is sharing partitions out ({now.state}).", "Wait, and look again: liveprofile doctor"
        )
        return
    read = {
        "ingest": names.inputs,
        "profile": (names.activity,),
        "learn": (names.examples,),
        "items": (names.item_events,),
    }
    owned, fine = {place for member in now.members for place in member.partitions}, True
    for stage, consumed in read.items():
        places = [(name, part) for name in consumed if name in seen for part in range(seen[name].partitions)]
        alone = [place for place in places if place not in owned]
        if alone:
            fine = False
            yield say.fail(
                f"{len(alone)} of {len(places)} partitions of the stage {stage} have no owner, such as "
                f"{alone[0][0]}/{alone[0][1]}: records wait there.",
                f"liveprofile worker --stages {stage}",
            )
    if fine:
        yield say.ok(f"{len(now.members)} members own all partitions that stages read.")


def _not_seen(case: Case, what: str, right: str) -> tuple[str, str]:
    why = case.kafka.unseen.get(what, "") if case.kafka else ""
    return f"It cannot be read ({why}): that needs {right}.", "liveprofile acls --role ingest shows the rights."


def _some(names: list[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
