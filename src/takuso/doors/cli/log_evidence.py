"""`takuso log evidence`, `prove`, `verify`, `checkpoint`, `gap`: that the log is whole, shown to somebody outside."""

import json as jsonlib
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from takuso.accesslog import checkpoints, verify_log
from takuso.accesslog.sequencer import declare_gap
from takuso.barrier.evidence_queries import PLACE, PlaceRow
from takuso.barrier.fingerprint import catalogue_hash
from takuso.barrier.gate import Sight
from takuso.doors.cli.answers import Code, Json, could_not_run, emit, say, wrong_use
from takuso.doors.cli.database import database
from takuso.doors.cli.house import home
from takuso.doors.cli.log_bundle import Days, key_changes, proof, write_bundle
from takuso.doors.cli.log_reading import LOGINS, Reader, reader
from takuso.doors.web.definitions import AL10
from takuso.store.pools import Pools

_DAY: Final = ["%Y-%m-%d"]
_TERMINAL: Final = "takuso log evidence"
_AsPerson = Annotated[str, typer.Option("--as", help="だれとして読むか（情報管理・監査の職務）")]
_LONGEST: Final = 500


def evidence_command(
    out: Annotated[Path, typer.Option(help="証拠の束を書くフォルダー（まだないもの）", metavar="DIR")],
    as_person: _AsPerson = "td-compliance",
    since: Annotated[datetime | None, typer.Option("--from", help="番号が付いたのがこの日から", formats=_DAY)] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="この日の前まで", formats=_DAY)] = None,
    json: Json = False,
) -> None:
    """閲覧記録と署名した控えを、日ごとのファイルにして書き出す。読み取りはすべて記録される。"""
    _must_be_new(out)
    here = home()
    days = Days(since=since.date() if since else None, until=until.date() if until else None)
    with (
        database(here),
        Pools(here, LOGINS) as pools,
        reader(pools, as_person, screen=AL10.code, terminal=_TERMINAL) as read,
    ):
        try:
            written = write_bundle(read, here, days, out)
        except OSError as error:
            raise could_not_run(
                f"{out} に書けません（{error.strerror or error}）。\n対処: 書ける場所を --out に指定してください。"
            ) from None
    if json:
        emit({"ok": True, "out": str(out), "first": written.first, "size": written.size, "days": written.days,
              "statement": written.statement})  # fmt: skip
        return
    say(f"{out} に {written.first} 番から {written.size - 1} 番までを書きました（持ち主だけが読めるファイル）。")
    say(f"結果のない閲覧票 {written.statement['tickets_without_outcome']} 件は、表示したと数えます。")
    say(f"確かめるには: takuso log verify {out}（どの機械でも: python {out}/verify_log.py {out}）")


def prove_command(
    receipt: Annotated[str, typer.Argument(help="受付番号", metavar="RECEIPT")],
    out: Annotated[Path, typer.Option(help="証明を書くファイル（まだないもの）", metavar="FILE")],
    kind: Annotated[str, typer.Option(help="ticket, outcome, purpose, export のどれか")] = "ticket",
    as_person: _AsPerson = "td-compliance",
    json: Json = False,
) -> None:
    """1 件の記録が閲覧記録に含まれることの証明を書き出す。この読み取りも記録される。"""
    _must_be_new(out)
    here = home()
    with (
        database(here),
        Pools(here, LOGINS) as pools,
        reader(pools, as_person, screen=AL10.code, terminal="takuso log prove") as read,
    ):
        found = _proof(read, receipt, kind)
    _write(out, found)
    if json:
        emit({"ok": True, "out": str(out), "index": found["index"]})
        return
    say(f"{out} に、{found['index']} 番の記録の証明を書きました。確かめるには: takuso log verify {out}")


def verify_command(
    files: Annotated[list[Path], typer.Argument(help="証拠の束・証明・控え", metavar="FILE")],
    key: Annotated[
        list[str] | None, typer.Option(help="別に受け取った公開鍵（16 進 64 桁か、そのファイル。何度でも）")
    ] = None,
    known: Annotated[list[Path] | None, typer.Option(help="すでに持っている控え（何度でも）", metavar="FILE")] = None,
    json: Json = False,
) -> int:
    """証拠を確かめ、最初に悪い番号を言う。データベースもホームも使わない。指摘があれば 1 で終わる。"""
    try:
        pinned = [verify_log.read_key(one) for one in key or []]
        findings, notes, covered = verify_log.check(files, pinned, known or [])
    except ValueError as error:
        raise wrong_use(f"{error}\n対処: --key には公開鍵、--known には控えを指定してください。") from None
    except verify_log.CouldNotRun as error:
        raise could_not_run(f"読めません: {error}\n対処: ファイルの名前と権限を確かめてください。") from None
    if json:
        emit(verify_log.document(findings, notes, covered))
    for line in [*notes, *(finding.words() for finding in findings)]:
        say(line)
    say(f"{covered} 件を確かめました: " + (f"指摘 {len(findings)}" if findings else "すべて正常です。"))
    return Code.FINDINGS if findings else Code.GOOD


def checkpoint_command(
    out: Annotated[Path, typer.Option(help="控えを書くファイル（まだないもの）", metavar="FILE")], json: Json = False
) -> None:
    """最後の控えを、証人（小売・監督官庁・監査人）に渡すために書き出す。お客さまの情報は含まない。"""
    _must_be_new(out)
    signed = checkpoints.kept(home())
    if signed is None:
        raise could_not_run("控えがまだありません。\n対処: takuso jobs once を実行してください。")
    _write(out, signed.document())
    key = signed.read().key.hex()
    if json:
        emit({"ok": True, "out": str(out), "size": signed.size, "key": key})
        return
    say(f"{out} に、{signed.size} 件の控えを書きました。公開鍵: {key}")


def gap_command(
    by: Annotated[str, typer.Option(help="だれが申告するか（利用者コードか氏名）")],
    reason: Annotated[str, typer.Option(help="なぜ失われたか")],
    json: Json = False,
) -> None:
    """古い控えから戻したデータベースについて、失われた範囲を、署名した記録として残す。"""
    by, reason = by.strip(), reason.strip()
    if not by or not reason or len(by) > _LONGEST or len(reason) > _LONGEST:
        raise wrong_use(f"--by と --reason には、1 字から {_LONGEST} 字で、だれが・なぜを書いてください。")
    here = home()
    with database(here), Pools(here, ["sequencer"]) as pools, pools.pool("sequencer").connection() as connection:
        try:
            made = declare_gap(connection, here, catalogue_hash(connection), who=by, why=reason)
        except ValueError:
            raise could_not_run(
                "データベースは、このホームの知る控えを含んでいます。\n対処: 申告することはありません。"
            ) from None
    if json:
        emit({"ok": True, "size": made.size})
        return
    say(f"断絶を記録しました（いま {made.size} 件）。takuso serve を起動できます。")


def _proof(read: Reader, receipt: str, kind: str) -> dict[str, Any]:
    found: list[PlaceRow] = []

    def place(sight: Sight) -> bytes:
        found.extend(row for row in sight.rows(PLACE) if row.kind == kind)
        return "".join(row.body for row in found).encode()

    read((PLACE,), {"receipt": receipt}, place, f"prove {receipt}")
    if not found:
        raise wrong_use(
            f"受付番号 {receipt} の記録（{kind}）は、まだ番号が付いていないか、ありません。\n"
            "対処: 受付番号を確かめ、今しがたの記録なら takuso jobs once のあとでもう一度実行してください。"
        )
    made, leaf = proof(read, found[0], f"prove {receipt}")
    if leaf is not None and leaf.gone is not None:
        raise could_not_run(
            f"この記録は、保存の規則により日ごと削除されています（削除の番号 {leaf.gone}）。\n"
            "対処: 前に書き出した証明があれば、それは今も確かめられます。"
        )
    if leaf is None or leaf.record is None:
        raise could_not_run(
            "この記録か、その近くの記録が失われています。\n対処: takuso log verify で確かめてください。"
        )
    return {**made, "keys": key_changes(read)}


def _must_be_new(out: Path) -> None:
    if out.exists():
        raise wrong_use(f"{out} はもうあります。\n対処: まだない名前を --out に指定してください。")


def _write(out: Path, found: dict[str, Any]) -> None:
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(jsonlib.dumps(found, ensure_ascii=False) + "\n")
    except OSError as error:
        raise could_not_run(
            f"{out} に書けません（{error.strerror or error}）。\n対処: 書ける場所を --out に指定してください。"
        ) from None
