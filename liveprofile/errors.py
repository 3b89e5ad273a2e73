"""The errors of this package: one tree, so that a caller can tell what is wrong, whether a retry helps, and what to do.

    LiveprofileError
      UserError                    a person can put it right: a setting, a file, an argument
        NoKafkaError               no Kafka answers at the address
          KafkaRefusesError        Kafka answers, and does not take this client
        SetupError                 the topics are not the ones that this worker can run on
          WrongKeyError            profiles were made with another pseudonym key
          MissingTopicError        Kafka shows no such topic
          DeniedError              the user lacks a right that its role needs
          OtherApplicationError    the topics belong to another application
        TopicError                 the topics are not the ones that this application can run on
          BehindError              a rebuild has not caught up
        DataError                  a file holds something else than was said
          OtherContentError        a version of rules was published with other content
        RatesError                 a file of exchange rates cannot be used
        NoProfileError             nobody has such a profile id
        NoSegmentError             no segment has such a name
        NoTokenError               no token has such a name
        TokenError                 (KafkaError) there is no access token to authenticate with
          TokenRefusedError        the identity provider does not take the client
        BrokerError                the embedded broker cannot be started, found or used
      ModelError                   a model folder cannot be read, built, checked or used
      SnapshotError                (ValueError) bytes that are not a model version to trust
        NewerSchemaError           a newer program wrote the model version
      UnknownLayoutError           (ValueError) a newer program wrote the record
      StateMismatchError           (ValueError) a training state of another learner
      RuleError                    (ValueError) a rule of segments that cannot be used
      IdentityRulesError           (ValueError) rules of identity that cannot be used
      UnusableError                (ValueError) a statement about identifiers that links nobody
      LinkRecordError              (ValueError) a record of the links' log that cannot be read
      RefusedError                 (ValueError) an input record that is not valid
      DecodeError                  (ValueError) an output record that this version cannot read
      GapError                     versions of a profile are missing and cannot be healed yet
      DeliveryError                records may or may not be in Kafka
      NotWrittenError              Kafka did not confirm a record of a caller of the query service
      ProblemError                 a request is answered with a problem
      AccessTokenError             a caller's token of the identity provider is not good
      ServiceError                 the query service has answered the client with a problem
      OversizeError                one record is larger than the limit
      FencedError                  this process no longer owns its partitions
      WithheldError                (KafkaError) records were kept from leaving the process
      SettleTimeoutError           work under way did not end before partitions were given up
      StateReadError               the state of a partition cannot be read to its end
        NoStateTopicError          there is no such topic
        UnreachableStateError      no Kafka answers, so nothing was read
        StateBeyondTopicError      the topic ends before the offset to start from
      DamagedStoreError            the local store cannot be read or trusted
      EmbeddingError               the model or the text cache failed
      UncheckedVersionError        (RuntimeError) a library is not the version that was checked
      ChildDiedError               a process that `liveprofile demo` started has ended

Every class has two attributes, which an instance may refine:

- `retryable`: whether the same call, or a restart of the process, can succeed without any other change.
- `next_step`: what to do about it, one sentence for a person.

A name in parentheses is a second base, for callers that catch it. Errors of arguments, such as a policy's number out of
its limits, are plain `ValueError`s that name the argument, the value and the limit.

>>> from liveprofile.streams.runtime.outbox import DeliveryError
>>> DeliveryError.retryable, DeliveryError.next_step
(True, 'Restart the process: it goes on from the last commit.')
"""


class LiveprofileError(Exception):
    """The root of all errors of this package; only its subclasses are raised."""

    retryable: bool = False
    """Whether the same call, or a restart of the process, can succeed without any other change."""
    next_step: str = "Read the message; if it does not help, report it with the traceback."
    """What to do about it."""
