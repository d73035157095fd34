"""The demo's persons, as the switcher in the header offers them; only a demo home signs them in."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Code of the person and what the person does, in words."""

    code: str
    label: str


DEMO_PERSONS: Final = (
    DemoPerson("td-intake", "葵送配電 異動受付"),
    DemoPerson("td-contact", "葵送配電 コンタクトセンター"),
    DemoPerson("td-metering", "葵送配電 計量"),
    DemoPerson("td-billing", "葵送配電 料金・請求"),
    DemoPerson("td-accounting", "葵送配電 経理"),
    DemoPerson("td-compliance", "葵送配電 情報管理・監査"),
    DemoPerson("td-admin", "葵送配電 システム管理"),
    DemoPerson("aoi-clerk", "葵電力 担当"),
    DemoPerson("aoi-manager", "葵電力 責任者"),
    DemoPerson("contractor-clerk", "葵サービス(葵電力 委託先) 担当"),
    DemoPerson("asahi-clerk", "あさひ電力 担当"),
    DemoPerson("hikari-clerk", "ひかりエナジー 担当"),
)
