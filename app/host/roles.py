"""The people behind the show and what each of them may do."""

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """operator: everything, accounts included; host: runs shows and sees orders; moderator: the chat only."""

    OPERATOR = "operator"
    HOST = "host"
    MODERATOR = "moderator"


RUNS_SHOWS = frozenset({Role.OPERATOR, Role.HOST})
KEEPS_ACCOUNTS = frozenset({Role.OPERATOR})
EVERYBODY = frozenset(Role)


@dataclass(frozen=True)
class Host:
    """Who is signed in to the console. `session` is None for the bearer token."""

    name: str
    role: Role
    session: str | None = None


# Automation with the token runs shows and keeps accounts: whoever can set the environment could do both anyway.
TOKEN_HOST = Host("token", Role.OPERATOR)
