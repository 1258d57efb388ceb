"""The command line: every door of the program."""
