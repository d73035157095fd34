"""The one ancestor of everything the store refuses, so that a command can print the message and stop."""


class StoreError(Exception):
    """A store that cannot be used as it is; the message is Japanese and says what to do next."""
