"""The settings: three places to say them, one frozen value, and sentences for whatever is wrong."""

import dataclasses
import pickle
from pathlib import Path

import msgspec
import orjson
import pytest
from support.paths import ROOT

from liveprofile.streams.errors import UserError
from liveprofile.streams.settings import Secret, Settings
from liveprofile.streams.settings.fields import build, walk
from liveprofile.streams.settings.load import load, unknown_variables
from liveprofile.streams.settings.page import as_json, as_markdown, as_table


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings file lies where the tests run."""
    monkeypatch.chdir(tmp_path)


def file_with(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "shop.toml"
    path.write_text(text)
    return path


def refusal(**environ: str) -> UserError:
    with pytest.raises(UserError) as caught:
        load(None, {f"LIVEPROFILE_{name}": value for name, value in environ.items()})
    return caught.value


def test_without_a_word_everything_has_its_default() -> None:
    loaded = load(None, {})
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {"default"}


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    path = file_with(tmp_path, 'app_id = "file"\nbootstrap = "file:1"\ndata_dir = "file"\n[ingest]\nbatch_max = 7\n')
    environ = {"LIVEPROFILE_BOOTSTRAP": "env:1", "LIVEPROFILE_DATA_DIR": "env", "UNRELATED": "x"}
    loaded = load(path, environ, {"data_dir": "option"})
    settings = loaded.settings
    assert (settings.app_id, settings.bootstrap, settings.data_dir) == ("file", "env:1", "option")
    assert settings.ingest.batch_max == 7
    names = ("app_id", "bootstrap", "data_dir")
    assert [loaded.origins[name] for name in names] == [str(path), "LIVEPROFILE_BOOTSTRAP", "--data-dir"]


def test_the_file_in_this_folder_is_read_unless_another_is_named(tmp_path: Path) -> None:
    (tmp_path / "liveprofile.toml").write_text("partitions = 9")
    other = file_with(tmp_path, "partitions = 5")
    assert load(None, {}).settings.partitions == 9
    assert load(other, {}).settings.partitions == 5
    assert load(None, {"LIVEPROFILE_CONFIG": str(other)}).settings.partitions == 5


def test_settings_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Settings().partitions = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("ingest.batch_max", "64", 64),
        ("ingest.batch_deadline_ms", "2.5", 2.5),
        ("worker.stages", "learn, ingest", ("learn", "ingest")),
        ("profile.policy.rfm.orders", "1,2,3,4", (1.0, 2.0, 3.0, 4.0)),
        ("profile.policy.interests.session.enter_share", "0.5", 0.5),
        ("pseudonym_key", "0" * 16, "0" * 16),
    ],
)
def test_text_in_the_environment_becomes_numbers_and_lists(name: str, value: str, expected: object) -> None:
    found: object = load(None, {f"LIVEPROFILE_{name.upper().replace('.', '__')}": value}).settings
    for part in name.split("."):
        found = getattr(found, part)
    assert (found.reveal() if isinstance(found, Secret) else found) == expected


def test_an_empty_variable_counts_as_not_given() -> None:
    assert load(None, {"LIVEPROFILE_PARTITIONS": ""}).settings.partitions == Settings().partitions


def test_every_setting_can_be_given_in_the_environment() -> None:
    for field in walk(Settings):
        given = ",".join(map(str, field.default)) if isinstance(field.default, tuple) else str(field.default or "")
        assert load(None, {field.variable: given}).settings == Settings(), field.name


def test_an_unknown_key_is_refused_with_the_nearest_known_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"unknown setting: ingest\.batchmax\. Did you mean ingest\.batch_max\?"):
        load(file_with(tmp_path, "[ingest]\nbatchmax = 7\n"), {})


def test_an_unknown_section_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="unknown setting: ingst"):
        load(file_with(tmp_path, "[ingst]\nbatch_max = 7\n"), {})


def test_a_value_where_a_table_belongs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="ingest is a table of settings"):
        load(file_with(tmp_path, "ingest = 7"), {})


def test_an_unknown_variable_is_refused_with_the_nearest_known_one() -> None:
    assert "Did you mean LIVEPROFILE_BOOTSTRAP?" in str(refusal(BOOTSTRP="x"))


@pytest.mark.parametrize("value", ["0", "1025", "many", "1.5", "-3"])
def test_a_value_out_of_its_limits_names_setting_value_origin_and_limits(value: str) -> None:
    told = str(refusal(INGEST__BATCH_MAX=value))
    for part in ("ingest.batch_max", repr(value), "LIVEPROFILE_INGEST__BATCH_MAX", "at least 1, at most 1,024", "32"):
        assert part in told


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_number_that_is_none_is_refused(value: str, tmp_path: Path) -> None:
    refusal(INGEST__CLOCK_SKEW_S=value)
    refusal(PROFILE__POLICY__DECAY__HALF_LIFE_S__SESSION=value)
    with pytest.raises(UserError):
        load(file_with(tmp_path, f"[profile]\ntick_s = {value}\n"), {})


def test_a_number_in_the_file_is_not_written_as_text(tmp_path: Path) -> None:
    assert load(file_with(tmp_path, "partitions = 6"), {}).settings.partitions == 6
    for text in ('"6"', "[6]", "6.5", "true"):
        with pytest.raises(UserError, match="partitions"):
            load(file_with(tmp_path, f"partitions = {text}"), {})


def test_a_stage_that_does_not_exist_is_refused_with_those_that_do() -> None:
    assert "any of ingest, profile, learn" in str(refusal(WORKER__STAGES="ingest,fold"))


def test_a_file_that_is_missing_or_no_toml_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        load(tmp_path / "none.toml", {})
    with pytest.raises(UserError, match="cannot be read"):
        load(file_with(tmp_path, "app_id = "), {})


def test_three_heartbeats_fit_into_a_session() -> None:
    assert "a third" in str(refusal(WORKER__HEARTBEAT_S="7", WORKER__SESSION_TIMEOUT_S="20"))


def test_what_the_policy_itself_refuses_is_told_as_a_sentence() -> None:
    told = str(refusal(PROFILE__POLICY__INTERESTS__SHORT__EXIT_SHARE="0.9"))
    assert "interests.short.exit_share is 0.9: must be at most interests.short.enter_share" in told


def test_a_number_by_name_changes_that_one_alone_in_the_file_and_in_the_environment(tmp_path: Path) -> None:
    path = file_with(
        tmp_path,
        "[profile.policy]\nanomalies.enter.velocity = 5.0\n[profile.policy.anomalies.exit]\nbot-like = 1.5\n"
        "[profile.policy.interests]\nlong.interval_s = 60\n",
    )
    loaded = load(path, {"LIVEPROFILE_PROFILE__POLICY__ANOMALIES__ENTER__INTEREST_DRIFT": "3.5"})
    found, usual = loaded.settings.profile.policy, Settings().profile.policy
    assert found.anomalies.enter == {**usual.anomalies.enter, "velocity": 5.0, "interest-drift": 3.5}
    assert found.anomalies.exit == {**usual.anomalies.exit, "bot-like": 1.5}
    assert found.interests == dataclasses.replace(
        usual.interests, long=dataclasses.replace(usual.interests.long, interval_s=60.0)
    )
    assert loaded.origins["profile.policy.anomalies.enter.velocity"] == str(path)
    assert loaded.origins["profile.policy.anomalies.enter.spend"] == "default"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("anomalies.enter.velocty = 5.0", "anomalies.enter.velocity"),
        ("interests.sesion.enter_share = 0.5", "interests.session"),
        ("anomaly.enter.velocity = 5.0", "anomalies"),
    ],
)
def test_an_unknown_number_or_section_is_refused_with_the_nearest_known_one(
    tmp_path: Path, text: str, meant: str
) -> None:
    with pytest.raises(UserError, match=rf"Did you mean profile\.policy\.{meant}\?"):
        load(file_with(tmp_path, f"[profile.policy]\n{text}\n"), {})


def test_a_list_where_numbers_by_name_belong_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="enter is a table of settings"):
        load(file_with(tmp_path, "[profile.policy.anomalies]\nenter = [4.5, 4.0]\n"), {})


def test_a_short_key_is_refused_without_showing_it() -> None:
    error = refusal(PSEUDONYM_KEY="hunter2")
    assert "hunter2" not in str(error)
    assert "at least" in str(error) or "fewer" in str(error)


def test_a_secret_shows_nowhere() -> None:
    key = "correct horse battery staple"
    loaded = load(None, {"LIVEPROFILE_PSEUDONYM_KEY": key})
    table = "".join(str(cell) for column in as_table(loaded).columns for cell in column.cells)
    shown = [repr(loaded), str(loaded.settings), f"{loaded.settings.pseudonym_key}", table, str(as_json(loaded))]
    assert not any(key in text for text in shown)
    assert loaded.settings.pseudonym_key is not None
    assert loaded.settings.pseudonym_key.reveal() == key
    with pytest.raises(TypeError):
        pickle.dumps(loaded.settings.pseudonym_key)
    with pytest.raises((TypeError, msgspec.EncodeError)):
        orjson.dumps(loaded.settings.pseudonym_key)


def test_every_setting_is_documented() -> None:
    assert [field.name for field in walk(Settings) if not field.meaning] == []


def test_the_page_of_settings_is_current() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == as_markdown(), "run: liveprofile settings --markdown > docs/settings.md"


def test_a_frozen_dataclass_is_a_section_with_metadata_or_strings_under_its_fields() -> None:
    fields = {field.name: field for field in walk(Rules)}
    assert fields["half_life_s"].meaning == "Half of it is gone after this"
    assert (fields["half_life_s"].unit, fields["half_life_s"].limits) == ("s", "more than 0")
    assert fields["inner.share"].meaning == "A share of one"
    assert build(Rules, {"inner.share": 0.5}) == Rules(inner=Inner(0.5))


@dataclasses.dataclass(frozen=True)
class Inner:
    """A section within."""

    share: float = 0.25
    """A share of one."""


@dataclasses.dataclass(frozen=True)
class Rules:
    """A section as a policy is."""

    half_life_s: float = dataclasses.field(default=60.0, metadata={"doc": "Half of it is gone after this.", "gt": 0})
    inner: Inner = Inner()


def test_every_setting_says_what_it_may_be() -> None:
    without = [field.name for field in walk(Settings) if not field.limits and not isinstance(field.default, bool)]
    assert without == []


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"PROFILE__POLICY__SPEND__BOUNDS__MIDDLE": "300"}, "spend.bounds must rise, and 250 is not above 300"),
        ({"PROFILE__POLICY__RFM__SPEND": "100,50"}, "rfm.spend has 2 numbers, and needs 4"),
        ({"PROFILE__POLICY__RFM__SPEND": "-1,50,60,70"}, "rfm.spend has a number below 0"),
        ({"PROFILE__POLICY__RFM__ORDERS": "1,1,2,3"}, "rfm.orders must rise"),
        ({"PROFILE__POLICY__PREDICTIONS__ODDS__HIGH": "2"}, "predictions.odds must rise"),
        ({"PROFILE__POLICY__BRANDS__ENTER_SHARE": "1.5"}, "at least 0, at most 1"),
        ({"PROFILE__POLICY__PUBLISH__BURST": "-1"}, "at least 0"),
        ({"PROFILE__POLICY__DECAY__HALF_LIFE_S__LONG": "0"}, "more than 0"),
        ({"PROFILE__POLICY__SLOTS__MOST": "7"}, "at most 6"),
        ({"BOOTSTRAP": "http://kafka:9092"}, "is not HOST:PORT"),
        ({"BOOTSTRAP": "kafka"}, "is not HOST:PORT"),
    ],
)
def test_numbers_of_the_wrong_shape_are_refused_with_what_is_wanted(environ: dict[str, str], words: str) -> None:
    told = refusal(**environ)
    assert words in told.message
    assert told.next_step.endswith(".")


@pytest.mark.parametrize("address", ["kafka:9092", "10.0.0.1:9092,10.0.0.2:9092", "[::1]:9092", "a-b.example.com:1"])
def test_addresses_of_kafka_are_taken(address: str) -> None:
    assert load(None, {"LIVEPROFILE_BOOTSTRAP": address}).settings.bootstrap == address


def test_a_variable_of_something_else_stops_nobody() -> None:
    environ = {"LIVEPROFILE_QZX": "1", "LIVEPROFILE_LOG__LEVEL": "debug"}
    assert load(None, environ).settings.log.level == "debug"
    assert unknown_variables(environ) == ["LIVEPROFILE_QZX"]
