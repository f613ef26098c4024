"""The command line: verbs only. Each parses, calls one function, prints."""
