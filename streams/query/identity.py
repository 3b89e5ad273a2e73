"""Profile ids: the pseudonym of a shop's own user id, as the stage ingest makes it."""

from liveprofile.streams.contract.inputs import Click
from liveprofile.streams.contract.placeholders import Placeholders
from liveprofile.streams.contract.refusals import RefusedError
from liveprofile.streams.errors import UserError
from liveprofile.streams.stages.ingest.fields import shopper_of, without_placeholders
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey, Pseudonyms, partition_of


def profile_id(user_id: str, key: bytes, *, anonymous: bool = False) -> str:
    """The profile id of a user id under the shop's key: 32 hexadecimal digits of HMAC-SHA256.

    `key` is the key that the workers run with, as bytes; `anonymous` tells that the id is one of a device or a cookie.
    UserError for an id that ingest would refuse, ValueError for a key of fewer than 16 bytes.

    >>> profile_id("u-1042", b"a key for this example")
    'aa7321e7b137501ef15eef3bdd1f4242'
    >>> profile_id("u-1042", b"a key for this example", anonymous=True)
    '531ce70b00c2c4c4d3dea4448236c420'
    """
    event = Click(anonymous_id=user_id) if anonymous else Click(user_id=user_id)
    without_placeholders(event, Placeholders())
    try:
        shopper = shopper_of(event)
    except RefusedError as refused:
        raise UserError(f"This is not an id of a shopper: {refused}", "Give the id that the shop sends.") from None
    return Pseudonyms(PseudonymKey(key), partitions=1).of(shopper)[0].decode()


def home_of(profile_id: bytes, partitions: int) -> int:
    """The partition of a profile in `activity` and in the outputs; `profile_id` has 16 bytes.

    >>> home_of(bytes.fromhex("aa7321e7b137501ef15eef3bdd1f4242"), 4)
    3
    """
    return partition_of(profile_id.hex().encode(), partitions)
