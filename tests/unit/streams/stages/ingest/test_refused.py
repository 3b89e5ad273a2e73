"""Dead letters of ingest are what the contract says of them."""

import msgspec
import orjson

from liveprofile.streams.contract.dead_letters import DeadLetter
from liveprofile.streams.contract.placeholders import Placeholders
from liveprofile.streams.contract.refusals import Reason, Refusal
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey, Pseudonyms
from liveprofile.streams.stages.ingest.refused import _DIGEST_HEX_CHARS, RefusedRecords

KEY = PseudonymKey(b"a key of the tests")


def test_the_digest_of_a_letter_has_as_many_digits_as_the_contract_says() -> None:
    letters = RefusedRecords(KEY, Pseudonyms(KEY, 1), Placeholders(()))
    _, value, _ = letters.letter(Refusal(Reason.BAD_TIME, "words"), "clicks", 0, 7, None, b'{"ts": "then"}')
    digest = orjson.loads(value)["digest"]
    assert len(digest) == _DIGEST_HEX_CHARS and int(digest, 16)
    said = msgspec.json.schema(DeadLetter)["$defs"]["DeadLetter"]["properties"]["digest"]["description"]
    assert f", {_DIGEST_HEX_CHARS} hex digits:" in said
