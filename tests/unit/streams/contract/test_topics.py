"""The topics: their names, which belong together, and what the state needs of its topic."""

import re
from collections.abc import Mapping

import pytest
from support.paths import ROOT

from liveprofile.profiles.records.activity import SOURCES
from liveprofile.streams.admin.erasure import deadlines
from liveprofile.streams.contract.inputs import INPUTS, input_kind
from liveprofile.streams.contract.topics import MAX_BATCH_BYTES, Topic, Topics

GUIDE = ROOT / "docs" / "operations.md"


def _all(topics: Topics) -> dict[str, Topic]:
    return {topic.name: topic for topic in topics.all()}


def wanted(topics: Topics) -> dict[str, Mapping[str, str]]:
    """The configuration of every topic as it is created."""
    return {topic.name: topic.config for topic in topics.all()}


def test_inputs_and_outputs_have_the_names_of_the_contract() -> None:
    inputs = {"clicks", "searches", "purchases", "reviews", "feedback", "declarations"}
    outputs = {"profile-changes", "profiles", "profile-anomalies", "model-events", "dead-letters"}
    public = inputs | outputs | {"items", "item-neighbours"}
    assert {name for name in _all(Topics("shop")) if not name.startswith("shop.")} == public


def test_every_input_has_a_reader_and_a_number_in_source_coordinates() -> None:
    inputs = Topics("shop").inputs
    assert tuple(INPUTS) == inputs
    assert set(inputs) <= set(SOURCES)
    assert {input_kind(name) for name in Topics("shop", prefix="test-").inputs} == set(inputs)


def test_what_was_sent_is_remembered_by_its_topics_and_has_a_deadline_when_it_is_erased() -> None:
    topics = Topics("shop")
    assert set(topics.inputs) <= set(topics.remembered)
    assert set(topics.inputs) <= {deadline.topic for deadline in deadlines(topics, wanted(topics))}


def test_what_is_learnt_from_shoppers_one_by_one_has_a_deadline_and_sums_have_none() -> None:
    topics = Topics("shop")
    without = {topic.name for topic in topics.all()} - {
        deadline.topic for deadline in deadlines(topics, wanted(topics))
    }
    sums = {topics.models, topics.model_events, topics.items, topics.item_neighbours}
    assert without == sums | {topics.item_cursors, topics.progress, topics.lineage, topics.rules}


def test_internal_topics_carry_the_applications_id() -> None:
    internal = {"shop.activity", "shop.state", "shop.examples", "shop.models", "shop.lineage"}
    internal |= {"shop.item-events", "shop.item-cursors", "shop.progress", "shop.audit", "shop.rules"}
    assert {name for name in _all(Topics("shop")) if name.startswith("shop.")} == internal


def test_two_shops_with_prefixes_share_no_topic_and_no_group() -> None:
    a, b, plain = Topics(prefix="shop-a-"), Topics(prefix="shop-b-"), Topics()
    for one, other in ((a, b), (a, plain), (b, plain)):
        assert not set(_all(one)) & set(_all(other))
        assert {one.group, one.rebuild_group(2), one.state_of(2)}.isdisjoint(
            {other.group, other.rebuild_group(2), other.state_of(2)}
        )
    assert all(name.startswith("shop-a-") for name in (*_all(a), a.group))


def test_an_application_from_before_keeps_the_names_of_its_internal_topics_and_its_group() -> None:
    topics = Topics("shop", prefix="a-", prefix_internal=False)
    assert (topics.clicks, topics.state, topics.group) == ("a-clicks", "shop.state", "shop")
    assert Topics("shop", prefix="a-").earlier_lineage == topics.lineage == "shop.lineage"
    assert topics.earlier_lineage == Topics("shop").earlier_lineage == ""


def test_two_applications_share_no_internal_topic() -> None:
    assert set(_all(Topics("a"))) & set(_all(Topics("b"))) == {
        name for name in _all(Topics("a")) if not name.startswith("a.")
    }


@pytest.mark.parametrize("partitions", [1, 4, 12])
def test_what_follows_activity_has_its_number_of_partitions(partitions: int) -> None:
    topics = Topics("shop", partitions)
    specs = _all(topics)
    for name in (topics.activity, topics.state, topics.profiles, topics.profile_changes, topics.profile_anomalies):
        assert specs[name].partitions == partitions
    assert specs[topics.examples].partitions == specs[topics.models].partitions == 1


def test_topics_that_hold_a_latest_value_are_compacted_and_never_expire() -> None:
    topics = Topics()
    compacted = {name for name, topic in _all(topics).items() if topic.config["cleanup.policy"] == "compact"}
    of_items = {topics.items, topics.item_neighbours, topics.item_cursors}
    assert (
        compacted
        == {topics.state, topics.profiles, topics.models, topics.progress, topics.lineage, topics.rules} | of_items
    )
    assert all("retention.ms" not in _all(topics)[name].config for name in compacted)


def test_the_state_topic_is_as_the_design_says() -> None:
    assert dict(_all(Topics())["liveprofile.state"].config) == {
        "message.timestamp.type": "LogAppendTime",
        "cleanup.policy": "compact",
        "segment.ms": "3600000",
        "min.cleanable.dirty.ratio": "0.1",
        "max.compaction.lag.ms": "86400000",
        "delete.retention.ms": "172800000",
        "max.message.bytes": str(MAX_BATCH_BYTES),
    }


def test_the_table_in_the_operations_guide_is_what_is_created() -> None:
    rows = re.findall(r"^\| `([\w.-]+)` \| (N|1) \| (\w+) \| ([\w ]+) \| (.+) \|$", GUIDE.read_text(), re.MULTILINE)
    topics = Topics(partitions=9)
    real = [
        (t.name, "N" if t.partitions == 9 else "1", t.config["cleanup.policy"], _kept(t), t.purpose)
        for t in topics.all()
    ]
    assert rows == real


def _kept(topic: Topic) -> str:
    kept = topic.config.get("retention.ms")
    return f"{int(kept) // 86_400_000} days" if kept else "latest"
