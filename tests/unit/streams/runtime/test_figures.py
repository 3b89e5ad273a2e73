"""The figures of the runtime: what each is measured against, and the defaults that memory and latency follow from."""

import inspect

import pytest
from aiokafka import AIOKafkaConsumer

from liveprofile.streams.contract.topics import MAX_BATCH_BYTES
from liveprofile.streams.runtime import absence
from liveprofile.streams.runtime.app import SEND_SHARE, RuntimeConfig
from liveprofile.streams.runtime.lineage import Entry
from liveprofile.streams.runtime.outbox import BATCH_BYTES
from liveprofile.streams.runtime.partition_fetch import WAIT_MS
from liveprofile.streams.runtime.partition_state import FETCH_BYTES
from liveprofile.streams.runtime.record_size import MAX_RECORD_BYTES
from liveprofile.streams.runtime.runtime_outbox import RENEW_S

DAY_S = 24 * 3600.0
KAFKA_MESSAGE_BYTES = 1_048_588
"""Kafka's default of max.message.bytes."""


def test_a_fencing_token_is_renewed_four_times_in_the_day_after_which_kafka_forgets_its_epoch() -> None:
    """Three renewals may fail, and still no epoch is lost; more of them would only cost transactions."""
    assert DAY_S / RENEW_S == 4


def test_one_fetch_of_state_takes_the_largest_batch_that_a_topic_accepts() -> None:
    assert FETCH_BYTES == MAX_BATCH_BYTES


def test_a_fetch_waits_at_the_broker_as_long_as_one_of_aiokafkas_consumer() -> None:
    assert inspect.signature(AIOKafkaConsumer).parameters["fetch_max_wait_ms"].default == WAIT_MS


def test_the_largest_record_is_a_megabyte_and_fits_a_topic_with_kafkas_own_limit() -> None:
    assert MAX_RECORD_BYTES == 10**6 < KAFKA_MESSAGE_BYTES
    assert RuntimeConfig("app", "here:9092").max_record_bytes == MAX_RECORD_BYTES


def test_a_fetch_of_one_partition_has_two_full_batches_and_at_most_three_fetches_are_in_memory() -> None:
    """One is processed and two wait; a full batch still leaves room for others below the limit of a topic."""
    config = RuntimeConfig("app", "here:9092")
    assert config.fetch_bytes == 2 * BATCH_BYTES == 1 << 20
    assert BATCH_BYTES < KAFKA_MESSAGE_BYTES
    assert (1 + config.max_queued_batches) * config.fetch_bytes == 3 << 20


def test_records_to_send_wait_for_a_tenth_of_the_latency_target_so_that_most_of_it_is_left_to_the_fetch() -> None:
    config = RuntimeConfig("app", "here:9092")
    assert SEND_SHARE * config.latency_target_s == pytest.approx(0.0025)


def test_a_stop_looks_for_kafka_several_times_and_asks_no_broker_without_a_pause() -> None:
    assert absence.LOOK_S * 10 == absence.STOP_S
    assert absence.LOOK_S + absence.ANSWER_S < absence.STOP_S / 2


def test_an_entry_that_says_no_more_than_the_topic_is_of_the_oldest_layout_and_the_first_key() -> None:
    entry = Entry("id", 4)
    assert (entry.generation, entry.layout, entry.key_number) == (0, 0, 0)
    assert (entry.key_check, entry.folded, entry.rules) == ("", None, {})
