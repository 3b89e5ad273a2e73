"""Reasons of refusals: a closed set of codes, each with a sentence for people."""

from enum import StrEnum

import msgspec

from liveprofile.errors import LiveprofileError
from liveprofile.streams.contract.inputs.common import FLOOR_YEAR


class Reason(StrEnum):
    """Stable codes for downstream systems. Additive only; `GENERAL_WORDS` has the meaning of each."""

    EMPTY_VALUE = "empty-value"
    TOO_LARGE = "too-large"
    NOT_UTF8 = "not-utf8"
    MALFORMED_JSON = "malformed-json"
    TOO_DEEP = "too-deep"
    NOT_AN_OBJECT = "not-an-object"
    WRONG_TYPE = "wrong-type"
    OUT_OF_RANGE = "out-of-range"
    MISSING_USER = "missing-user"
    ID_TOO_LONG = "id-too-long"
    BAD_TIME = "bad-time"
    NO_TEXT = "no-text"
    UNKNOWN_ACTION = "unknown-action"
    NOT_AN_ACT = "not-an-act"
    FOREIGN_RECORD = "foreign-record"
    WRONG_TOPIC = "wrong-topic"
    NO_OWN_FIELDS = "no-own-fields"
    UNKNOWN_KIND = "unknown-kind"
    UNKNOWN_CURRENCY = "unknown-currency"
    NO_ITEMS = "no-items"
    TOO_MANY_ITEMS = "too-many-items"
    EMPTY_REVIEW = "empty-review"
    UNKNOWN_FEEDBACK = "unknown-feedback"
    UNKNOWN_ATTRIBUTE = "unknown-attribute"
    UNKNOWN_VALUE = "unknown-value"
    NO_ATTRIBUTES = "no-attributes"
    UNKNOWN_TOPIC = "unknown-topic"
    UNREADABLE_ACTIVITY = "unreadable-activity"

    @property
    def words(self) -> str:
        """The meaning of this reason, without details of one record."""
        return GENERAL_WORDS[self]


GENERAL_WORDS = {
    Reason.EMPTY_VALUE: "The record has no value (null or zero bytes), so there is no event in it.",
    Reason.TOO_LARGE: "The record, or one text in it, is larger than the stream accepts.",
    Reason.NOT_UTF8: "The bytes are not UTF-8 text, which JSON must be.",
    Reason.MALFORMED_JSON: "The text is not JSON: it breaks off, or holds what JSON does not know, such as NaN.",
    Reason.TOO_DEEP: "The JSON is nested so deeply that no honest event looks like it.",
    Reason.NOT_AN_OBJECT: "The JSON is a list, a text, a number or null; an event is an object.",
    Reason.WRONG_TYPE: "A field holds another kind of value than the contract says.",
    Reason.OUT_OF_RANGE: "A number lies outside the bounds of its field.",
    Reason.MISSING_USER: "Neither user_id nor anonymous_id names a shopper.",
    Reason.ID_TOO_LONG: "An identifier is longer than the contract allows.",
    Reason.BAD_TIME: "ts is not a time: send RFC 3339, epoch seconds or epoch milliseconds, "
    f"from the year {FLOOR_YEAR} on. A time long before the record's arrival is a wrong clock's.",
    Reason.NO_TEXT: "A search came without a query that has a visible character.",
    Reason.UNKNOWN_ACTION: "The action is none of those that the contract lists.",
    Reason.NOT_AN_ACT: "The record says what the shop did or showed, not what the shopper did.",
    Reason.FOREIGN_RECORD: "The record is another system's: a tracker's event, an order of a shop system, an envelope.",
    Reason.WRONG_TOPIC: "The record names an event that belongs on another topic, or another act than its fields say.",
    Reason.NO_OWN_FIELDS: "The record has none of the fields that make it one of its input's.",
    Reason.UNKNOWN_KIND: "The kind of a purchase is neither purchase, refund nor failed.",
    Reason.UNKNOWN_CURRENCY: "The currency is not a code of ISO 4217.",
    Reason.NO_ITEMS: "A purchase came without items and without a total.",
    Reason.TOO_MANY_ITEMS: "A purchase holds more items than one order can have.",
    Reason.EMPTY_REVIEW: "A review came with neither stars nor words.",
    Reason.UNKNOWN_FEEDBACK: "Feedback does not say what it is about, or what the verdict is, in the contract's words.",
    Reason.UNKNOWN_ATTRIBUTE: "No attribute of this name is in the vocabulary of declarations.",
    Reason.UNKNOWN_VALUE: "The vocabulary of declarations does not know this value for the attribute.",
    Reason.NO_ATTRIBUTES: "A declaration came without attributes.",
    Reason.UNKNOWN_TOPIC: "No reader knows this topic.",
    Reason.UNREADABLE_ACTIVITY: "A record of the internal activity log is damaged, or none of ours.",
}


def fault_of(number: float, *, above_zero: bool = False) -> str:
    """What is wrong with a number outside its bounds, without its digits: they could be anybody's.

    >>> fault_of(-1.0), fault_of(4111111111111111.0), fault_of(0.0, above_zero=True), fault_of(float("nan"))
    ('is negative', 'is too large', 'is 0', 'is not a number')
    """
    if number < 0:
        return "is negative"
    if number == 0 and above_zero:
        return "is 0"
    return "is too large" if number > 0 else "is not a number"


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """The refusal of one record: a code for programs, and words for people."""

    reason: Reason
    words: str


class RefusedError(LiveprofileError, ValueError):
    """An input record that is not valid; `validate` turns it into the `Refusal` that its dead letter holds."""

    next_step = "Correct the record at its producer: docs/schemas has what is valid."

    def __init__(self, reason: Reason, words: str = "") -> None:
        super().__init__(words or reason.words)
        self.refusal = Refusal(reason, words or reason.words)
