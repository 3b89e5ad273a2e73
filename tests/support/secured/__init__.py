"""The Kafka suite on brokers that deny by default: `LIVEPROFILE_TEST_SECURE=scram python -m pytest tests/kafka`.

Each broker of the suite has two listeners then. Tests themselves use the open one, as the superuser. What is of the
product, a command, a worker or the library, is led to the other one: SASL_SSL with SCRAM, as a user that has the rights
which `liveprofile acls` prints for its role on the topics of its application, and no others.
"""
