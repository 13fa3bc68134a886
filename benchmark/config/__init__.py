"""Settings of a run, from files and the words of a command line."""
