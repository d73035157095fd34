"""契約種別: which menus of 接続送電サービス a point can have, by voltage and kind of use.

The names follow the wheeling contract's schedule of charges; that each voltage has these and no others is EXAMPLE: an
installing company puts its own contract's menus in their place.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from takuso.flow.reception.facts import Voltage

_LADDER: Final = ("標準", "時間帯別", "従量")

MENUS: Final[Mapping[tuple[Voltage, str], frozenset[str]]] = MappingProxyType(
    {
        (Voltage.LOW, "電灯"): frozenset({"電灯定額", *(f"電灯{one}" for one in _LADDER)}),
        (Voltage.LOW, "動力"): frozenset(f"動力{one}" for one in _LADDER),
        (Voltage.HIGH, "動力"): frozenset(f"高圧{one}" for one in _LADDER),
        (Voltage.EXTRA_HIGH, "動力"): frozenset(f"特別高圧{one}" for one in _LADDER),
    }
)
"""By voltage and 電灯 or 動力. EXAMPLE."""


def menus_of(voltage: Voltage, kind: str | None) -> frozenset[str]:
    """The menus a point of this voltage and kind can have; of an unknown kind those of the whole voltage."""
    exact = MENUS.get((voltage, kind or ""))
    if exact is not None:
        return exact
    return frozenset(menu for (held, _), menus in MENUS.items() if held is voltage for menu in menus)
