"""A mapping file (YAML) into an ImportMapping; every fault at once, each with line, field, rule and what to do."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from unicodedata import normalize

import yaml

from takuso.kernel.malformed import Malformed
from takuso.kernel.wareki import ERAS
from takuso.survey.importing.mapping import (
    CHARSETS,
    CLOCKS,
    FORMATS,
    FORMS,
    OPEN,
    TABLES,
    Field,
    ImportMapping,
    Span,
    Table,
    Target,
)
from takuso.survey.nodes import Nodes, WrongFile, compose, nearest

_LOOK: Final = "docs/how-to/import-a-log.md の例を見て直す。"
_DELIMITERS: Final = {"tab": "\t", "\\t": "\t"}
_OPTIONS: Final[Mapping[str, frozenset[str]]] = {
    "instant": frozenset({"clock", "form", "era"}),
    "day": frozenset({"era", "inclusive"}),
    "text": frozenset({"values"}),
    "screen": frozenset({"values", "by"}),
    "number": frozenset({"values"}),
}


class WrongMappingFile(WrongFile):
    """A mapping file that cannot be read or breaks a rule."""


def read_mapping(path: Path) -> ImportMapping:
    """Read a mapping file. Raises WrongMappingFile."""
    root, content = compose(path, WrongMappingFile, "対応ファイル")
    reader = _Reader(_LOOK)
    mapping = reader.mapping(root, path, hashlib.sha256(content).hexdigest())
    if mapping is None or reader.faults:
        raise WrongMappingFile(path, tuple(sorted(reader.faults, key=lambda fault: fault.line)))
    return mapping


def plain_name(text: str) -> str:
    """A name without differences that nobody means: widths and spaces."""
    return "".join(normalize("NFKC", text).split())


class _Reader(Nodes):
    """Walks the nodes of a mapping file."""

    def _text(self, node: yaml.Node | None, field: str, pattern: re.Pattern[str] | None = None, rule: str = "") -> str:
        text = super()._text(node, field, pattern, rule)
        if text == OPEN:
            self._fault(node, field, f"{OPEN} のままです。", "元のファイルを見て書く。")
        return text

    def mapping(self, root: yaml.Node | None, path: Path, digest: str) -> ImportMapping | None:
        if not isinstance(root, yaml.MappingNode):
            self._fault(root, "対応", "項目と値の組（network: など）で書きます。", _LOOK)
            return None
        needed = {"network", "affiliate", "screens", *TABLES}
        parts = self._mapping(root, "", needed, {"supply_overlaps", "shared_ids"})
        network, affiliate = (self._text(parts.get(key), key) for key in ("network", "affiliate"))
        screens = self._pairs(parts.get("screens"), "screens")
        tables = {name: self._table(parts.get(name), name) for name in TABLES}
        overlaps = self._choice(parts.get("supply_overlaps"), "supply_overlaps", ("reject", "cut"), "reject")
        shared = self._choice(parts.get("shared_ids"), "shared_ids", ("reject", "merge"), "reject")
        if any(field.by_name for field in tables["log"].fields.values()):
            self._unlike_names(parts.get("screens"), screens)
        if self.faults:
            return None
        return ImportMapping(
            path=path,
            network=network,
            affiliate=affiliate,
            screens=screens,
            **tables,
            cut_overlaps=overlaps == "cut",
            merge_shared=shared == "merge",
            sha256=digest,
        )

    def _unlike_names(self, node: yaml.Node | None, screens: Mapping[str, str]) -> None:
        names = [plain_name(name) for name in screens.values()]
        for name in sorted({name for name in names if names.count(name) > 1}):
            rule = f"名前で画面を引くので、同じ名前（{name}）は一度だけです。"
            self._fault(node, "screens", rule, "by: code にするか、名前を分ける。")

    def _table(self, node: yaml.Node | None, name: str) -> Table:
        if node is None:
            return Table(name=name, files=())
        allowed = {"format", "charset", "delimiter", "quote", "header", "empty", "widths"}
        parts = self._mapping(node, name, {"files", "columns"}, allowed)
        form = self._choice(parts.get("format"), f"{name}.format", FORMATS, "csv")
        charset = self._choice(parts.get("charset"), f"{name}.charset", CHARSETS, "utf-8")
        spans = self._widths(parts.get("widths"), f"{name}.widths")
        if (form == "fixed") != bool(spans):
            rule = "widths（列の名: バイト数）は format: fixed のときに、そのときだけ書きます。"
            self._fault(parts.get("widths", node), f"{name}.widths", rule, _LOOK)
        files = self._texts(parts.get("files"), f"{name}.files")
        if "files" in parts and not files:
            self._fault(
                parts["files"], f"{name}.files", "ファイルを 1 つ以上書きます。", "[access-*.csv] のように書く。"
            )
        return Table(
            name=name,
            files=files,
            format=form,
            charset=charset,
            delimiter=self._sign(parts.get("delimiter"), f"{name}.delimiter", ",") or ",",
            quote=self._sign(parts.get("quote"), f"{name}.quote", '"'),
            header=self._count(parts.get("header"), f"{name}.header", 1 if form == "csv" else 0),
            empty=frozenset(self._texts(parts.get("empty"), f"{name}.empty")),
            spans=spans,
            fields=self._fields(parts.get("columns"), name),
            line=node.start_mark.line + 1,
        )

    def _fields(self, node: yaml.Node | None, table: str) -> dict[str, Field]:
        if node is None:
            return {}
        targets = TABLES[table]
        needed = {name for name, target in targets.items() if target.needed}
        parts = self._mapping(node, f"{table}.columns", needed, set(targets) - needed)
        return {
            name: self._field(part, f"{table}.columns.{name}", targets[name])
            for name, part in parts.items()
            if name in targets
        }

    def _field(self, node: yaml.Node, where: str, target: Target) -> Field:
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.MappingNode):
            return Field(columns=self._columns(node, where), line=line)
        parts = self._mapping(node, where, set(), {"column", "value", *_OPTIONS[target.kind]})
        if ("column" in parts) == ("value" in parts):
            self._fault(node, where, "column（列）か value（決まった値）のどちらか一つを書きます。", _LOOK)
        constant = self._text(parts["value"], f"{where}.value") if "value" in parts else None
        era = self._era(parts.get("era"), f"{where}.era")
        options: dict[str, Any] = {
            "clock": self._choice(parts.get("clock"), f"{where}.clock", CLOCKS, "Asia/Tokyo"),
            "form": self._choice(parts.get("form"), f"{where}.form", FORMS, "auto"),
        }
        return Field(
            columns=self._columns(parts["column"], f"{where}.column") if "column" in parts else (),
            constant=constant,
            values=self._pairs(parts["values"], f"{where}.values") if "values" in parts else {},
            by_name=self._choice(parts.get("by"), f"{where}.by", ("code", "name"), "code") == "name",
            era=era,
            inclusive=self._flag(parts["inclusive"], f"{where}.inclusive") if "inclusive" in parts else False,
            line=line,
            **options,
        )

    def _era(self, node: yaml.Node | None, where: str) -> str | None:
        if node is None:
            return None
        text = self._text(node, where)
        try:
            return ERAS.named(text).name if text else None
        except Malformed as error:
            self._fault(node, where, error.rule, "era: 令和 のように書く。")
            return None

    def _columns(self, node: yaml.Node, where: str) -> tuple[str | int, ...]:
        found: list[str | int] = []
        for child in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            text = self._text(child, where)
            if child.tag.endswith(":int") and text.isascii() and text.isdigit():
                if int(text) < 1:
                    self._fault(child, where, "列の番号は 1 から数えます。", "左端の列は 1。")
                found.append(int(text))
            elif text:
                found.append(text)
        return tuple(found)

    def _widths(self, node: yaml.Node | None, where: str) -> tuple[Span, ...]:
        spans: list[Span] = []
        start = 0
        for name, text in self._pairs(node, where).items():
            if not (text.isascii() and text.isdigit() and 0 < int(text) < 1 << 20):
                self._fault(
                    node, f"{where}.{name}", "幅はバイト数（1 以上の整数）です。", "全角 1 字は 2 バイト（CP932）。"
                )
                continue
            spans.append(Span(name=name, start=start, end=start + int(text)))
            start += int(text)
        return tuple(spans)

    def _pairs(self, node: yaml.Node | None, where: str) -> dict[str, str]:
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, where, "名前: 値 の組で書きます。", _LOOK)
            return {}
        pairs: dict[str, str] = {}
        for key, value in node.value:
            word = self._text(key, where)
            if word in pairs:
                self._fault(key, f"{where}.{word}", "同じ項目は一度だけ書きます。", "どちらかを消す。")
            pairs[word] = self._text(value, f"{where}.{word}")
        return pairs

    def _texts(self, node: yaml.Node | None, where: str) -> tuple[str, ...]:
        if node is None:
            return ()
        return tuple(self._text(child, where) for child in _each(node))

    def _choice(self, node: yaml.Node | None, where: str, words: tuple[str, ...], usual: str) -> Any:
        if node is None:
            return usual
        text = self._text(node, where)
        if text not in words:
            self._fault(node, where, f"{'、'.join(words)} のどれかです。", nearest(text, words, _LOOK))
            return usual
        return text

    def _sign(self, node: yaml.Node | None, where: str, usual: str) -> str | None:
        if node is None:
            return usual
        text = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
        if text == "none" and usual == '"':
            return None
        text = _DELIMITERS.get(text, text)
        if len(text) != 1 or not text.isascii() or text in "\r\n":
            self._fault(
                node, where, "半角の記号 1 つです（タブは tab、引用符なしは none）。", 'delimiter: "," のように書く。'
            )
            return usual
        return text

    def _count(self, node: yaml.Node | None, where: str, usual: int) -> int:
        if node is None:
            return usual
        text = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
        if not (text.isascii() and text.isdigit() and int(text) <= 1000):
            self._fault(node, where, "見出しの行の数（0 以上の整数）です。", "見出しがなければ 0、1 行なら 1。")
            return usual
        return int(text)


def _each(node: yaml.Node) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]
