"""The verifier: every check in its order, the cheapest first."""

import io
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from takuso.barrier.standing import read_home
from takuso.proof.agreement import agreement_faults
from takuso.proof.attacks import attack_faults, attacks
from takuso.proof.book import compare, document, read, write
from takuso.proof.canary import BRIEF as FEW
from takuso.proof.canary import KINDS, World
from takuso.proof.commands import command_faults
from takuso.proof.completeness import completeness_faults
from takuso.proof.coverage import coverage
from takuso.proof.desk import NoSignIn, Site, site
from takuso.proof.doors import door_faults
from takuso.proof.facts import facts
from takuso.proof.faults.drill import FAULTS
from takuso.proof.imports import import_faults
from takuso.proof.judge import Wrong
from takuso.proof.lints import catalogue_faults, loaded_faults, stamp_faults
from takuso.proof.mutants import mutants
from takuso.proof.people import BRIEF, BY_CODE, RETAILERS, WALKERS
from takuso.proof.program import Program
from takuso.proof.report import Checked, Coverage, Report, findings
from takuso.proof.rule import home_faults, rule_faults
from takuso.proof.sinks import Heard, listening, office_log, sink_faults
from takuso.proof.tampering import tampering_faults
from takuso.proof.twin import NotTheSame
from takuso.proof.two_run import two_run_faults
from takuso.proof.walk import Walk, turn_found, walk, walk_faults
from takuso.proof.walls import wall_faults
from takuso.store.embedded import log_file
from takuso.store.errors import StoreError
from takuso.store.home import Home

Said = Callable[[str], None]
Found = tuple[list[Wrong], int]
CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "doors": "出入口の登録簿",
        "imports": "プログラムの柵",
        "rule": "情報遮断の表と規則",
        "catalogue": "データベースのカタログ",
        "stamps": "供給者の刻印",
        "agreement": "規則とデータベースの一致",
        "walls": "表への直接の読み書き",
        "tampering": "閲覧記録の書き換え",
        "walk": "全画面・全経路の歩行",
        "completeness": "表示と記録の一致",
        "sinks": "ログ・計数への漏れ",
        "commands": "コマンドの出力",
        "two-run": "他社データを変えた 2 回の比較",
    }
)
"""Names and titles, in the order they run."""


class NoSuchCheck(Exception):
    """A name after --only that is none of a check."""


@dataclass
class _Run:
    """One run: the twin and the walk are made when the first check asks for them, and shared."""

    program: Program
    home: Home
    admin_url: str | None
    stack: ExitStack
    brief: bool
    chosen: Sequence[str]
    stop: bool
    coverage: Coverage = field(default_factory=Coverage)

    def doors(self) -> Found:
        untried = attack_faults(self.program.doors, CHECKS, [fault.name for fault in FAULTS])
        return [*door_faults(self.program), *untried], len(self.program.doors) + len(attacks())

    def imports(self) -> Found:
        return import_faults(self.program), sum(1 for _ in self.program.root.rglob("*.py"))

    def rule(self) -> Found:
        wrong, asked = rule_faults()
        more, also = home_faults(read_home(self.home))
        return [*wrong, *more, *loaded_faults(self.home, self.program)], asked + also

    def catalogue(self) -> Found:
        return catalogue_faults(self.home, self.program)

    def stamps(self) -> Found:
        return stamp_faults(self.home), 1

    def agreement(self) -> Found:
        return agreement_faults(self._other_site)

    def walls(self) -> Found:
        return wall_faults(self._other_site, stop=self.stop)

    def tampering(self) -> Found:
        return tampering_faults(self._other_site)

    def walk(self) -> Found:
        wrong = walk_faults(self._walk)
        missing, self.coverage = coverage(self._walk)
        if not self._walk.whole:
            missing = [] if wrong else [("歩行", "途中で止まり、終わりまで歩いていません")]
        return [*wrong, *missing], len(self._walk.seen)

    def completeness(self) -> Found:
        return completeness_faults(self._walk)

    def sinks(self) -> Found:
        return _sinks(self._walk, self._heard)

    def commands(self) -> Found:
        return command_faults(self._other_site, stop=self.stop)

    def two_run(self) -> Found:
        viewpoints, among = (RETAILERS[:1], FEW) if self.brief else (RETAILERS, KINDS)
        return two_run_faults(self.home, self._admin, self.program, viewpoints, among, stop=self.stop)

    @property
    def _admin(self) -> str:
        if self.admin_url is None:
            raise NoSignIn("no administrator's address")
        return self.admin_url

    @cached_property
    def _heard(self) -> Heard:
        return self._walked[1]

    @cached_property
    def _walk(self) -> Walk:
        return self._walked[0]

    @cached_property
    def _walked(self) -> tuple[Walk, Heard]:
        world = World.brief() if self.brief else World()
        walkers = tuple(BY_CODE[code] for code in BRIEF) if self.brief else WALKERS
        place = self.stack.enter_context(site(self.home, self._admin, self.program, world))
        with listening(log_file(self.home) if self.home.embedded else None) as heard:
            stop = partial(self._enough, heard) if self.stop else None
            return walk(place, walkers, among=place.canaries.customers, brief=self.brief, stop=stop), heard

    def _enough(self, heard: Heard, turn: Walk, so_far: Walk) -> bool:
        """Whether one of the checks that look at the walk would find something by now."""
        return (
            turn_found(turn, so_far)
            or ("completeness" in self.chosen and bool(completeness_faults(so_far)[0]))
            or ("sinks" in self.chosen and bool(_sinks(so_far, heard)[0]))
        )

    @cached_property
    def _other_site(self) -> Site:
        """For the checks that leave tickets of their own in the log."""
        return self.stack.enter_context(site(self.home, self._admin, self.program, World()))


class Verifier:
    """The proof of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program

    @property
    def checks(self) -> Mapping[str, str]:
        """Names and titles of the checks, in their order."""
        return CHECKS

    def verify(
        self,
        home: Home,
        admin_url: str | None,
        *,
        only: Sequence[str] = (),
        fail_fast: bool = False,
        brief: bool = False,
        said: Said = lambda _: None,
    ) -> Report:
        """Run the checks of `only` (empty: all). `fail_fast` stops after the first check that finds something.

        `brief` walks with a few people and kinds; the figures of coverage are then of these alone.

        Raises NoSuchCheck, NoTwin, and the errors of the store.
        """
        chosen = _chosen(only)
        began = time.perf_counter()
        done: list[Checked] = []
        # What the twins' offices log is heard by the check of the sinks, and by nobody else.
        with ExitStack() as stack, office_log(io.StringIO()):
            run = _Run(
                program=self._program,
                home=home,
                admin_url=admin_url,
                stack=stack,
                chosen=chosen,
                brief=brief,
                stop=fail_fast,
            )
            for name in chosen:
                said(f"{CHECKS[name]}（{name}）")
                done.append(_checked(name, getattr(run, name.replace("-", "_"))))
                if fail_fast and done[-1].findings:
                    break
            covered = run.coverage
        seconds = time.perf_counter() - began
        rules = read_home(home).rules
        told = facts(home, self._program.root, rules)
        return Report(checks=tuple(done), coverage=covered, seconds=seconds, facts=told, rules=rules)

    def mutants(self, home: Home, admin_url: str) -> list[dict[str, Any]]:
        """Every rule row and every policy changed one at a time: `kind`, `made`, `survivors` (see mutants.py)."""
        with office_log(io.StringIO()):
            return [asdict(one) for one in mutants(home, admin_url, self._program)]

    def book(self, report: Report, tried: Mapping[str, Any], folder: Path) -> None:
        """Write the proof book of a run; `tried` is the document of `drill try --json`. Raises OSError."""
        write(document(report, self._program, tried), folder)

    def compare(self, one: Path, other: Path) -> list[str]:
        """What differs between two books. Raises NotABook."""
        return compare(read(one), read(other))


def _sinks(done: Walk, heard: Heard) -> Found:
    counted = next((one.answer.body for one in done.seen if one.step.address == "/metrics" and one.walker), b"")
    return sink_faults(heard, done.site.canaries, {"計数": counted})


def _place(error: BaseException) -> str:
    """Where it broke: file and line, never the message, which may hold a value."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _chosen(only: Sequence[str]) -> list[str]:
    for name in only:
        if name not in CHECKS:
            raise NoSuchCheck(name)
    return [name for name in CHECKS if not only or name in only]


def _checked(name: str, check: Callable[[], Found]) -> Checked:
    began = time.perf_counter()
    try:
        wrong, cells = check()
    except NoSignIn as error:
        # Nobody gets in: whatever closed the door, the check cannot say that it is safe.
        wrong, cells = [("サインイン", f"検証の利用者がサインインできません（{error}）")], 0
    except NotTheSame as error:
        wrong, cells = (
            [
                (line[:100], "写しがホームのデータベースと違います: 歩いても証明になりません")
                for line in error.apart[:5]
            ],
            0,
        )
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - a check that breaks has proved nothing, so it is red
        wrong, cells = [(name, f"検査を最後まで行えませんでした（{type(error).__name__}: {_place(error)}）")], 0
    return Checked(
        name=name,
        title=CHECKS[name],
        findings=findings(name, wrong),
        cells=cells,
        seconds=time.perf_counter() - began,
    )
