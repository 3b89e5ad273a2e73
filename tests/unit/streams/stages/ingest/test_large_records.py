"""A large record is validated in a thread, so that the event loop stays free; small ones are not worth the way."""

import threading

import pytest
from support.ingest_fakes import click, records

from liveprofile.streams.stages.ingest import stage as stages
from liveprofile.streams.stages.ingest.stage import LARGE_RECORD_BYTES

from .test_stage import handled


def click_of(size: int) -> bytes:
    """A click of so many bytes."""
    return click(note="x" * (size - len(click(note=""))))


@pytest.mark.parametrize(("more", "is_beside"), [(-1, False), (0, True), (1, True)])
async def test_a_record_is_validated_in_a_thread_from_its_size_on(
    more: int, is_beside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def validate(*arguments: object) -> object:
        threads.append(threading.current_thread())
        return whole(*arguments)

    whole = stages.validate
    monkeypatch.setattr(stages, "validate", validate)
    value = click_of(LARGE_RECORD_BYTES + more)
    assert len(value) == LARGE_RECORD_BYTES + more
    _, outbox = await handled(records([value]))
    assert [thread is not threading.main_thread() for thread in threads] == [is_beside]
    assert len(outbox.values("activity")) == 1
