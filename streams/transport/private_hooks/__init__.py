"""The one place that touches private names of faust-streaming 0.15.3 and aiokafka 0.14.0: what we need, and why.

Everything else uses the functions and base classes of this package, which have public names. A contract test
(tests/contract/test_private_hooks.py) compares `HOOKS` with the installed libraries; `make test-latest` runs it, and
the tests of the transport, with the newest releases of both.

| hook | why |
| --- | --- |
| faust Consumer._new_consumer_thread | a thread whose fetch can be interrupted |
| faust Consumer._drain_messages | deliver whole batches of records as one event |
| faust Consumer._getmany | fetch through the thread |
| faust Consumer._get_active_partitions | which partitions may be fetched |
| faust Consumer._to_message | the envelope that streams and agents expect |
| faust Consumer._commit | store offsets of our ledgers |
| faust Consumer._thread | interrupt a fetch under way |
| faust AIOKafkaConsumerThread._fetch_records | a fetch that ends when a rebalance begins |
| faust AIOKafkaConsumerThread._create_consumer | space out the attempts to connect of a consumer |
| faust AIOKafkaConsumerThread._consumer | look at the consumer from our overrides |
| faust AIOKafkaConsumerThread._ensure_consumer | the same, once it has started |
| faust App._on_rebalance_when_stopped | Faust would close the consumer in another event loop |
| aiokafka AIOKafkaConsumer._client | fetch partitions below the consumer; metadata with partitions |
| aiokafka AIOKafkaConsumer._client_rack | Faust's consumer fetches from copies nearby, too |
| aiokafka AIOKafkaConsumer._closed | tell a stopped consumer from a silent one |
| aiokafka AIOKafkaConsumer._coordinator | generation and coordination of the group |
| aiokafka AIOKafkaConsumer._fetcher | take what was fetched without waiting |
| aiokafka GroupCoordinator._coordination_task | end it, so that a member that was put out does not join again |
| aiokafka Fetcher._closed | as of the consumer |
| aiokafka Fetcher._subscriptions | whether a rebalance is under way; how far a partition was fetched |
| aiokafka Fetcher._create_fetch_waiter | wait for new data or an interruption, whichever is first |
| aiokafka Fetcher._fetch_task | cancel a fetcher whose first cancellation was lost |
| aiokafka AIOKafkaClient._get_conn | attempts to connect are spaced out, and told of |
| aiokafka AIOKafkaClient._conns | a connection that stands needs no attempt |
| aiokafka AIOKafkaClient._metadata_update | refreshes of metadata are spaced out |
| aiokafka client.create_conn | connections of our clients can renew their authentication |
| aiokafka AIOKafkaConnection._do_sasl_handshake | authenticate again on a live connection (KIP-368) |
| aiokafka AIOKafkaConnection._requests | whether a replaced connection still waits for responses |
| aiokafka AIOKafkaAdminClient._client | space out attempts to connect of this one, too |
| aiokafka AIOKafkaProducer._message_accumulator | where batches wait |
| aiokafka MessageAccumulator._batch_ttl | what waits while no broker answers is kept |
| aiokafka MessageAccumulator._closed | whether a batch can be added without waiting |
| aiokafka MessageAccumulator._exception | the same |
| aiokafka MessageAccumulator._batches | the same: one batch of a partition waits at a time |
| aiokafka MessageAccumulator._append_batch | add it, in the present turn of the event loop |
| aiokafka FetchRequest._topics | ask for some topics of a fetch, at once |
| aiokafka FetchRequest._max_wait_ms | the same: what is there needs no wait |
| aiokafka AIOKafkaClient._request_timeout_ms | requests of fencing tokens wait as long as the producer's |
| aiokafka AIOKafkaAdminClient._send_request | delete a group, set rights and passwords: it has no methods |
| aiokafka AIOKafkaProducer._sender | give up what cannot be flushed |
| aiokafka Sender._do_add_partitions_to_txn | mark partitions with an epoch |
| aiokafka Sender._find_coordinator | whom to ask to end the empty transaction |
| aiokafka Sender._maybe_wait_for_pid | the next epoch of a name |
| aiokafka Sender._txn_manager | whose producer id and epoch is asked for |
| aiokafka BatchBuilder._set_producer_state | send a batch under our own epoch and sequence |
"""
