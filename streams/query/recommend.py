"""Recommends items to a profile on Kafka: reads its snapshot and what is known of items, then ranks."""

from liveprofile.profiles.items.index import ItemIndex
from liveprofile.profiles.items.ranker import Ranker
from liveprofile.profiles.items.recommend import Recommendation, recommend
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import UserError
from liveprofile.streams.query import items, profile
from liveprofile.streams.query.reader import Reader


async def recommended(
    reader: Reader,
    topics: Topics,
    wanted: str,
    most: int = 10,
    *,
    half_life_s: float,
    ranker: Ranker | None = None,
    again: bool = False,
) -> list[Recommendation]:
    """Up to `most` items for the profile whose id starts with `wanted`, the best first.

    `half_life_s` is that of the items' popularity, `ranker` has weights of one's own, `again` keeps what was just
    bought. UserError where there is no such profile, or no item.
    """
    snapshot = await profile.find(reader, topics, wanted)
    index = ItemIndex(*await items.item_records(reader, topics), half_life_s)
    if not len(index):
        raise UserError(
            "No item is known yet, so there is nothing to recommend.",
            "Run a worker with the stage items, and send clicks or purchases with item_id and title.",
        )
    return recommend(snapshot, index, most, ranker, again=again)
