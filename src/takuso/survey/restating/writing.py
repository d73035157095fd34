"""A difference in a file: JSON for programs, plain lines, or a page for people."""

import json
import os
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Final

from takuso.survey.report import page, section, table
from takuso.survey.restating.compare import Difference, FindingChange, reasons
from takuso.survey.restating.reasons import WORDS, Kind
from takuso.survey.restating.telling import (
    CHANGES,
    definition,
    document,
    figures_changed,
    files,
    lines,
    record_line,
    shown,
)
from takuso.survey.result import CouldNotWrite


class WrongFileName(Exception):
    """The file's name does not say in which form to write."""


def write_difference(difference: Difference, file: Path) -> None:
    """Write the whole difference, in the form that the file's name ends with; whole or not at all.

    Raises WrongFileName, CouldNotWrite.
    """
    form = _FORMS.get(file.suffix.lower())
    if form is None:
        raise WrongFileName(
            f"--out {file}: 名前の終わりは {'、'.join(_FORMS)} のどれかです。\n対処: たとえば {file.stem}.html と書く。"
        )
    fresh = file.with_name(f".{file.name}.takuso-{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(form(difference), encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        raise CouldNotWrite(
            f"違いを {file} に書けません（{error.strerror}）。何も書いていません。\n"
            "対処: 空きのある、書けるフォルダーを --out に指定して、もう一度実行する。"
        ) from error
    finally:
        fresh.unlink(missing_ok=True)


def _json(difference: Difference) -> str:
    return json.dumps(document(difference), ensure_ascii=False, indent=1) + "\n"


def _text(difference: Difference) -> str:
    return "\n".join(lines(difference)) + "\n"


def _html(difference: Difference) -> str:
    before, after = difference.before, difference.after
    title = f"調査の結果の違い: {after.inputs.title}"
    sides = [
        [word, f"<code>{escape(side.inputs.number)}</code>", f"<code>{side.summary['source_sha256']}</code>"]
        for word, side in (("前", before), ("後", after))
    ]
    kinds = [[WORDS[Kind(kind)], f"<td class='n'>{number:,}</td>"] for kind, number in reasons(difference).items()]
    body = [
        f"<h1>{escape(title)}</h1>",
        table(["", "文書番号", "記録（source）の SHA-256"], sides),
        section("問いの違い", _list(definition(difference))),
        section("記録（source）の違い", _list(files(difference))),
        section("数の違い", _list(figures_changed(difference))),
        section("理由ごとの数", table(["理由", "閲覧者と契約の組"], kinds) if kinds else "<p>一覧は同じ。</p>"),
        section("一覧の違い", "\n".join(map(_finding, difference.findings)) or "<p>一覧は同じ。</p>"),
    ]
    return "\n".join(map(shown, page(title, "\n".join(body)).split("\n")))


def _finding(finding: FindingChange) -> str:
    viewer, contract = (escape(part or "（なし）") for part in finding.key)
    heading = f"<h3>{CHANGES[finding.change]}: <code>{viewer}</code> <code>{contract}</code></h3>"
    return f"{heading}\n<p>{escape(finding.reason.sentence)}</p>\n" + _list(map(record_line, finding.records), "")


def _list(told: Iterator[str] | list[str], none: str = "<p>変わらない。</p>") -> str:
    items = "\n".join(f"<li>{escape(text)}</li>" for text in told)
    return f"<ul>\n{items}\n</ul>" if items else none


_FORMS: Final[dict[str, Callable[[Difference], str]]] = {".html": _html, ".json": _json, ".txt": _text}
