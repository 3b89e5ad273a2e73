"""An application that was made from the same inputs by an earlier version stops a new one from beginning beside it."""

import pytest
from support.lineage_log import LINEAGE, Cluster

from liveprofile.streams.errors import SetupError
from liveprofile.streams.runtime.earlier_application import refuse_earlier
from liveprofile.streams.runtime.lineage import Entry, write_entries

OURS = ("de-clicks", "de-searches")


@pytest.fixture
async def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    found = Cluster()
    found.read_by(monkeypatch, "lineage")
    return found


async def noted(cluster: Cluster, *names: str) -> None:
    await write_entries(cluster, LINEAGE, {name: Entry("id", 4) for name in names})  # type: ignore[arg-type]


async def test_an_application_of_our_inputs_is_refused_by_the_name_of_its_state(cluster: Cluster) -> None:
    await noted(cluster, "de-clicks", "shop.state")
    with pytest.raises(SetupError, match=r"without the prefix, shop\.state and others") as refused:
        await refuse_earlier(cluster, "here:9092", LINEAGE, OURS)  # type: ignore[arg-type]
    assert "mixed" not in str(refused.value)


async def test_other_shops_whose_inputs_it_had_too_are_named(cluster: Cluster) -> None:
    await noted(cluster, "de-clicks", "fr-clicks", "fr-searches", "at-clicks")
    with pytest.raises(SetupError, match=r"those of at-clicks, fr-clicks: shops were mixed"):
        await refuse_earlier(cluster, "here:9092", LINEAGE, OURS)  # type: ignore[arg-type]


async def test_an_application_of_other_inputs_or_none_at_all_is_no_reason(cluster: Cluster) -> None:
    await noted(cluster, "fr-clicks", "shop.state")
    await refuse_earlier(cluster, "here:9092", LINEAGE, OURS)  # type: ignore[arg-type]
    await noted(cluster, "de-clicks")
    await refuse_earlier(cluster, "here:9092", "", OURS)  # type: ignore[arg-type]
    del cluster.topics[LINEAGE]
    await refuse_earlier(cluster, "here:9092", LINEAGE, OURS)  # type: ignore[arg-type]
