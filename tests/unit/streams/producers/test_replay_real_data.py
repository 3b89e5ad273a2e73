"""Every reader over the real files of the shared data folder, beside the repository; skipped loudly without it."""

from collections import Counter
from itertools import pairwise

import pytest
from support.paths import DATA

from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.formats import FORMATS
from liveprofile.streams.datasets.reading import read_file

FILES = {
    "online_retail/online_retail.dev.csv.gz": ("online-retail", 14_764),
    "rees46/2019-Oct.csv.gz": ("rees46", 17_434),
    "ubi/ubi_queries_events.ndjson.gz": ("ubi", 909),
    "amazon_industrial/Industrial_and_Scientific.test.csv.gz": ("amazon", 13_803),
    "amazon_industrial/Industrial_and_Scientific.valid.csv.gz": ("amazon", 12_967),
    "amazon_reviews_2023/training.jsonl.gz": ("amazon", 5_980),
    "complete_journey/transactions_sample.csv.gz": ("complete-journey", 47_834),
    "card_fraud/sample_14days.csv.gz": ("card-fraud", 134_128),
}


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_gives_its_records_in_the_order_of_time_with_ids_of_their_own(name: str) -> None:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"SKIPPED FOR WANT OF DATA: {path} is not there, the reader was not tried on real data")
    form, expected = FILES[name]
    with DataFile(path) as file:
        records = list(read_file(file, path, FORMATS[form], Counter()))
    assert len(records) == expected
    assert len({record.fields["event_id"] for record in records}) == expected
    assert all(record.fields.get("user_id") or record.fields.get("anonymous_id") for record in records)
    times = [record.time_ms or 0 for record in records]
    assert all(earlier <= later for earlier, later in pairwise(times))
