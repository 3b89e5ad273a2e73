"""The reference page: it is current, and no name lacks a meaning, a sample or words."""

import pytest
from support.paths import ROOT

from liveprofile.profiles.anomalies.named import SIGNALS
from liveprofile.profiles.facts.facts import Code
from liveprofile.profiles.facts.reasons import TEMPLATES
from liveprofile.profiles.output.changes import _set_code
from liveprofile.profiles.predictions.inputs import TABLE
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import ANOMALIES, PATHS
from liveprofile.profiles.traits.registry import PUBLISHED_TRAITS
from liveprofile.streams.query.codes import code_meanings
from liveprofile.streams.reference.page import SCALE_PATHS, SECTIONS, as_markdown, codes_of, sentence
from liveprofile.streams.reference.paths import KIND_MEANINGS, PATH_MEANINGS
from liveprofile.streams.reference.samples import SAMPLES
from liveprofile.streams.settings.docstrings import field_texts

PAGE = ROOT / "docs" / "reference.md"


def test_the_reference_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == as_markdown(), (
        "run: liveprofile reference --markdown > docs/reference.md"
    )


def test_every_action_has_its_meaning_beneath_it() -> None:
    assert not [one.name for one in Action if not field_texts(Action).get(one.name, "").endswith(".")]


def test_every_code_has_its_meaning() -> None:
    assert list(code_meanings()) == list(Code)
    assert not [code for code, text in code_meanings().items() if not text.endswith(".")]


def test_every_path_has_a_meaning() -> None:
    assert PATH_MEANINGS.keys() == set(PATHS), "streams/reference/paths.py says what each path means"


def test_every_kind_of_anomaly_has_a_meaning() -> None:
    assert not set(ANOMALIES) - KIND_MEANINGS.keys(), "streams/reference/paths.py says what each kind means"


@pytest.mark.parametrize("path", [*SCALE_PATHS, "brands"])
def test_topics_of_every_scale_and_brands_have_all_codes_that_can_happen(path: str) -> None:
    steps: tuple[tuple[set[int], set[int]], ...] = ((set(), {1}), ({1}, set()), ({1}, {2}))
    assert set(codes_of(path)) == {_set_code(path == "brands", before, after) for before, after in steps}


def test_an_inferred_value_can_be_corrected_where_a_declared_attribute_stands_for_it() -> None:
    corrected = {path for path in PATHS if Code.CORRECTED in codes_of(path)} - {"declared"}
    assert corrected == {path for path, trait in PUBLISHED_TRAITS.items() if trait.corrected_by} > {"hours"}


def test_every_code_has_a_sample_on_a_path_that_exists() -> None:
    assert {one.reason.code for one in SAMPLES} == set(Code), "streams/reference/samples.py has one for each code"
    assert {one.path for one in SAMPLES} <= {*PATHS, "profile"}


@pytest.mark.parametrize("code", Code)
def test_the_page_has_the_template_and_a_sample_of_every_code(code: Code) -> None:
    (row,) = [line for line in as_markdown().splitlines() if line.startswith(f"| `{code}` |")]
    assert f"| `{TEMPLATES[code]}` | {sentence(code)} |" in row


def test_the_page_names_everything() -> None:
    page = as_markdown()
    names = [
        *Code,
        *PATHS,
        *ANOMALIES,
        *SIGNALS,
        *(one.name for one in TABLE),
        *(action.name.lower() for action in Action),
    ]
    assert not [name for name in names if f"`{name}`" not in page]
    assert all(f"\n## {title}\n" in page for title in SECTIONS)
