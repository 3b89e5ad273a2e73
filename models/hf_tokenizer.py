"""The tokenizer of a Hugging Face folder, read by transformers and written as one `tokenizer.json`."""

import logging
from pathlib import Path

from liveprofile.models.errors import ModelError


def read_tokenizer(folder: Path) -> tuple[bytes, str, int]:
    """(tokenizer.json, class name, pad id) of `folder`; ModelError where transformers cannot read it.

    transformers converts older folders, which have only a vocab.txt, to the same file; at run time only `tokenizers` is
    needed.
    """
    previous = logging.root.manager.disable
    logging.disable(logging.WARNING)  # transformers warns that PyTorch is missing, which is the point
    try:
        from transformers import AutoTokenizer  # here, because it takes a second that only an export needs

        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, ImportError) as error:
        raise ModelError(
            f"transformers cannot read a tokenizer in {folder} ({error})",
            "The folder needs tokenizer.json or vocab.txt, and tokenizer_config.json.",
        ) from error
    finally:
        logging.disable(previous)
    backend = tokenizer.backend_tokenizer
    backend.no_padding()
    backend.no_truncation()
    return backend.to_str().encode(), type(tokenizer).__name__, int(tokenizer.pad_token_id or 0)
