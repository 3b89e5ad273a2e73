"""Each role has the rights that its processes need, and no more; what they need is read from the code of the stages."""

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from support.offline import DrawnWiring
from support.paths import ROOT

from liveprofile.streams.admin.acls.grant import Grant, Operation, PatternType, ResourceType
from liveprofile.streams.admin.acls.rights import rights
from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.admin.acls.table import rights_table
from liveprofile.streams.admin.erasure import held_by
from liveprofile.streams.backtest.engine.parts import offline
from liveprofile.streams.cli.worker import STAGES, runtime_config
from liveprofile.streams.contract.topics import Topics, fencing_token_prefix
from liveprofile.streams.errors import UserError
from liveprofile.streams.runtime.stage import Stage, WritesAlone
from liveprofile.streams.settings import Settings
from liveprofile.streams.stages.profile.loading import state_claim
from liveprofile.streams.stages.wiring import Wiring

TOPICS = Topics("shop", prefix="test-")
WORKERS = [Role(name) for name in STAGES]
OF_MONITORS = frozenset({"positions.py", "status.py"})
"""Modules of queries that are not for readers."""
HOLDERS = {"topics", "_topics", "names"}
"""What the stages call the `Topics` that they name a topic of."""


def allowed(role: Role, operation: Operation) -> set[str]:
    """The topics that a role may do something with, by their exact names; but for the earlier lineage."""
    return {
        one.name
        for one in rights([role], TOPICS)
        if (one.resource_type, one.pattern_type) == (ResourceType.TOPIC, PatternType.LITERAL)
        and operation in one.operations
    } - {TOPICS.earlier_lineage}


def grant(role: Role, resource_type: ResourceType, name: str) -> Grant:
    """What a role may do with a resource, by its exact name or by a beginning of it."""
    return next(
        one
        for one in rights([role], TOPICS)
        if one.resource_type is resource_type
        and (name == one.name or (one.pattern_type is PatternType.PREFIXED and name.startswith(one.name)))
    )


def topics_named_in(tree: ast.AST) -> Iterator[str]:
    """The topics that code names, as attributes of a `Topics`."""
    known = {topic.name for topic in TOPICS.all()}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        holder = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        if holder not in HOLDERS:
            continue
        found = getattr(TOPICS, "state" if node.attr == "state_of" else node.attr, None)
        yield from (
            {found} & known if isinstance(found, str) else set(found or ()) & known if node.attr == "inputs" else ()
        )


def topics_of_folder(folder: Path, without: frozenset[str] = frozenset()) -> set[str]:
    """The topics that the modules of a folder name, but for those `without`."""
    return topics_of_modules(module for module in folder.glob("*.py") if module.name not in without)


def topics_of_modules(modules: Iterable[Path]) -> set[str]:
    """The topics that modules name."""
    return {name for module in modules for name in topics_named_in(ast.parse(module.read_text(encoding="utf-8")))}


def topics_of_stage(role: Role) -> set[str]:
    """The topics that the code of a stage and its wiring name."""
    wiring = ast.parse(textwrap.dedent(inspect.getsource(getattr(Wiring, role.value))))
    return topics_of_folder(ROOT / "streams" / "stages" / role.value) | set(topics_named_in(wiring))


@cache
def settings() -> Settings:
    return offline(Settings(app_id=TOPICS.app_id, topic_prefix=TOPICS.prefix))


@pytest.fixture
def stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[Role, Stage]:
    monkeypatch.chdir(tmp_path)
    return {Role(stage.name): stage for stage in DrawnWiring(settings()).stages(STAGES)}


@pytest.mark.parametrize("role", WORKERS)
def test_a_stage_reads_and_writes_the_topics_that_its_code_names_and_no_others(role: Role) -> None:
    used = (allowed(role, Operation.READ) | allowed(role, Operation.WRITE)) - {TOPICS.lineage}
    assert used == topics_of_stage(role)


@pytest.mark.parametrize("role", WORKERS)
def test_a_stage_may_read_what_it_consumes_and_write_what_only_it_writes(role: Role, stages: dict[Role, Stage]) -> None:
    stage = stages[role]
    assert set(stage.topics) <= allowed(role, Operation.READ)
    written_alone = stage.written_alone if isinstance(stage, WritesAlone) else ()
    assert set(written_alone) <= allowed(role, Operation.WRITE)
    others = {
        other: one.written_alone for other, one in stages.items() if other != role and isinstance(one, WritesAlone)
    }
    assert not {name for names in others.values() for name in names} & allowed(role, Operation.WRITE)


@pytest.mark.parametrize("role", WORKERS)
def test_a_stage_that_takes_fencing_tokens_may_have_those_of_all_its_partitions(
    role: Role, stages: dict[Role, Stage]
) -> None:
    token = f"{fencing_token_prefix(TOPICS.group, role.value)}12"
    if not isinstance(stages[role], WritesAlone):
        with pytest.raises(StopIteration):
            grant(role, ResourceType.TRANSACTIONAL_ID, token)
        return
    assert Operation.WRITE in grant(role, ResourceType.TRANSACTIONAL_ID, token).operations


@pytest.mark.parametrize("role", [Role.PROFILE, Role.ADMIN])
def test_whoever_writes_a_later_state_may_have_its_token_and_its_topic(role: Role) -> None:
    token = grant(role, ResourceType.TRANSACTIONAL_ID, state_claim(TOPICS, 12, 3))
    topic = grant(role, ResourceType.TOPIC, TOPICS.state_of(12))
    assert Operation.WRITE in token.operations
    assert {Operation.READ, Operation.WRITE} <= set(topic.operations)


@pytest.mark.parametrize("role", WORKERS)
def test_a_worker_may_look_at_everything_that_it_checks_before_it_starts(role: Role) -> None:
    config = runtime_config(settings(), "nowhere:1")
    assert {topic.name for topic in config.shapes} <= allowed(role, Operation.DESCRIBE_CONFIGS)
    looked_at = {*config.partitions, *config.remembered, config.lineage_topic}
    assert looked_at <= allowed(role, Operation.DESCRIBE)
    assert config.lineage_topic in allowed(role, Operation.READ) & allowed(role, Operation.WRITE)
    assert Operation.READ in grant(role, ResourceType.GROUP, config.app_id).operations
    earlier = grant(role, ResourceType.TOPIC, config.earlier_lineage)
    assert set(earlier.operations) == {Operation.READ, Operation.DESCRIBE}
    later = grant(role, ResourceType.TOPIC, TOPICS.state_of(2))
    assert Operation.DESCRIBE in later.operations


@pytest.mark.parametrize("role", [role for role in Role if TOPICS.state in allowed(role, Operation.DESCRIBE)])
@pytest.mark.parametrize("operation", [Operation.READ, Operation.WRITE])
def test_whoever_reads_or_writes_the_state_does_so_in_all_its_generations(role: Role, operation: Operation) -> None:
    later = grant(role, ResourceType.TOPIC, TOPICS.state_of(2)).operations
    assert (operation in later) == (TOPICS.state in allowed(role, operation))


def test_a_reader_reads_what_queries_read_and_all_outputs_and_writes_nothing() -> None:
    outputs = {topic.name for topic in TOPICS.all() if not topic.is_input and not topic.is_internal}
    read = topics_of_folder(ROOT / "streams" / "query", without=OF_MONITORS)
    assert allowed(Role.READER, Operation.READ) == read | outputs | {TOPICS.lineage}
    assert not allowed(Role.READER, Operation.WRITE)
    assert {one.resource_type for one in rights([Role.READER], TOPICS)} == {ResourceType.TOPIC}


def test_a_monitor_reads_what_the_status_is_made_of_and_writes_nothing() -> None:
    named = topics_of_modules(ROOT / "streams" / "query" / module for module in OF_MONITORS)
    assert allowed(Role.MONITOR, Operation.READ) == named
    assert not allowed(Role.MONITOR, Operation.WRITE)
    assert grant(Role.MONITOR, ResourceType.GROUP, TOPICS.group).operations == (Operation.DESCRIBE,)


def test_a_program_that_reads_has_a_group_of_its_own_and_never_that_of_the_workers() -> None:
    mailer = next(one for one in rights([Role.READER], TOPICS, ["mailer"]) if one.resource_type is ResourceType.GROUP)
    assert mailer == Grant(ResourceType.GROUP, "mailer", PatternType.LITERAL, (Operation.READ,))
    for own in (TOPICS.group, TOPICS.rebuild_group(2)):
        with pytest.raises(UserError, match="the application itself"):
            rights([Role.READER], TOPICS, [own])


def test_an_eraser_sees_how_long_each_topic_keeps_data_of_a_shopper_and_writes_only_to_activity() -> None:
    assert set(held_by(TOPICS)) <= allowed(Role.ERASER, Operation.DESCRIBE_CONFIGS)
    assert set(held_by(TOPICS)) <= allowed(Role.ERASER, Operation.DESCRIBE)
    assert allowed(Role.ERASER, Operation.WRITE) == {TOPICS.activity}
    assert Operation.DESCRIBE_CONFIGS in grant(Role.ERASER, ResourceType.TOPIC, TOPICS.state_of(2)).operations


def test_an_admin_makes_every_topic_and_deletes_no_other_than_states_of_rebuilds_and_records_of_activity() -> None:
    everything = {topic.name for topic in TOPICS.all()}
    assert allowed(Role.ADMIN, Operation.CREATE) == everything
    assert set(TOPICS.remembered) <= allowed(Role.ADMIN, Operation.READ)
    deleting = {
        (one.resource_type, one.name) for one in rights([Role.ADMIN], TOPICS) if Operation.DELETE in one.operations
    }
    assert deleting == {
        (ResourceType.TOPIC, TOPICS.activity),
        (ResourceType.TOPIC, TOPICS.later_states),
        (ResourceType.GROUP, TOPICS.rebuild_groups),
    }
    assert set(grant(Role.ADMIN, ResourceType.GROUP, TOPICS.rebuild_group(2)).operations) >= {Operation.READ}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_an_admin_creates_or_deletes(role: Role) -> None:
    assert not allowed(role, Operation.CREATE) | allowed(role, Operation.DELETE)


@pytest.mark.parametrize("topic", [topic.name for topic in TOPICS.all()])
def test_every_topic_is_read_or_written_by_some_role(topic: str) -> None:
    assert [role for role in Role if topic in allowed(role, Operation.READ) | allowed(role, Operation.WRITE)]


@pytest.mark.parametrize("topic", TOPICS.inputs)
def test_only_a_producer_writes_what_the_shop_writes_and_it_writes_nothing_else(topic: str) -> None:
    """But for verdicts on anomalies, which the query service takes."""
    verdicts = [Role.SERVE] if topic == TOPICS.feedback else []
    assert {role for role in Role if topic in allowed(role, Operation.WRITE)} == {Role.PRODUCER, *verdicts}
    assert allowed(Role.PRODUCER, Operation.WRITE) == set(TOPICS.inputs)
    assert allowed(Role.PRODUCER, Operation.READ) == {TOPICS.lineage}


@pytest.mark.parametrize("role", list(Role))
def test_every_name_begins_with_the_prefix_and_none_is_a_wildcard(role: Role) -> None:
    names = {one.name for one in rights([role], TOPICS)} - {TOPICS.earlier_lineage}
    assert all(name.startswith(TOPICS.prefix) and name != TOPICS.prefix for name in names)
    internal = Topics("shop")
    public = {topic.name for topic in internal.all() if not topic.is_internal}
    assert all(one.name in public or one.name.startswith("shop") for one in rights([role], internal))


@pytest.mark.parametrize("role", list(Role))
def test_a_beginning_stands_only_for_states_rebuilds_and_tokens_of_the_application(role: Role) -> None:
    begun = {one.name for one in rights([role], TOPICS) if one.pattern_type is PatternType.PREFIXED}
    assert all(name.startswith(f"{TOPICS.group}.") for name in begun)


def test_two_applications_of_different_prefixes_may_do_nothing_with_topics_of_each_other() -> None:
    one, other = Topics(prefix="a-"), Topics(prefix="b-")
    names = [{grant.name for grant in rights(list(Role), topics)} for topics in (one, other)]
    assert names[0] & names[1] == {one.earlier_lineage}


def test_a_grant_of_everything_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="other than"):
        Grant(ResourceType.TOPIC, "*", PatternType.LITERAL, (Operation.READ,))


def test_the_documentation_has_the_table() -> None:
    assert rights_table(Topics()) in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_code_that_names_another_topic_is_found() -> None:
    assert set(topics_named_in(ast.parse("self._topics.models, topics.state_of(2), fields.items()"))) == {
        TOPICS.models,
        TOPICS.state,
    }
