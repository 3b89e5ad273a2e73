"""The entry topic: the topic of a shopper's first activity that had one."""

from liveprofile.profiles.numeric.aliases import Row
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.traits.trait import Field, Moment, Trait


@compiled
def update_entry(row: Row, event: Row, moment: Moment) -> None:
    """Keep the first topic."""
    if row.entry == 0:
        row.entry = event.category


ENTRY = Trait(
    name="entry",
    meaning="The topic of the first activity that had one.",
    state=(Field("entry", "<u4", "digest of the topic; 0 for none yet"),),
    update=update_entry,
)
