"""The kinds of example that profiles give the learners; `profiles.records.training_example` draws them as bytes."""

from enum import IntEnum


class ExampleKind(IntEnum):
    """What an example is about. The numbers are part of the record's layout: append only."""

    PLACE = 1
    """Where a profile's long-term interest lies now; its text is the name of its largest topic."""
    LABELLED = 2
    """A prediction whose outcome is known."""
    REVIEW = 3
    """The words of a review, as an embedding, and its stars."""
    SESSION = 4
    """The largest scores of the anomaly voters in a session that has ended."""
    ENTRY = 5
    """What a shopper became who entered by a topic; its text is a JSON array of the names of its topics."""
