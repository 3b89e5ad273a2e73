"""Reviews, feedback and declarations: accepted as the contract says, refused with the reason that fits."""

import orjson
import pytest

from liveprofile.profiles.records.activity import Action, digest32, offer_subject
from liveprofile.profiles.traits.attributes import shipped
from liveprofile.streams.contract.refusals import Reason, Refusal
from liveprofile.streams.stages.ingest.event import Line, ValidatedEvent
from liveprofile.streams.stages.ingest.validate import validate


def accepted(topic: str, **fields: object) -> ValidatedEvent:
    verdict = validate(topic, orjson.dumps({"user_id": "u1", **fields}))
    assert isinstance(verdict, ValidatedEvent), verdict
    return verdict


def refused(topic: str, **fields: object) -> Refusal:
    verdict = validate(topic, orjson.dumps({"user_id": "u1", **fields}))
    assert isinstance(verdict, Refusal), verdict
    return verdict


def test_the_words_of_a_review_are_embedded_under_the_products_category_and_not_kept():
    event = accepted(
        "reviews", item_id="p1", title="Red Vase", category="Home > Decor", stars="4.5", text="Too small! jane@x.org"
    )
    line = event.lines[0]
    assert (event.action, line.text, line.stars) == (Action.REVIEW, "too small! [email]", 45)
    assert (line.title, line.category, line.item_id) == ("Red Vase", "home/decor", "p1")


def test_stars_alone_are_a_review_whose_product_is_not_taken_for_its_words():
    line = accepted("reviews", title="Red Vase", category="home", stars=1).lines[0]
    assert (line.text, line.stars, line.title) == ("", 10, "Red Vase")


@pytest.mark.parametrize("stars", [0.9, 5.1, -3, 1e30, "nan", "inf"])
def test_stars_beyond_one_to_five_are_refused(stars: object):
    assert refused("reviews", stars=stars, text="good").reason is Reason.OUT_OF_RANGE


def test_stars_of_zero_are_unknown_and_the_words_count():
    line = accepted("reviews", stars=0, text="good").lines[0]
    assert (line.stars, line.text) == (0, "good")
    assert refused("reviews", stars=0).reason is Reason.EMPTY_REVIEW


def test_a_review_without_stars_and_words_is_refused():
    assert refused("reviews", title="Red Vase", text=" \u200b ").reason is Reason.EMPTY_REVIEW


@pytest.mark.parametrize(("verdict", "action"), [("accepted", Action.ACCEPT), (" Refused ", Action.REFUSE)])
def test_feedback_on_a_tag_is_about_its_name(verdict: str, action: Action):
    event = accepted("feedback", about="Tag", name=" Bargain  Hunter ", verdict=verdict)
    assert (event.action, event.lines) == (action, (Line(subject="bargain hunter"),))


def test_an_offer_carries_its_product_and_is_never_taken_for_a_tag_of_the_same_name():
    offer = {"about": "offer", "name": "VIP", "verdict": "refused"}
    line = accepted("feedback", **offer, item_id=7, title="Red Vase", category="home/decor").lines[0]
    assert (line.subject, line.text, line.category, line.item_id) == ("offer:vip", "red vase", "home/decor", "7")
    assert digest32(offer_subject("vip")) != digest32("vip")


def test_a_correction_has_the_spelling_of_the_vocabulary():
    event = accepted("feedback", about="attribute", name="Age_Band", verdict="corrected", value=41)
    assert (event.action, event.lines) == (Action.CORRECT, (Line(subject="age_band", value="35-44"),))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, Reason.UNKNOWN_FEEDBACK),
        ({"about": "shop", "name": "a", "verdict": "accepted"}, Reason.UNKNOWN_FEEDBACK),
        ({"about": "tag", "name": "a", "verdict": "loved"}, Reason.UNKNOWN_FEEDBACK),
        ({"about": "tag", "name": "a", "verdict": "corrected", "value": "b"}, Reason.UNKNOWN_FEEDBACK),
        ({"about": "tag", "name": " \u200b", "verdict": "accepted"}, Reason.UNKNOWN_FEEDBACK),
        ({"about": "offer", "name": "x" * 129, "verdict": "accepted"}, Reason.UNKNOWN_FEEDBACK),
        ({"about": "attribute", "name": "religion", "verdict": "refused"}, Reason.UNKNOWN_ATTRIBUTE),
        ({"about": "attribute", "name": "language", "verdict": "corrected"}, Reason.UNKNOWN_VALUE),
        ({"about": "attribute", "name": "language", "verdict": "corrected", "value": "xx"}, Reason.UNKNOWN_VALUE),
        ({"about": "tag", "name": ["a"], "verdict": "accepted"}, Reason.WRONG_TYPE),
    ],
)
def test_feedback_beyond_the_contract_is_refused_with_its_reason(fields: dict[str, object], reason: Reason):
    assert refused("feedback", **fields).reason is reason


def test_a_declaration_is_a_line_an_attribute_in_the_order_of_the_vocabulary():
    one = accepted("declarations", attributes={"newsletter": True, "household_size": 3.0, "language": " DE "})
    other = accepted("declarations", attributes={"language": "de", "household_size": "3", "Newsletter": "yes"})
    wanted = (
        Line(subject="language", value="de"),
        Line(subject="household_size", value="3"),
        Line(subject="newsletter", value="yes"),
    )
    assert one.lines == other.lines == wanted
    assert one.action is Action.DECLARE


def test_null_takes_a_declaration_back():
    assert accepted("declarations", attributes={"gender": None}).lines == (Line(subject="gender"),)


def test_a_declared_category_has_the_spelling_and_the_digest_of_the_topic():
    line = accepted("declarations", attributes={"preferred_category": "Home > Kitchen & Dining"}).lines[0]
    assert line.value == line.category == "home/kitchen-dining"


def test_an_unknown_attribute_is_refused_in_words_that_name_the_known_ones():
    verdict = refused("declarations", attributes={"language": "de", "<script>": "x"})
    assert verdict.reason is Reason.UNKNOWN_ATTRIBUTE
    assert "script" not in verdict.words
    assert all(name in verdict.words for name in shipped().attributes)


def test_an_unknown_value_is_refused_in_words_that_name_the_known_ones():
    verdict = refused("declarations", attributes={"clothing_size": "<script>"})
    assert (verdict.reason, "script" in verdict.words, "xxl" in verdict.words) == (Reason.UNKNOWN_VALUE, False, True)


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        (None, Reason.NO_ATTRIBUTES),
        ({}, Reason.NO_ATTRIBUTES),
        ({"household_size": 2.5}, Reason.UNKNOWN_VALUE),
        ({"household_size": 0}, Reason.UNKNOWN_VALUE),
        ({"income_band": -1}, Reason.UNKNOWN_VALUE),
        ({"income_band": "1e400"}, Reason.UNKNOWN_VALUE),
        ({"preferred_category": 7}, Reason.UNKNOWN_VALUE),
        ({"preferred_category": "jane@example.com"}, Reason.UNKNOWN_VALUE),
        ({"preferred_category": "x" * 70_000}, Reason.UNKNOWN_VALUE),
        ({"language": ["de"]}, Reason.WRONG_TYPE),
        (["language"], Reason.WRONG_TYPE),
    ],
)
def test_a_declaration_beyond_the_vocabulary_is_refused_with_its_reason(attributes: object, reason: Reason):
    assert refused("declarations", attributes=attributes).reason is reason
