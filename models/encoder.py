"""Computes embeddings of texts with a tokenizer and an ONNX session; equal texts once, batches by length."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt
from onnxruntime import InferenceSession, SessionOptions
from tokenizers import Tokenizer

from liveprofile.models.errors import ModelError
from liveprofile.models.manifest import Tokens

Vectors = npt.NDArray[np.float32]
Feed = dict[str, npt.NDArray[np.int64]]
"""The session's inputs: `input_ids` and `lengths`."""

TOKENS_PER_BATCH = 512
"""Tokens in one run of the session: more are slower, the activations leave the core's cache."""

SLOW_FUSIONS = ["SkipLayerNormFusion"]
"""ONNX Runtime 1.31 computes the fused sum and norm 8 times slower than the two apart, a quarter of an int8 run."""


class Encoder:
    """A BERT encoder of texts; not thread-safe, meant for one executor thread."""

    def __init__(self, model: bytes, tokenizer: bytes, tokens: Tokens, *, threads: int = 1) -> None:
        self._session = open_session(model, threads)
        self._tokenizer = _open_tokenizer(tokenizer, tokens)
        self._tokens = tokens
        self._threads = threads
        self.hidden = int(self._session.get_outputs()[0].shape[1])

    def encode(self, texts: Sequence[str], on_done: Callable[[int], None] | None = None) -> Vectors:
        """(n, hidden) float32 unit rows in the order of `texts`; each distinct text is computed once.

        `on_done` is called after each batch with the number of distinct texts done.
        """
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        distinct = np.empty((len(places), self.hidden), np.float32)
        done = 0
        for rows, feed in self.feeds(list(places)):
            distinct[rows] = self._session.run(["embedding"], feed)[0]
            done += len(rows)
            if on_done:
                on_done(done)
        return distinct if len(places) == len(texts) else distinct[[places[text] for text in texts]]

    def feeds(self, texts: Sequence[str]) -> Iterator[tuple[list[int], Feed]]:
        """Batches by length of at most TOKENS_PER_BATCH tokens: indices into `texts`, and the session's inputs.

        Only attention pads; texts of similar length need the least padding.
        """
        ids = self._token_ids([self._tokens.prefix + text for text in texts] if self._tokens.prefix else texts)
        rows: list[int] = []
        filled = 0
        for row in sorted(range(len(ids)), key=lambda row: len(ids[row])):
            filled += len(ids[row])
            if rows and filled > TOKENS_PER_BATCH:
                yield rows, _feed([ids[r] for r in rows])
                rows, filled = [], len(ids[row])
            rows.append(row)
        if rows:
            yield rows, _feed([ids[r] for r in rows])

    def _token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text. The batch call uses all cores, so one thread goes text by text (15 us each)."""
        if self._threads == 1:
            return [self._tokenizer.encode(text).ids for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(texts)]


def _feed(ids: Sequence[Sequence[int]]) -> Feed:
    """The session's inputs: all tokens concatenated, and the number of tokens of each text."""
    lengths = np.array([len(row) for row in ids], np.int64)
    return {"input_ids": np.fromiter(chain.from_iterable(ids), np.int64, lengths.sum()), "lengths": lengths}


def open_session(model: bytes, threads: int) -> InferenceSession:
    """An ONNX Runtime session on the CPU; its idle threads sleep, so that other work gets the cores."""
    if threads < 1:
        raise ModelError(f"threads = {threads}, least 1", "Set the number of cores that embedding may use.")
    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    return InferenceSession(model, options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOW_FUSIONS)


def _open_tokenizer(data: bytes, tokens: Tokens) -> Tokenizer:
    """The tokenizer with our own truncation and no padding, whatever its file specifies."""
    tokenizer = Tokenizer.from_buffer(data)
    tokenizer.no_padding()
    tokenizer.enable_truncation(tokens.max_tokens)
    return tokenizer
