"""Checks of what a source says: organisations, persons, supply periods, days; each fault with file and row.

They read rows, not only footers. Rows count from 1 in the order of the file.
"""

from typing import Any, Final, NoReturn

import duckdb
import pyarrow as pa

from takuso.kernel.periods import DatePeriod
from takuso.survey.definition import AFFILIATE, NETWORK, Step, Survey, ViewerAffiliation
from takuso.survey.footers import check_log, row_place
from takuso.survey.overlaps import sharing_days
from takuso.survey.source import Source, SourceFault
from takuso.survey.statements import filled

_ONE_PERSON: Final = "1 つの ID は 1 日に 1 人のものです。"
_ONE_HOLDER: Final = "同じ供給地点の供給期間が、同じ時点の記録のうえで重なっています。"


class UnknownOrganisation(Exception):
    """A step names an organisation that the source does not know."""


def check_organisations(engine: duckdb.DuckDBPyConnection, source: Source, survey: Survey) -> None:
    """Raise UnknownOrganisation, or SourceFault where meta.json names it, if a step's organisation is nowhere.

    A viewer's organisation must be in people.parquet; a holder there or in supply.parquet.
    """
    for number, step, named in survey.organisations():
        code = source.meta.organisation(named)
        where = ["known_person"] if isinstance(step, ViewerAffiliation) else ["known_person", "known_holder"]
        if any(_rows(engine, source, name, {"code": code}) for name in where):
            continue
        refuse_organisation(source, number, step, named)


def refuse_organisation(source: Source, number: int, step: Step, named: str) -> NoReturn:
    """Raise what `check_organisations` raises, for an organisation that is nowhere."""
    code = source.meta.organisation(named)
    files = "people.parquet" if isinstance(step, ViewerAffiliation) else "people.parquet にも supply.parquet"
    rule = f"会社 {code} は {files} にありません（{number} 段目「{step.name}」）。"
    if named in (AFFILIATE, NETWORK):
        raise SourceFault("meta.json", rule, f"meta.json の {named} のコードを直す。")
    raise UnknownOrganisation(
        f"steps[{number}].organisation: {rule}\n対処: affiliate か network か、あるコードを書く。"
    )


def check_day_folders(source: Source, period: DatePeriod) -> None:
    """Raise SourceFault if a row lies in the folder of another day; the period's own days were checked before."""
    check_log(source, source.log_outside(period))


def check_people(engine: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Raise SourceFault if an ID has two persons on one day, or a period ends before it starts."""
    for (row,) in _rows(engine, source, "people_reversed"):
        raise SourceFault(row_place(source, source.people, row), "to が from より前です。", "期間を直す。")
    for one, other in _rows(engine, source, "people_shared"):
        place = f"{row_place(source, source.people, one)}と {other + 1:,} 行目"
        raise SourceFault(place, _ONE_PERSON, "持ち主が替わった日で from と to を分ける。")


def check_supply(engine: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Raise SourceFault if supply periods of a point overlap as known at one time, or a period is reversed."""
    for (row,) in _rows(engine, source, "supply_reversed"):
        rule = "to が from より前、または known_to が known_from より前です。"
        raise SourceFault(row_place(source, source.supply, row), rule, "期間を直す。")
    for one, other in _overlaps(engine, source):
        place = f"{row_place(source, source.supply, one)}と {other + 1:,} 行目"
        raise SourceFault(place, _ONE_HOLDER, "訂正前の行に known_to を、切替なら to を入れる。")


def _overlaps(engine: duckdb.DuckDBPyConnection, source: Source) -> list[tuple[Any, ...]]:
    found = engine.execute(filled("history", {})[0], {"supply": str(source.supply)}).fetchnumpy()
    pairs = found["row_number"][sharing_days(found["point"], found["from_day"], found["to_day"])]
    if not len(pairs):
        return []
    engine.register("pairs", pa.table({"one": pairs[:, 0], "other": pairs[:, 1]}))
    return _rows(engine, source, "supply_overlaps")


def first_unreadable(source: Source) -> SourceFault | None:
    """The first file whose rows cannot be read, asked after a failure; None if all can."""
    for file in (source.people, source.supply, *(file for files in source.days.values() for file in files)):
        try:
            duckdb.connect().execute("SELECT max(hash(COLUMNS(*))) FROM read_parquet($file)", {"file": str(file)})
        except duckdb.Error as error:
            rule = f"途中から読めません（{str(error).splitlines()[0]}）。"
            return SourceFault(source.place(file), rule, "壊れていないか確かめ、書き出し直す。")
    return None


def _rows(
    engine: duckdb.DuckDBPyConnection, source: Source, name: str, given: dict[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for sql in filled(name, {"most": "1"}):
        values = {**(given or {}), "supply": str(source.supply)}
        rows = engine.execute(sql, {key: value for key, value in values.items() if f"${key}" in sql}).fetchall()
    return rows
