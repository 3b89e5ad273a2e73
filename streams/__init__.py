"""The program around the fold: Faust app, transport, partition state, records, broker and command line."""
