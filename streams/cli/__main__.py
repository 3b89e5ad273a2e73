"""`python -m streams.cli`: the command line without its installed script, as child processes are started."""

from streams.cli.main import main

main(prog_name="liveprofile")
