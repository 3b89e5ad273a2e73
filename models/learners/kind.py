"""The kinds of training example; `profiles.records.training_example` defines their byte layout."""

from enum import IntEnum


class ExampleKind(IntEnum):
    """What an example is about. The numbers are part of the record's layout: append only."""

    PLACE = 1
    """The vector of a profile's long-term interest; the text is the name of its largest topic."""
    LABELLED = 2
    """A prediction with its label."""
    REVIEW = 3
    """The embedding of a review, and its stars."""
    SESSION = 4
    """The largest scores of the anomaly detectors in an ended session."""
    ENTRY = 5
    """The later behaviour of a shopper by entry topic; the text is a JSON array of the shopper's topic names."""
