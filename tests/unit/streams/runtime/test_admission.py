"""The topics of a cluster as a worker needs them: there, if a little late, and with as many partitions as ever."""

from typing import Any

import pytest
from support.runtime_fakes import config

from liveprofile.streams.errors import SetupError
from liveprofile.streams.runtime import admission
from liveprofile.streams.runtime.admission import require_topics


class Counts:
    """Partition counts of a cluster in which topics appear after some looks."""

    def __init__(self, *looks: dict[str, int]) -> None:
        self.looks = list(looks)

    async def partition_counts(self, topics: Any) -> dict[str, int]:
        assert set(topics) == {"clicks"}
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "SETUP_WAIT_S", 0.0)


async def looked(*looks: dict[str, int]) -> None:
    """Look at a cluster for the topic of the settings."""
    await require_topics(Counts(*looks), config(), ["clicks"])  # type: ignore[arg-type]


async def test_topics_with_the_partitions_of_the_settings_are_accepted_also_a_little_later() -> None:
    for looks in ([{"clicks": 2}], [{"clicks": 0}] * 9 + [{"clicks": 2}]):
        await looked(*looks)


async def test_a_missing_topic_is_refused_after_ten_looks() -> None:
    with pytest.raises(SetupError, match=r"'clicks' does not exist on 127\.0\.0\.1:1"):
        await looked(*[{"clicks": 0}] * 10, {"clicks": 2})


@pytest.mark.parametrize("count", [1, 3])
async def test_more_or_fewer_partitions_are_refused_with_both_numbers(count: int) -> None:
    with pytest.raises(SetupError, match=f"'clicks' has {count} partitions, this application was set up with 2"):
        await looked({"clicks": count})
