"""Declarations: what the person says counts, stands beside what is inferred, and is never overwritten by it."""

import pytest
from support.activities import DIMS, activity
from support.folding import Shopper, codes

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.output.quality import FACETS
from liveprofile.profiles.records.activity import Action, digest32
from liveprofile.profiles.state.row import DECLARED, PATHS, row_dtype
from liveprofile.profiles.traits.attributes import shipped

RULES = Policy(dims=DIMS).changed(
    {"publish.burst": 1e6, "price.interval_s": 0.0, "hours.min_days": 0.0, "hours.interval_s": 0.0}
)
ATTRIBUTES = [attribute for attribute in shipped().attributes.values() if attribute.values]


class Person(Shopper):
    """Somebody who says things of themself."""

    def __init__(self) -> None:
        super().__init__(RULES)
        self._source = 0

    def says(self, name: str, value: str | None, at_s: float = 0.0, action: Action = Action.DECLARE) -> None:
        """One statement; None takes it back."""
        self._source += 1
        digest = digest32(value) if value else 0
        record = activity(action, at_s=at_s, topic=None, offset=self._source, subject=name, value=digest)
        self.does(record)

    def views(self, times: int, at_s: float = 0.0) -> None:
        """A view a minute."""
        for place in range(times):
            self._source += 1
            self.does(activity(at_s=at_s + 60 * place, offset=self._source))

    @property
    def declared(self) -> dict[str, str]:
        """What stands, by name."""
        return {one.name: one.value for one in self.snapshot.declared}


def test_a_declaration_is_said_at_once_and_replaced_by_a_later_one():
    person = Person()
    person.says("language", "de")
    person.says("language", "de", at_s=5)
    person.says("language", "fr", at_s=10)
    first, second = person.on("declared")
    assert (first.op, first.before, first.after, first.reason.code) == ("add", None, {"language": "de"}, "DECLARED")
    assert (second.op, second.before, second.after) == ("replace", {"language": "de"}, {"language": "fr"})
    assert person.declared == {"language": "fr"}


def test_what_was_said_earlier_and_arrives_late_does_not_count():
    person = Person()
    person.says("language", "fr", at_s=10)
    person.says("language", "de", at_s=5)
    assert person.declared == {"language": "fr"} and len(person.on("declared")) == 1


def test_what_is_taken_back_is_gone_and_an_older_statement_does_not_come_to_life_again():
    person = Person()
    person.says("newsletter", "yes", at_s=10)
    person.says("newsletter", None, at_s=20)
    person.says("newsletter", "yes", at_s=15)
    assert codes(person.on("declared")) == ["DECLARED", "WITHDRAWN"]
    assert person.declared == {}


def test_of_nine_attributes_the_one_said_longest_ago_leaves():
    person = Person()
    for place, attribute in enumerate(ATTRIBUTES[: DECLARED + 1]):
        person.says(attribute.name, attribute.values[0], at_s=place)
    assert set(person.declared) == {attribute.name for attribute in ATTRIBUTES[1 : DECLARED + 1]}


def test_a_corrected_part_of_the_day_is_withdrawn_and_not_said_again():
    person = Person()
    person.views(60)
    assert [change.after for change in person.on("hours")] == ["afternoon"]
    person.says("daypart", "evening", at_s=4_000, action=Action.CORRECT)
    assert person.published[-1].origin == "feedback"
    assert [(change.path, change.reason.code) for change in person.published[-1].changes] == [
        ("declared", "CORRECTED"),
        ("hours", "CORRECTED"),
    ]
    person.views(60, at_s=5_000)
    assert [change.after for change in person.on("hours")] == ["afternoon", None]
    assert person.snapshot.hours.daypart is None
    assert (person.snapshot.declared[0].value, person.snapshot.declared[0].how) == ("evening", "corrected")
    person.says("daypart", None, at_s=9_000, action=Action.CORRECT)
    person.views(2, at_s=9_100)
    assert [change.after for change in person.on("hours")] == ["afternoon", None, "afternoon"]


def test_a_declared_one_stands_beside_what_is_inferred():
    person = Person()
    person.says("daypart", "evening")
    person.views(60, at_s=10)
    assert person.snapshot.hours.daypart == "afternoon" and person.declared == {"daypart": "evening"}


def test_agreement_of_declared_and_inferred_makes_a_profile_consistent():
    agrees, differs = Person(), Person()
    for person, part in ((agrees, "afternoon"), (differs, "night")):
        person.views(60)
        person.says("daypart", part, at_s=4_000)
    assert agrees.snapshot.quality.consistency > differs.snapshot.quality.consistency + 0.2


@pytest.mark.parametrize("name", ["gender", "age", "income", "health", "religion", "ethnic", "politic", "orientation"])
def test_nothing_is_inferred_about_protected_traits(name):
    """What a person declares of them stays what they declare: no path, no field and no facet infers one."""
    for inferred in (*PATHS, *FACETS, *(row_dtype(DIMS).names or ())):
        assert name not in inferred.replace("percentage", "").replace("pages", "")
    for attribute in shipped().attributes.values():
        if attribute.protected or name in attribute.name.split("_"):
            assert attribute.protected and attribute.beside is None
