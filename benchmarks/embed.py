"""Texts embedded a second: float32, plain int8, and each thing that makes int8 faster, in one run."""

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from onnxruntime import InferenceSession
from onnxruntime.quantization import QuantType, quantize_dynamic

from liveprofile.models import corpus
from liveprofile.models.encoder import TOKENS_PER_BATCH, Encoder, Feed, open_session
from liveprofile.models.manifest import ENCODER_FILE, REFERENCE_FILE, TOKENIZER_FILE, Manifest
from liveprofile.streams.simulator.simulator import Simulator

MODEL_FOLDER = Path(".liveprofile/model")
TEXTS, SEED = 512, 3
"""Distinct titles and queries of the project's shop corpus; another seed than the export's own check."""
BATCH = 32
"""Texts that ingest gives the model at once; one way's turn, so that a busy moment hits all ways alike."""
REPEATS = 7
ASKED, SHOP_SEED, SHOPPERS = 20_000, 7, 5_000
"""Texts in a row that the simulated shop asks for: in these, repeats are counted."""

PLAIN = "int8 dynamic, padded"
"""What is compared with: ONNX Runtime's own quantisation, and batches as they come."""
PRODUCT = "int8 static, no padding"
"""What the stream runs."""

Way = Callable[[Sequence[str]], object]
"""Embeds a batch of texts."""
Ids = npt.NDArray[np.int64]


def run(progress: Callable[[str], None], folders: Sequence[Path] = (MODEL_FOLDER,)) -> dict[str, Any]:
    """Embed the same texts in every way in short turns, REPEATS times, and take each turn's median.

    The first of `folders`, which hold exported models, is embedded with in every way, others as the stream would.
    ModelError says how to make the model where there is none.
    """
    texts = list(dict.fromkeys(corpus.texts(2 * TEXTS, SEED)))[:TEXTS]
    progress("making the plain int8 model")
    opened = [_Folder(folder) for folder in folders]
    ways, cosines = opened[0].ways(), opened[0].cosines(texts)
    for other in opened[1:]:
        own = other.own_texts(texts)
        ways[other.model_id], cosines[other.model_id] = other.embedding_own(texts, own), other.cosines(own)[PRODUCT]
    rates = _rates(ways, texts, progress)
    rows = {name: _row(rate, rates[PLAIN]) for name, rate in rates.items()}
    for name, values in cosines.items():
        rows[name] |= {"mean_cosine": round(float(values.mean()), 4), "least_cosine": round(float(values.min()), 4)}
    return {
        "model": opened[0].model_id,
        "texts": f"{TEXTS}, {opened[0].tokens(texts) / TEXTS:.1f} tokens each, {BATCH} at a time, {REPEATS} turns",
        **rows,
        **_repeats(),
    }


def _row(rate: tuple[float, float], plain: tuple[float, float]) -> dict[str, float]:
    clock, processor = rate
    ratio = round(processor / plain[1], 2)
    return {"texts_per_s": round(clock), "texts_per_processor_s": round(processor), "ratio": ratio}


class _Folder:
    """An exported model, and all ways to embed with it."""

    def __init__(self, folder: Path) -> None:
        manifest = Manifest.load(folder)
        self._original, self._static = (manifest.read(folder, name) for name in (REFERENCE_FILE, ENCODER_FILE))
        self._tokenizer, self._tokens = manifest.read(folder, TOKENIZER_FILE), manifest.tokens
        self.model_id, self.language = manifest.model_id, manifest.language
        self.product = self._encoder(self._static)

    def own_texts(self, texts: Sequence[str]) -> list[str]:
        """As many distinct texts in the model's language; `texts` if that is English."""
        if self.language == corpus.ENGLISH:
            return list(texts)
        return list(dict.fromkeys(corpus.texts(3 * len(texts), SEED, self.language)))[: len(texts)]

    def embedding_own(self, texts: Sequence[str], own: Sequence[str]) -> Way:
        """Embeds, for each text of a batch, the text of the model's language at its place."""
        place = dict(zip(texts, own, strict=True))
        return lambda batch: self.product.encode([place[text] for text in batch])

    def ways(self) -> dict[str, Way]:
        """Plain ones first, then one improvement after another."""
        fp32, dynamic = open_session(self._original, 1), open_session(self._dynamic, 1)
        ways: dict[str, Way] = {
            "fp32, padded": lambda batch: _run(fp32, [padded(self._ids(batch))]),
            PLAIN: lambda batch: _run(dynamic, [padded(self._ids(batch))]),
            "int8 dynamic, padded, by length": lambda batch: _run(dynamic, by_length(self._ids(batch))),
            "fp32, no padding": lambda batch: _run(fp32, (feed for _, feed in self.product.feeds(batch))),
            "int8 dynamic, no padding": lambda batch: _run(dynamic, (feed for _, feed in self.product.feeds(batch))),
            PRODUCT: self.product.encode,
        }
        if (os.cpu_count() or 1) > 1:
            ways |= {f"{PRODUCT}, 2 threads": self._encoder(self._static, 2).encode}
            ways |= {f"{PRODUCT}, 2 sessions": self._in_two_sessions()}
        return ways

    def _in_two_sessions(self) -> Way:
        pool, pair = ThreadPoolExecutor(2), [self.product, self._encoder(self._static)]
        return lambda batch: list(pool.map(Encoder.encode, pair, [batch[::2], batch[1::2]]))

    def cosines(self, texts: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        """How close int8 vectors are to float32 ones, text by text."""
        exact = self._encoder(self._original).encode(texts)
        models = {"int8 dynamic, no padding": self._dynamic, PRODUCT: self._static}
        batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        encoders = {name: self._encoder(model) for name, model in models.items()}
        vectors = {name: np.concatenate([e.encode(batch) for batch in batches]) for name, e in encoders.items()}
        return {name: np.sum(exact * rows, axis=1) for name, rows in vectors.items()}

    def tokens(self, texts: Sequence[str]) -> int:
        """How many tokens the texts have."""
        return sum(map(len, self._ids(texts)))

    def _ids(self, texts: Sequence[str]) -> list[Ids]:
        """The token ids of each text, as the product makes them."""
        return [feed["input_ids"] for text in texts for _, feed in self.product.feeds([text])]

    @cached_property
    def _dynamic(self) -> bytes:
        return plain_int8(self._original)

    def _encoder(self, model: bytes, threads: int = 1) -> Encoder:
        return Encoder(model, self._tokenizer, self._tokens, threads=threads)


def plain_int8(original: bytes) -> bytes:
    """The float32 model quantised by ONNX Runtime's tool: weights per channel, activations by their batch's range."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "fp32.onnx", Path(folder) / "int8.onnx"
        source.write_bytes(original)
        quantize_dynamic(
            source,
            target,
            per_channel=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gather"],
            nodes_to_exclude=["embeddings.positions"],
        )
        return target.read_bytes()


def padded(ids: Sequence[Ids]) -> Feed:
    """All texts made as long as the longest. Padding counts as tokens here: the time is right, the vectors are not."""
    longest = max(map(len, ids))
    rows = [np.pad(row, (0, longest - len(row))) for row in ids]
    return {"input_ids": np.concatenate(rows), "lengths": np.full(len(ids), longest)}


def by_length(ids: Sequence[Ids]) -> Iterator[Feed]:
    """Padded batches of texts of like lengths, cut before TOKENS_PER_BATCH is passed."""
    batch: list[Ids] = []
    for row in sorted(ids, key=len):
        if (len(batch) + 1) * len(row) > TOKENS_PER_BATCH and batch:
            yield padded(batch)
            batch = []
        batch.append(row)
    yield padded(batch)


def _run(session: InferenceSession, feeds: Iterable[Feed]) -> object:
    return [session.run(["embedding"], feed) for feed in feeds]


def _rates(
    ways: dict[str, Way], texts: Sequence[str], progress: Callable[[str], None]
) -> dict[str, tuple[float, float]]:
    """Texts a second of each way, tokenizing included: by the clock, and of the processor's time on all threads."""
    batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
    spans: dict[str, list[list[tuple[float, float]]]] = {name: [[] for _ in batches] for name in ways}
    for repeat in range(REPEATS):
        progress(f"embedding {len(texts)} texts in {len(ways)} ways, {repeat + 1} of {REPEATS}")
        for at, batch in enumerate(batches):
            for name, way in ways.items():
                spans[name][at].append(_spans(way, batch))
    totals = {name: np.median(turns, axis=1).sum(axis=0) for name, turns in spans.items()}
    return {name: (len(texts) / float(clock), len(texts) / float(cpu)) for name, (clock, cpu) in totals.items()}


def _spans(way: Way, batch: Sequence[str]) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    way(batch)
    return time.perf_counter() - clock, time.process_time() - processor


def _repeats() -> dict[str, float]:
    """Shares of the texts of a shop that need no model: asked before in the same batch, and ever before."""
    asked = list(islice(_texts_of_a_shop(), ASKED))
    in_batches = sum(len(set(asked[start : start + BATCH])) for start in range(0, ASKED, BATCH))
    return {
        "texts of a shop repeated in a batch": round(1 - in_batches / ASKED, 3),
        f"texts of a shop repeated among {ASKED:,}": round(1 - len(set(asked)) / ASKED, 3),
    }


def _texts_of_a_shop() -> Iterator[str]:
    """Titles and queries, in the order of the simulated shop's clicks and searches."""
    for event in Simulator(SHOP_SEED, SHOPPERS).events():
        if event.topic in ("clicks", "searches") and event.label is None:
            record = event.record()
            text = record.get("query") or record.get("title")
            if text:
                yield text.lower()
