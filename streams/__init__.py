"""Where it runs: Faust app, transport, partition state, wire records, broker and command line; decides no rule."""
