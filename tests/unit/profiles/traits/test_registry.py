"""The registry of traits: what is derived from declarations is current, complete and unambiguous."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from support.activities import DIMS

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.segments.features import BY_NAME
from liveprofile.profiles.state.row import PATHS, row_dtype
from liveprofile.profiles.traits import generate
from liveprofile.profiles.traits.attributes import shipped
from liveprofile.profiles.traits.generate import FILE, source
from liveprofile.profiles.traits.registry import FIELDS, PUBLISHED_TRAITS, REASONS, TRAITS
from liveprofile.profiles.traits.trait import AroundZero, Ladder, Trait

BANDED = list(PUBLISHED_TRAITS.values())


def test_the_compiled_calls_are_current() -> None:
    assert FILE.read_text("utf-8") == source(), "run: python -m liveprofile.profiles.traits.generate"


def test_the_compiled_calls_are_written_by_the_program_and_not_by_an_import(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[tuple[Path, str]] = []

    def write(path: Path, text: str, **_: Any) -> None:
        written.append((path, text))

    monkeypatch.setattr(Path, "write_text", write)
    runpy.run_path(generate.__file__, run_name=generate.__name__)
    assert written == []
    runpy.run_path(generate.__file__, run_name="__main__")
    assert written == [(FILE, source())]


def test_every_declared_field_stands_in_the_row_as_it_is_declared() -> None:
    dtype = row_dtype(DIMS)
    for name, field in FIELDS.items():
        assert dtype[name].base.str in (field.format, f"|{field.format}") and dtype[name].shape == field.shape


def test_no_two_traits_share_a_name_a_path_a_field_or_a_code() -> None:
    fields = [one.name for trait in TRAITS for one in trait.state]
    codes = [one.code for trait in TRAITS for one in trait.reasons]
    names, paths = [trait.name for trait in TRAITS], [trait.path for trait in TRAITS if trait.path]
    for group in (fields, codes, names, paths):
        assert len(set(group)) == len(group)
    assert set(REASONS) == set(codes)


@pytest.mark.parametrize("trait", BANDED, ids=lambda trait: trait.name)
def test_a_published_trait_has_a_path_a_band_in_its_state_and_the_settings_that_its_bands_need(trait: Trait) -> None:
    assert trait.path in PATHS and trait.bands is not None and trait.rule
    assert trait.published in {field.name for field in trait.state}
    needs = {AroundZero: ("enter", "exit"), Ladder: ("bounds", "exit_factor")}.get(type(trait.bands), ())
    for name in (*needs, "interval_s"):
        assert hasattr(getattr(Policy(), trait.settings), name)
    assert not trait.corrected_by or trait.corrected_by in shipped().attributes


@pytest.mark.parametrize("trait", BANDED, ids=lambda trait: trait.name)
def test_every_change_of_a_band_has_a_reason_and_every_sample_is_of_its_own_reason(trait: Trait) -> None:
    assert trait.bands is not None
    numbers = range(len(trait.bands.names) + 1)
    for before, after in ((one, other) for one in numbers for other in numbers if one != other):
        assert trait.code(before, after) in REASONS
    number = {trait.band(one): one for one in numbers}
    for why in trait.reasons:
        assert trait.code(number[why.sample[0]], number[why.sample[1]]) == why.code


def test_every_declared_feature_is_one_that_rules_may_use() -> None:
    for feature in (feature for trait in TRAITS for feature in trait.features):
        assert BY_NAME[feature.name] is feature
