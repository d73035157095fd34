"""拒否コードの表: every code and its text, in the order of the codes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from takuso.flow.reception.refusals.application_texts import CHECKS, RELAY
from takuso.flow.reception.refusals.change_texts import PAIR, SEQUENCE, STATES, USAGE
from takuso.flow.reception.refusals.codes import RefusalCode, RefusalText

_ALL: Final = CHECKS | RELAY | SEQUENCE | PAIR | USAGE | STATES

TEXTS: Final[Mapping[RefusalCode, RefusalText]] = MappingProxyType({code: _ALL[code] for code in RefusalCode})
"""Every code has its text; retired ones keep it."""

DECLINES: Final = frozenset(RELAY)
"""What a holder can give as its reason not to agree."""
