"""Changes at the reception: statements for the gate. What they file is carried out by the next turn (turns.py)."""

from typing import Final, LiteralString

# 申込. Parameters beside the gate's own: action (reception.apply; reception.enter for the network company's intake),
# sender (code, for reception.enter alone), procedure, supply_point (22 digits or None), content (JSON), wanted (day or
# None), named (numbers of applications that the content names), via (screen, api, file, paper), key (冪等キー or None).
# Declines with: sender, malformed, key-used.
FILE: Final[LiteralString] = (
    "SELECT reception.file(%(proof)s::bytea, %(day)s::date, %(receipt)s::text, %(action)s::text, %(sender)s::text,"
    " %(procedure)s::text, %(supply_point)s::text, %(content)s::jsonb, %(wanted)s::date, %(named)s::text[],"
    " %(via)s::text, %(key)s::text)"
)

# 回答・指示. Parameters: action (reception.answer; reception.handle for the network company), number, event, reason
# (JSON of a refusal, or None). Declines with: event, unknown, waiting (an earlier one is still to be carried out).
INSTRUCT: Final[LiteralString] = (
    "SELECT reception.instruct(%(proof)s::bytea, %(day)s::date, %(receipt)s::text, %(action)s::text, %(number)s::text,"
    " %(event)s::text, %(reason)s::jsonb)"
)

# 次へ. Parameters: action (reception.handle), after (受付番号 that the search goes on from, or None). What was taken
# before is free again. Answers the number taken, '' where none is left.
TAKE_NEXT: Final[LiteralString] = (
    "SELECT reception.take_next(%(proof)s::bytea, %(day)s::date, %(receipt)s::text, %(action)s::text, %(after)s::text)"
)

APPLY: Final = "reception.apply"
ENTER: Final = "reception.enter"
ANSWER: Final = "reception.answer"
HANDLE: Final = "reception.handle"
READ: Final = "reception.read"
