"""Who runs the show: accounts, sign-in, sessions, the guard of the host API, live numbers and undo."""
