"""Ids as they are written down: sessions as keyed digests, and so all other ids that are an address or a number."""

import msgspec

from liveprofile.streams.stages.ingest.event import Line, ValidatedEvent
from liveprofile.streams.stages.ingest.pseudonym import Pseudonyms


def with_private_ids(event: ValidatedEvent, pseudonyms: Pseudonyms) -> ValidatedEvent:
    """The event as it may leave ingest. Equal ids stay equal, and different ones different."""
    return msgspec.structs.replace(
        event,
        session_id=pseudonyms.session(event.session_id) if event.session_id else None,
        event_id=pseudonyms.stored_id(event.event_id) if event.event_id else None,
        order_id=pseudonyms.stored_id(event.order_id) if event.order_id else "",
        lines=tuple([_private(line, pseudonyms) for line in event.lines]),
    )


def _private(line: Line, pseudonyms: Pseudonyms) -> Line:
    if line.item_id is None:
        return line
    stored = pseudonyms.stored_item_id(line.item_id)
    return line if stored == line.item_id else msgspec.structs.replace(line, item_id=stored)
