"""No id leaves ingest that is a session's, or somebody's address or number; equal ids stay equal."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import decode_heads, decode_tail, digest64
from liveprofile.streams.contract.personal_data.ids import is_personal_id
from liveprofile.streams.contract.refusals import Refusal
from liveprofile.streams.stages.ingest.activity_encoder import ActivityEncoder
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.private_ids import with_private_ids
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey, Pseudonyms
from liveprofile.streams.stages.ingest.validate import validate

KEY = b"a key of the tests"
PERSONAL = (
    *(
        "+4915112345678",
        "004915112345678",
        "tel:+49 151 1234567",
        "+49 (151) 1234567",
        "(415) 555-2671",
        "415-555-2671",
    ),
    *(
        "jane@example.com",
        "jane%40example.com",
        "jane%2540example.com",
        "order-jane@example.com-17",
        "%2B4915112345678",
    ),
    *("user:+4915112345678:cart", "KzQ5MTUxMTIzNDU2Nzg=", "amFuZUBleGFtcGxlLmNvbQ", "6a616e65406578616d706c652e636f6d"),
    *(
        "jane[at]example.com",
        "4111-1111-1111-1111",
        "DE89 3704 0044 0532 0130 00",
        "+٤٩١٥١١٢٣٤٥٦٧٨",
        "＋４９１５１１２３４５６７８",
    ),
)
PLAIN = (
    *(
        "550e8400-e29b-41d4-a716-446655440000",
        "5f2b18e4c3a1d9e7f0b4a6c8",
        "01HV6Y3Q9G4K5M7N8P9Q0R1S2T",
        "V1StGXR8_Z5jdHi6B-myT",
    ),
    *("SKU-12.5-red", "ord-2024-11-30-0017", "1042/17", "2024.11.30-17", "B08N5WRWNW", "GSR 12V-35 FC", "5001"),
    *("4006381333931", "13812345678", "100-200-300", "a@b", "50%", "x" * 256),
)


def event(**fields: object) -> ValidatedEvent:
    verdict = validate("clicks", orjson.dumps({"user_id": "u1", "action": "view", **fields}))
    assert not isinstance(verdict, Refusal)
    return verdict


def private(sent: ValidatedEvent, key: bytes = KEY) -> ValidatedEvent:
    return with_private_ids(sent, Pseudonyms(PseudonymKey(key), 1))


@pytest.mark.parametrize("written", PERSONAL)
def test_an_id_that_is_an_address_or_a_number_is_written_as_a_digest(written):
    stored = private(event(event_id=written, item_id=written))
    assert stored.event_id == stored.lines[0].item_id
    assert stored.event_id is not None and stored.event_id.startswith("id-") and len(stored.event_id) == 19


@pytest.mark.parametrize("written", PLAIN)
def test_all_other_ids_are_written_as_they_were_sent(written):
    stored = private(event(event_id=written, item_id=written))
    assert (stored.event_id, stored.lines[0].item_id) == (written, written)


@given(st.lists(st.sampled_from(PERSONAL) | st.text(min_size=1, max_size=40), min_size=2, max_size=2))
def test_ids_are_equal_afterwards_where_they_were_before(written):
    ids = Pseudonyms(PseudonymKey(KEY), 1)
    for of in (ids.stored_id, ids.session):
        assert (of(written[0]) == of(written[1])) == (written[0] == written[1])


def test_a_session_is_known_by_a_digest_that_only_the_key_gives():
    sent = event(session_id="s3cr3t-Session-Cookie")
    one, other = private(sent), private(sent, b"another key of the tests")
    assert one.session_id == private(sent).session_id != other.session_id
    assert one.session_id is not None and len(one.session_id) == 16 and "s3cr3t" not in one.session_id


def test_neither_session_nor_personal_ids_are_in_an_activity():
    sent = {"user_id": "u1", "event_id": "jane@example.com", "session_id": "s3cr3t", "item_id": "+4915112345678"}
    encoder = ActivityEncoder(KEY)
    (value,) = encoder.encode("clicks", orjson.dumps({**sent, "ts": 1748772000}), offset=0)[1]
    dims = Policy().dims
    tail = decode_tail(value, dims)
    assert tail.session_id is not None
    assert decode_heads([value], dims)["session"].tolist() == [digest64(tail.session_id)]
    assert not any(word in value for word in (b"jane", b"s3cr3t", b"4915112345678"))


@given(st.text(max_size=60))
def test_any_text_can_be_asked_about(written):
    assert is_personal_id(written) in (True, False)
