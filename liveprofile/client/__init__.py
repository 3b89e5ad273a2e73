"""A client of the query service: `Client` and `AsyncClient`, with the same methods (pip install 'liveprofile[client]').

It repeats what may be repeated after the wait that the service asks for, reads with the position of the caller's own
events, goes on with a stream where it was, and gives the structs of the contract.
"""

from liveprofile.client.asynchronous import AsyncClient
from liveprofile.client.calls import Event, ServiceError, Written
from liveprofile.client.synchronous import Client

__all__ = ["AsyncClient", "Client", "Event", "ServiceError", "Written"]
