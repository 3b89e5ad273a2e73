"""Devices, networks and countries: told apart, and never written down as they came."""

import orjson
import pytest

from liveprofile.profiles.records.activity import country_code, country_name, decode_heads
from liveprofile.streams.stages.ingest.encode import Encoder
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.origin import country_of, device_of, network_of
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey, Pseudonyms
from liveprofile.streams.stages.ingest.validate import validate

PSEUDONYMS = Pseudonyms(PseudonymKey(b"a key of the tests"), 4)


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        (" 203.0.113.250 ", "203.0.113.0/24"),
        ("203.0.113.7:51234", "203.0.113.0/24"),
        ("[2001:db8:7::1]:443, 10.0.0.6", "2001:db8:7::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ('for="[2001:db8:7::1]:80";proto=https', "2001:db8:7::/48"),
        ("203.0.113.7:x:y", ""),
        ("198.51.100.4, 10.0.0.1", "198.51.100.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:7:8:9::1", "2001:db8:7::/48"),
        ("0.0.0.1", "0.0.0.0/24"),
        ("unknown", ""),
        ("1.2.3.4.5", ""),
        ("9" * 100_000, ""),
        ("", ""),
        (None, ""),
    ],
)
def test_an_address_is_known_by_its_network_only(ip: str | None, network: str):
    assert network_of(ip) == network


@pytest.mark.parametrize(
    ("locale", "country"),
    [("en-GB", "GB"), ("de_at.UTF-8", "AT"), ("zh-Hant-TW", "TW"), ("de-DE,de;q=0.9", "DE"), ("en", ""), ("C", "")],
)
def test_a_locale_is_known_by_its_country_only(locale: str, country: str):
    assert country_name(country_of(locale)) == country


@pytest.mark.parametrize("locale", ["es-419", "en-GBR", "ｅｎ-ＧＢ", "-GB", "x" * 100_000, "", None])
def test_a_locale_without_a_country_has_none(locale: str | None):
    assert country_of(locale) == 0


def test_devices_are_told_apart_whatever_their_capitals_and_nobodys_is_none():
    assert device_of(" Pixel-8 ") == device_of("pixel-8") != device_of("pixel-9")
    assert device_of(None) == ""
    nobodys = validate("clicks", orjson.dumps({"user_id": "u1", "title": "Vase", "device": "undefined"}))
    assert isinstance(nobodys, ValidatedEvent) and nobodys.device == ""


def test_digests_are_keyed_and_of_a_kind():
    other = Pseudonyms(PseudonymKey(b"another key of 22 bytes"), 4)
    assert PSEUDONYMS.device("pixel-8") == PSEUDONYMS.device("pixel-8") != other.device("pixel-8")
    assert PSEUDONYMS.device("same") != PSEUDONYMS.network("same")
    assert PSEUDONYMS.device("") == PSEUDONYMS.network("") == 0


def test_no_record_shows_a_device_or_an_address():
    sent = {"user_id": "u1", "device": "Secret-Device-1", "ip": "203.0.113.77", "locale": "en-GB", "title": "Vase"}
    event = validate("clicks", orjson.dumps(sent))
    assert isinstance(event, ValidatedEvent)
    device, network = PSEUDONYMS.device(event.device), PSEUDONYMS.network(event.network)
    record = Encoder(4).encode(event, [(bytes(8), None)], 0, 0, 0, device, network)[0]
    head = decode_heads([record], 4)[0]
    assert (head["device"], head["network"], head["country"]) == (device, network, country_code("GB"))
    assert device and network and device != network
    assert b"secret" not in record.lower() and b"203.0" not in record
