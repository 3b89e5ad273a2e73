"""The JSON Schema files in docs/schemas are those of the code."""

from streams.ingest.schemas import FOLDER, schema_files


def test_the_schema_files_are_current():
    stored = {name: (FOLDER / name).read_text(encoding="utf-8") for name in schema_files()}
    assert stored == schema_files(), "run `python -m streams.ingest.schemas`"


def test_every_input_topic_and_the_dead_letters_have_a_schema():
    assert set(schema_files()) == {"clicks.json", "searches.json", "purchases.json", "dead-letters.json"}
