"""YAML that people write: nodes that know their lines, every fault at once, with line, field, rule and what to do."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import yaml

_LOOK: Final = "surveys/ の例を見て直す。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong in a file; `line` counts from 1."""

    line: int
    field: str
    rule: str
    advice: str


class WrongFile(Exception):
    """A file that cannot be read or breaks a rule; the message lists every fault."""

    def __init__(self, path: Path, faults: tuple[Fault, ...]) -> None:
        lines = [f"{path}:{f.line}: {f.field}: {f.rule}\n対処: {f.advice}" for f in faults]
        super().__init__("\n".join(lines))
        self.path = path
        self.faults = faults


def compose(path: Path, wrong: type[WrongFile], what: str) -> tuple[yaml.Node | None, bytes]:
    """The root node of a file, called `what` in advice, and its bytes. Raises the given kind of WrongFile."""

    def one(line: int, field: str, rule: str, advice: str) -> WrongFile:
        return wrong(path, (Fault(line=line, field=field, rule=rule, advice=advice),))

    content = b""
    try:
        content = path.read_bytes()
        return yaml.compose(content.decode("utf-8"), Loader=yaml.SafeLoader), content
    except OSError as error:
        raise one(1, "ファイル", f"読めません（{error.strerror}）。", f"{what}の名前を確かめる。") from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise one(line, "文字コード", "UTF-8 で書きます。", "UTF-8 で保存し直す。") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        rule = f"YAML として読めません（{error.problem}）。"
        raise one(line, "YAML", rule, "字下げ、コロン、かっこの対を直す。") from None
    except yaml.YAMLError as error:
        raise one(1, "YAML", f"YAML として読めません（{error}）。", "使えない文字を除く。") from None


class Nodes:
    """Walks the nodes and gathers faults; `look` is the advice where nothing better is known."""

    def __init__(self, look: str = _LOOK) -> None:
        self.faults: list[Fault] = []
        self._look = look

    def _text(self, node: yaml.Node | None, field: str, pattern: re.Pattern[str] | None = None, rule: str = "") -> str:
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or node.tag.endswith(":null") or not node.value.strip():
            self._fault(node, field, "空でない文字を 1 つ書きます。", "値を書く。")
            return ""
        if pattern is not None and not pattern.fullmatch(node.value):
            self._fault(node, field, rule, "notice-2022-12 のように書く。")
        return str(node.value)

    def _flag(self, node: yaml.Node, field: str) -> bool:
        if not isinstance(node, yaml.ScalarNode) or node.value not in ("true", "false"):
            self._fault(node, field, "true か false です。", "true か false を書く。")
            return False
        return bool(node.value == "true")

    def _mapping(self, node: yaml.Node, field: str, needed: set[str], allowed: set[str]) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, field, f"{'、'.join(sorted(needed))} の組で書きます。", "項目: 値 の形で書く。")
            return {}
        parts: dict[str, yaml.Node] = {}
        for key, value in node.value:
            word = str(key.value)
            here = f"{field}.{word}".lstrip(".")
            if word in parts:
                self._fault(key, here, "同じ項目は一度だけ書きます。", "どちらかを消す。")
            elif word not in needed | allowed:
                names = tuple(sorted(needed | allowed))
                self._fault(key, here, f"使える項目は {'、'.join(names)} です。", nearest(word, names, self._look))
            parts[word] = value
        for missing in sorted(needed - parts.keys()):
            self._fault(
                node, f"{field}.{missing}".lstrip("."), "なくてはならない項目です。", f"{missing}: を書き足す。"
            )
        return parts

    def _fault(self, node: yaml.Node | None, field: str, rule: str, advice: str) -> None:
        line = 1 if node is None else node.start_mark.line + 1
        self.faults.append(Fault(line=line, field=field, rule=rule, advice=advice))


def nearest(word: str, names: tuple[str, ...], look: str = _LOOK) -> str:
    """What to do about a word that is none of the names."""
    near = get_close_matches(word, names, n=1)
    return f"{near[0]} の書き間違いなら直す。" if near else look
