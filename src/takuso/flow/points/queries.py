"""The guarded queries of this stage, as values: only the gate executes them.

Each reads one class of data, so that a part of a screen whose class is not granted is a query that is not run.
"""

from pathlib import Path
from typing import Final, TypeVar

from takuso.barrier.matrix import DataClass
from takuso.barrier.query import Query
from takuso.flow.points import model

Row = TypeVar("Row")

_FOLDER: Final = Path(__file__).parent / "sql"


def _query(name: str, data_class: DataClass, row: type[Row]) -> Query[Row]:
    file = _FOLDER / f"{name}.sql"
    return Query(name=f"points.{name}", file=file, classes=frozenset({data_class}), row=row)


PLACE: Final = _query("place", DataClass.PLACE, model.Place)
EQUIPMENT: Final = _query("equipment", DataClass.EQUIPMENT, model.Equipment)
METER_INSTALLS: Final = _query("meter_installs", DataClass.EQUIPMENT, model.MeterInstall)
PARTY: Final = _query("party", DataClass.PARTY, model.Party)
PARTY_CONTACT: Final = _query("party_contact", DataClass.PARTY, model.PartyContact)
SUPPLY_TODAY: Final = _query("supply_today", DataClass.SUPPLY, model.SupplySegment)
SUPPLY_HISTORY: Final = _query("supply_history", DataClass.SUPPLY, model.SupplySegment)
SIZE_TODAY: Final = _query("size_today", DataClass.SIZE, model.ContractSize)
SIZE_HISTORY: Final = _query("size_history", DataClass.SIZE, model.ContractSize)
USAGE: Final = _query("usage", DataClass.USAGE, model.UsageMonth)
PENDING: Final = _query("pending", DataClass.PENDING, model.Pending)
MANDATE: Final = _query("mandate", DataClass.MANDATE, model.BankMandate)
NOTICES: Final = _query("notices", DataClass.MANDATE, model.MandateNotice)
CONTACT_NOTES: Final = _query("contact_notes", DataClass.NOTE, model.ContactNote)
CARE_NOTES: Final = _query("care_notes", DataClass.CARE, model.CareNote)

ALL: Final = (
    PLACE,
    EQUIPMENT,
    METER_INSTALLS,
    PARTY,
    PARTY_CONTACT,
    SUPPLY_TODAY,
    SUPPLY_HISTORY,
    SIZE_TODAY,
    SIZE_HISTORY,
    USAGE,
    PENDING,
    MANDATE,
    NOTICES,
    CONTACT_NOTES,
    CARE_NOTES,
)
