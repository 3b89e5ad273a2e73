"""`python -m liveprofile`: the command line without its installed script, as child processes are started."""

from liveprofile.streams.cli.main import main

if __name__ == "__main__":
    main(prog_name="liveprofile")
