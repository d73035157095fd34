"""探し方: which class of data each kind of search goes by, so that nobody is offered what the wall would not find by.

The wall decides (wall.open_search has its own table); this one says only what a form offers. A test compares both.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from takuso.barrier.matrix import DataClass, Duty
from takuso.kernel.finding import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a kind of search goes by. `network_only`: for the network company's own work."""

    data_class: DataClass
    network_only: bool = False


SOUGHT: Final[Mapping[Kind, Sought]] = MappingProxyType(
    {
        "kana": Sought(data_class=DataClass.PARTY),
        "name": Sought(data_class=DataClass.PARTY),
        "address": Sought(data_class=DataClass.PLACE),
        "phone": Sought(data_class=DataClass.PARTY),
        "meter": Sought(data_class=DataClass.EQUIPMENT),
        "pole": Sought(data_class=DataClass.EQUIPMENT, network_only=True),
    }
)


def offered(duty: Duty, seen: Collection[DataClass]) -> tuple[Kind, ...]:
    """The kinds of search whose class the duty sees (see SignIns.seen), in the order of SOUGHT."""
    return tuple(
        kind
        for kind, sought in SOUGHT.items()
        if sought.data_class in seen and (duty.is_network or not sought.network_only)
    )
