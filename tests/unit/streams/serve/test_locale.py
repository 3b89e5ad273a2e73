"""Messages in the reader's language: ?locale= first, then Accept-Language, else as the record has them."""

import msgspec
from support.samples import anomaly
from support.serving import Shop, anomaly_of, change, snapshot
from support.serving_fakes import TOPICS, profile_id

from liveprofile.streams.reference.samples import SAMPLES

ONE = f"/v1/profiles/{profile_id(1)}"
ENTERED = msgspec.to_builtins(SAMPLES[0])


def fill(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    shop.put(TOPICS.profile_changes, profile_id(1), change(1, 1, "x", [], [], changes=[ENTERED]))


async def test_messages_are_in_the_language_that_is_asked_for(shop: Shop) -> None:
    fill(shop)
    for asked, headers in (
        (f"{ONE}/changes?locale=zh-CN", {}),
        (f"{ONE}/changes", {"accept-language": "zh, en;q=0.5"}),
    ):
        found = await shop.ask(asked, headers=headers)
        [made] = found.json["changes"][0]["changes"]
        assert "锅具" in made["message"]
        assert {**made, "message": ""} == {**ENTERED, "message": ""}
        assert found.headers["vary"] == "Accept-Language"
    assert "Kochgeschirr" in (await shop.ask(f"{ONE}/timeline?locale=de-AT")).json["moments"][0]["words"]


async def test_without_a_language_and_in_the_shops_own_records_are_the_very_bytes(shop: Shop) -> None:
    fill(shop)
    plain = await shop.ask(f"{ONE}/changes")
    for headers in ({"accept-language": "en-GB"}, {"accept-language": "fr"}, {"accept-language": ";;q=x,,"}):
        assert (await shop.ask(f"{ONE}/changes", headers=headers)).body == plain.body
    own = await shop.ask(f"{ONE}/changes?locale=en", headers={"accept-language": "zh"})
    assert own.body == plain.body, "the address says more than the header"


async def test_an_unknown_locale_is_refused_with_those_there_are(shop: Shop) -> None:
    fill(shop)
    for asked in (f"{ONE}/changes", f"{ONE}/timeline", "/v1/anomalies"):
        found = await shop.ask(f"{asked}?locale=tlh")
        assert found.status == 400 and "de, en, zh" in found.json["detail"]


async def test_anomalies_have_reading_and_message_in_the_language(shop: Shop) -> None:
    fill(shop)
    step = anomaly_of(1, anomaly(profile_id(1), "raised", 1)) | {"contributions": {"events_last_minute": 74.0}}
    shop.put(TOPICS.profile_anomalies, profile_id(1), step)
    [found] = (await shop.ask("/v1/anomalies?locale=de")).json["anomalies"]
    assert found["reading"].startswith("74 Ereignisse") and found["reading"] in found["message"]
