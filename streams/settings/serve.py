"""The settings of the query service."""

from typing import Annotated

from liveprofile.streams.settings.oidc import Oidc
from liveprofile.streams.settings.sections import Section, doc


class Serve(Section, frozen=True):
    """The query service: where it listens, what it keeps, and how much it lets through."""

    host: Annotated[
        str,
        doc(
            "Address that it listens on. Another one than this machine's needs a token and TLS",
            min_length=1,
        ),
    ] = "127.0.0.1"
    port: Annotated[int, doc("Port that it listens on; 0 takes a free one", ge=0, le=65_535)] = 8321
    data_dir: Annotated[str, doc("Folder of its store; empty means `serve` in data_dir", shape="a path")] = ""
    tokens_file: Annotated[str, doc("File of the tokens; empty means tokens.json in data_dir", shape="a path")] = ""
    certificate_file: Annotated[
        str, doc("PEM file of the server's certificate; empty: without TLS", shape="a path")
    ] = ""
    key_file: Annotated[str, doc("PEM file of the certificate's private key", shape="a path")] = ""
    allow_plaintext: Annotated[
        bool,
        doc("Whether it listens on other addresses than this machine's without TLS, as behind a proxy that has it"),
    ] = False
    history_days: Annotated[
        float, doc("How long changes and anomalies are kept, counted from their event", "days", gt=0, le=36_525)
    ] = 30.0
    cache_mb: Annotated[int, doc("Memory for blocks of the store", "MiB", ge=8, le=1_000_000)] = 128
    requests_per_s: Annotated[
        float, doc("Requests of one token in a second, and at once", "requests/s", ge=1, le=1_000_000)
    ] = 2_000.0
    most_body_bytes: Annotated[int, doc("Largest body of a request", "bytes", ge=1_024, le=100_000_000)] = 1_000_000
    batch_most: Annotated[int, doc("Most profiles of one batch", "profiles", ge=1, le=10_000)] = 100
    wait_most_s: Annotated[float, doc("Longest wait for a position (`Prefer: wait`)", "s", ge=0, le=300)] = 10.0
    clients: Annotated[int, doc("Most clients of the stream at once", "clients", ge=1, le=100_000)] = 500
    similar_most_profiles: Annotated[
        int,
        doc(
            "Up to so many profiles similar shoppers are found; it takes about 200 bytes of memory for each once "
            "somebody asks",
            "profiles",
            ge=0,
            le=100_000_000,
        ),
    ] = 250_000
    oidc: Oidc = Oidc()
