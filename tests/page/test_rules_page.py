"""The page edits rules: faults, who would move, publication, undo; and it shows streams and refused records."""

import json
import urllib.request
from typing import Any

import pytest
from support.hostile import NASTY_TEXTS
from support.page_open import opened
from support.rules import rule_text
from support.served import Served
from support.serving_fakes import NOON_MS, profile_id

from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.streams.contract.dead_letters import dead_letter
from liveprofile.streams.contract.refusals import Reason, Refusal
from liveprofile.streams.contract.rule_publications import publication

pytestmark = pytest.mark.kafka

NASTY = NASTY_TEXTS[0]
SENT = "max.mustermann@example.com"


def edited(page: Any, served: Served) -> Any:
    """The editor, with the rules in force in it."""
    opened(page, served, "#/segments/vip")
    page.get_by_role("button", name="Edit the rules").click()
    area = page.get_by_label("The file, in place of")
    area.wait_for()
    return area


def ask(served: Served, path: str) -> Any:
    """An answer of the service."""
    with urllib.request.urlopen(f"{served.url}{path}") as answer:
        return json.load(answer)


def version_of(served: Served) -> int:
    return int(ask(served, "v1/rules")["version"])


def test_a_rule_is_shown_in_words_and_a_fault_leads_to_its_line(page: Any, served: Served) -> None:
    opened(page, served, "#/segments/vip").get_by_text("Entered when orders so far at least 5").first.wait_for()
    area = edited(page, served)
    chosen = "(() => { const a = document.activeElement; return a.value.slice(a.selectionStart, a.selectionEnd) })()"
    assert page.evaluate(chosen) == 'name = "vip"'
    area.fill(area.input_value().replace("orders >= 5 and order.days < 90", "sesion.carts >= 5"))
    page.get_by_text("there is no feature sesion").wait_for()
    page.get_by_role("button", name="line ").click()
    assert page.evaluate(chosen) == 'name = "loyal"'
    assert page.get_by_role("button", name="Publish").is_disabled()


def test_rules_are_tried_before_they_are_published_and_the_history_has_them(page: Any, served: Served) -> None:
    area, before = edited(page, served), version_of(served)
    assert f"version = {before + 1}" in area.input_value()
    area.fill(area.input_value().replace("orders == 1 and", "orders == 2 and"))
    page.get_by_text("✓ starter@").wait_for()
    assert page.get_by_role("button", name="Publish").is_disabled()
    page.get_by_role("button", name="Try on all shoppers").click()
    page.get_by_text("Not tried here").wait_for()
    page.get_by_role("button", name="Publish").click()
    history = page.get_by_role("region", name="History of the rules")
    history.get_by_text(f"starter@{before + 1}").wait_for()
    history.get_by_text("in force").wait_for()
    history.get_by_role("button", name="Undo the last edit").click()
    history.get_by_role("button", name=f"Take starter@{before + 1} back").click()
    history.get_by_text(f"starter@{before + 2}").wait_for()
    assert ask(served, "v1/rules")["published"]["restores"] == "starter@1"


def test_the_edit_of_a_colleague_is_not_overwritten(page: Any, served: Served) -> None:
    area = edited(page, served)
    area.fill(area.input_value().replace("orders == 1 and", "orders == 3 and"))
    page.get_by_text("✓ starter@").wait_for()
    page.get_by_role("button", name="Try on all shoppers").click()
    page.get_by_text("Not tried here").wait_for()
    rules = RuleSet.from_record({"toml": rule_text("orders >= 1", version=version_of(served) + 5)})
    key, value = publication(rules, NOON_MS, by=NASTY)
    served.put(served.topics.rules, key.decode(), value)
    page.get_by_role("region", name="History of the rules").get_by_text(rules.label).wait_for()
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("The rules were changed meanwhile").wait_for()
    assert "orders == 3" in area.input_value(), "what was written is kept"
    page.get_by_text(NASTY).first.wait_for()
    assert page.locator("main script").count() == 0


def test_refused_records_are_shown_without_what_was_sent(page: Any, served: Served) -> None:
    value = json.dumps({"user_id": SENT, "ts": NASTY}).encode()
    _, letter, _ = dead_letter(
        Refusal(Reason.BAD_TIME, Reason.BAD_TIME.words), "clicks", 1, 7, NOON_MS, value, raw=True
    )
    served.put(served.topics.dead_letters, profile_id(1), letter)
    opened(page, served, "#/refused").get_by_text("clicks/1/7").wait_for()
    page.get_by_role("button", name="bad-time").click()
    assert "reason=bad-time" in page.url
    assert SENT not in page.content() and NASTY not in page.content()


def test_streams_say_that_no_worker_is_there(page: Any, served: Served) -> None:
    opened(page, served, "#/streams").get_by_text("no worker is in the group").wait_for()
    page.get_by_role("region", name="Partitions of the profile stage").get_by_text("nobody").first.wait_for()
