"""A survey file (YAML) into a Survey; every fault at once, each with line, field, rule and what to do."""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

import yaml

from takuso.kernel.periods import DatePeriod
from takuso.survey.definition import (
    STEPS,
    Annotate,
    CustomerHeldByOther,
    Exclude,
    Include,
    ReachedFrom,
    ScreenChoice,
    Screens,
    Step,
    Survey,
    ViewerAffiliation,
)
from takuso.survey.nodes import Nodes, WrongFile, compose, nearest

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_KINDS: Final = tuple(step.kind for step in STEPS)
_DEFAULT_NAMES: Final = {
    "screens": "画面で絞る",
    "reached_from": "前の画面で絞る",
    "viewer_affiliation": "閲覧者の所属で絞る",
    "customer_held_by_other": "ほかの小売電気事業者のお客さまに絞る",
    "include": "ほかの画面を取り入れる",
    "exclude": "ほかの画面を除く",
    "annotate": "ほかの画面を添える",
}


class WrongSurveyFile(WrongFile):
    """A survey file that cannot be read or breaks a rule."""


def read_survey(path: Path) -> Survey:
    """Read a survey file. Raises WrongSurveyFile."""
    root, content = compose(path, WrongSurveyFile, "調査ファイル")
    reader = _Reader()
    survey = reader.survey(root, path, hashlib.sha256(content).hexdigest())
    if survey is None or reader.faults:
        raise WrongSurveyFile(path, tuple(sorted(reader.faults, key=lambda fault: fault.line)))
    return survey


class _Reader(Nodes):
    """Walks the nodes of a survey file."""

    def survey(self, root: yaml.Node | None, path: Path, digest: str) -> Survey | None:
        if not isinstance(root, yaml.MappingNode):
            self._fault(root, "調査", "項目と値の組（name: など）で書きます。", "surveys/ にある例を写して直す。")
            return None
        parts = self._mapping(root, "", {"name", "title", "period", "steps"}, {"source"})
        name = self._text(parts.get("name"), "name", _NAME, "英数字と . _ - で 100 字までです。")
        title = self._text(parts.get("title"), "title")
        period = self._period(parts.get("period"))
        source = self._text(parts["source"], "source") if "source" in parts else None
        steps = tuple(self._steps(parts.get("steps")))
        if self.faults or period is None:
            return None
        return Survey(
            name=name,
            title=title,
            period=period,
            steps=steps,
            sha256=digest,
            source=None if source is None else path.parent / source,
        )

    def _period(self, node: yaml.Node | None) -> DatePeriod | None:
        if node is None:
            return None
        parts = self._mapping(node, "period", {"from", "to"}, set())
        start, end = (self._date(parts.get(key), f"period.{key}") for key in ("from", "to"))
        if start is None or end is None:
            return None
        if start >= end:
            rule = "from は to より前の日です（to の日は含みません）。"
            self._fault(parts["to"], "period.to", rule, "調べる最後の日の翌日を to に書く。")
            return None
        return DatePeriod(start=start, end=end)

    def _date(self, node: yaml.Node | None, field: str) -> date | None:
        if node is None:
            return None
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        try:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                raise ValueError(text)
            return date.fromisoformat(text)
        except ValueError:
            self._fault(node, field, "実在する日付を YYYY-MM-DD で書きます（日本時間）。", "2022-12-06 のように書く。")
            return None

    def _steps(self, node: yaml.Node | None) -> Iterator[Step]:
        if node is None:
            return
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self._fault(node, "steps", "1 つ以上の段を - で並べます。", "- kind: screens から始める。")
            return
        for number, child in enumerate(node.value, start=1):
            step = self._step(child, f"steps[{number}]")
            if step is not None:
                yield step

    def _step(self, node: yaml.Node, field: str) -> Step | None:
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, field, "項目と値の組（kind: など）で書きます。", "- kind: screens のように書く。")
            return None
        kinds = [value for key, value in node.value if key.value == "kind"]
        kind = kinds[0].value if kinds and isinstance(kinds[0], yaml.ScalarNode) else None
        if kind not in _KINDS:
            rule = f"段の種類は {'、'.join(_KINDS)} のどれかです。"
            self._fault(kinds[0] if kinds else node, f"{field}.kind", rule, nearest(str(kind or ""), _KINDS))
            return None
        before = len(self.faults)
        step = self._makers()[kind](node, field)
        return step if len(self.faults) == before else None

    def _makers(self) -> dict[str, Callable[[yaml.Node, str], Step]]:
        return {
            "screens": self._screens,
            "reached_from": self._reached_from,
            "viewer_affiliation": self._viewer_affiliation,
            "customer_held_by_other": self._customer_held_by_other,
            "include": self._include,
            "exclude": self._exclude,
            "annotate": self._annotate,
        }

    def _common(
        self, node: yaml.Node, field: str, needed: set[str], allowed: set[str]
    ) -> tuple[dict[str, yaml.Node], str, str]:
        parts = self._mapping(node, field, {"kind", *needed}, {"name", "item", *allowed})
        kind = parts["kind"].value
        name = self._text(parts["name"], f"{field}.name") if "name" in parts else _DEFAULT_NAMES[kind]
        item = self._text(parts["item"], f"{field}.item") if "item" in parts else ""
        return parts, name, item

    def _screens(self, node: yaml.Node, field: str) -> Step:
        parts, name, item = self._common(node, field, {"screens"}, set())
        return Screens(name=name, item=item, screens=self._codes(parts.get("screens"), f"{field}.screens"))

    def _reached_from(self, node: yaml.Node, field: str) -> Step:
        parts, name, item = self._common(node, field, {"from"}, {"screens"})
        origins = self._codes(parts.get("from"), f"{field}.from")
        return ReachedFrom(
            name=name, item=item, origins=origins, screens=self._codes(parts.get("screens"), f"{field}.screens")
        )

    def _viewer_affiliation(self, node: yaml.Node, field: str) -> Step:
        parts, name, item = self._common(node, field, {"organisation"}, {"contractors"})
        organisation = self._text(parts.get("organisation"), f"{field}.organisation")
        contractors = False
        if "contractors" in parts:
            contractors = self._flag(parts["contractors"], f"{field}.contractors")
        return ViewerAffiliation(name=name, item=item, organisation=organisation, contractors=contractors)

    def _customer_held_by_other(self, node: yaml.Node, field: str) -> Step:
        parts, name, item = self._common(node, field, {"organisation"}, set())
        organisation = self._text(parts.get("organisation"), f"{field}.organisation")
        return CustomerHeldByOther(name=name, item=item, organisation=organisation)

    def _include(self, node: yaml.Node, field: str) -> Step:
        name, item, others = self._others(node, field)
        return Include(name=name, item=item, others=others)

    def _exclude(self, node: yaml.Node, field: str) -> Step:
        name, item, others = self._others(node, field)
        return Exclude(name=name, item=item, others=others)

    def _annotate(self, node: yaml.Node, field: str) -> Step:
        name, item, others = self._others(node, field)
        return Annotate(name=name, item=item, others=others)

    def _others(self, node: yaml.Node, field: str) -> tuple[str, str, ScreenChoice]:
        parts, name, item = self._common(node, field, set(), {"screens", "except"})
        given = [key for key in ("screens", "except") if key in parts]
        if len(given) != 1:
            rule = "screens（この画面）か except（この画面以外）のどちらか一つを書きます。"
            self._fault(node, field, rule, "except: [KF10, CI20] のように書く。")
            return name, item, ScreenChoice(codes=())
        codes = self._codes(parts[given[0]], f"{field}.{given[0]}")
        return name, item, ScreenChoice(codes=codes, all_but=given[0] == "except")

    def _codes(self, node: yaml.Node | None, field: str) -> tuple[str, ...]:
        if node is None:
            return ()
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not nodes:
            self._fault(node, field, "画面コードを 1 つ以上書きます。", "[KF10, CI20] のように書く。")
        codes = [self._text(child, field) for child in nodes]
        return tuple(dict.fromkeys(codes))
