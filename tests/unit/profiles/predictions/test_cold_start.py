"""Cold start: a newcomer is expected to become what those became who began alike, and it is marked as such."""

import pytest
from support.activities import activity, control_record
from support.folding import Shopper

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.learners.priors import Priors
from liveprofile.profiles.predictions.cold_start import AdoptedPriors, prior_of
from liveprofile.profiles.predictions.cold_start_example import BECOME, KNOWN_AFTER
from liveprofile.profiles.records.activity import Action, digest32
from liveprofile.profiles.records.activity import Kind as ActivityKind
from liveprofile.profiles.records.training_example import decode
from liveprofile.profiles.state.dictionary import Dictionary


def known(entry: str, then: str, buys: bool) -> Shopper:
    """A shopper who entered by one topic and came to like another."""
    shopper, examples = Shopper(), []
    for at in range(KNOWN_AFTER + 5):
        action = Action.PURCHASE if buys and at == 20 else Action.VIEW
        topic = entry if at == 0 else then
        total = 40.0 if action == Action.PURCHASE else 0.0
        result = shopper.does(activity(action, at_s=at * 60.0, offset=at, topic=topic, total=total))
        examples += [
            one for key, value in result.examples if (one := decode(key, value)) and one.kind == ExampleKind.ENTRY
        ]
    shopper.entries = examples  # type: ignore[attr-defined]
    return shopper


def priors() -> AdoptedPriors:
    learner = Priors(BECOME)
    for entry, then, buys in (("garden", "garden/tools", True), ("toys", "books", False)):
        for _ in range(10):
            (example,) = known(entry, then, buys).entries  # type: ignore[attr-defined]
            learner.learn(example.row, example.text)
    numbers = learner.adoption() or {}
    return AdoptedPriors.from_record({"what": "priors", "name": "priors", "version": 4, **numbers})


ADOPTED = priors()


def names() -> Dictionary:
    found = Dictionary()
    found.learn(digest32("garden"), "garden")
    return found


def test_each_shopper_is_an_example_once() -> None:
    assert len(known("garden", "toys", buys=False).entries) == 1  # type: ignore[attr-defined]


def test_a_newcomer_is_expected_to_become_what_those_became_who_entered_alike() -> None:
    prior = prior_of(1, digest32("garden"), -1, names(), ADOPTED)
    assert prior is not None and (prior.of, prior.model) == ("entry:garden", "priors@4")
    assert prior.interests[0].topic == "garden/tools" and prior.interests[0].share > 0.9
    assert prior.buys == 1.0 and prior.order == pytest.approx(40.0, rel=0.5)


def test_who_entered_as_nobody_did_is_expected_to_become_what_all_did() -> None:
    prior = prior_of(1, digest32("fishing"), -1, names(), ADOPTED)
    assert prior is not None and prior.of == "all" and prior.buys == pytest.approx(0.5, abs=0.02)


def test_the_more_somebody_does_the_less_others_tell_of_them() -> None:
    trust = [prior_of(events, digest32("garden"), -1, names(), ADOPTED) for events in (1, 20, 39)]
    levels = [one.confidence for one in trust if one is not None]
    assert levels == sorted(levels, reverse=True) and levels[0] < 0.5 and levels[-1] > 0
    assert prior_of(KNOWN_AFTER, digest32("garden"), -1, names(), ADOPTED) is None


def test_the_snapshot_of_a_newcomer_carries_the_prior_apart_from_what_was_seen() -> None:
    shopper = Shopper()
    shopper.does(control_record(ActivityKind.ADOPT, 1, 128, ADOPTED.record), activity(topic="garden"))
    taken = shopper.snapshot
    assert taken.prior is not None and taken.prior.of == "entry:garden"
    assert [one.topic for one in taken.interests.long] == ["garden"]


def test_an_adoption_that_lacks_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="not adopted priors"):
        AdoptedPriors.from_record({"name": "priors", "version": 1, "groups": {"all": [1.0]}})
