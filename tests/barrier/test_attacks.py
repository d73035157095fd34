"""The list of attacks, and where each is tried; those that are tried nowhere else are tried here.

A number of the list that stands neither in ATTACKS nor in NO_DOOR is a hole in the tests.
"""

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

import takuso
from takuso.barrier.catalogue import catalogue_findings
from takuso.barrier.gate import Gate, GateClosed, Sight, UnknownScreen, Visit
from takuso.barrier.query import Query
from takuso.barrier.signin import Proof
from takuso.flow.points import queries
from takuso.flow.points.operations import RECORD_SUPPLY, RECORD_SUPPLY_ACTION
from takuso.main import house
from takuso.store.logins import LOGIN_NAMES
from tests.area import Area, Customer
from tests.barrier.behind import Db, Ticket, hold, one, refused, run
from tests.barrier.sights import everything, look, state

TESTS = Path(__file__).parents[1]
TEXTS = [file.read_text(encoding="utf-8") for file in house().functions]

ATTACKS: dict[int, tuple[str, ...]] = {
    1: ("barrier/test_forgetful_view.py::test_a_screen_without_any_filter",),
    2: ("barrier/test_bypass_matrix.py::test_no_ticket", "barrier/test_forgetful_view.py::test_no_ticket"),
    3: (
        "barrier/test_bypass_matrix.py::test_unknown_ticket",
        "barrier/test_bypass_matrix.py::test_expired_ticket",
        "barrier/test_forgetful_view.py::test_anothers_ticket_with_my_proof",
    ),
    4: (
        "barrier/test_holes.py::test_a_ticket_opened_in_the_same_transaction_gives_nothing",
        "barrier/test_bypass_matrix.py::test_a_ticket_rolled_back_gives_nothing",
        "barrier/test_bypass_matrix.py::test_prepared_transactions_do_not_exist",
    ),
    5: (
        "barrier/test_holes.py::test_the_roles_behind_the_functions_cannot_log_in",
        "barrier/test_holes.py::test_the_owner_reads_nothing_unless_force_is_taken_off",
    ),
    6: ("barrier/test_holes.py::test_a_bypassing_login_reads_all_and_the_start_check_refuses_it",),
    7: ("barrier/test_holes.py::test_the_hole_leaks", "barrier/test_attacks.py::test_the_start_check_finds_it"),
    8: ("barrier/test_holes.py::test_the_hole_leaks", "barrier/test_attacks.py::test_the_start_check_finds_it"),
    9: ("barrier/test_attacks.py::test_the_start_check_finds_it",),
    10: (
        "barrier/test_log.py::test_partitions_are_nobodys",
        "barrier/test_holes.py::test_a_partition_of_the_log_shows_nothing_even_when_granted",
    ),
    11: ("barrier/test_holes.py::test_a_cheap_leaky_function_sees_only_the_tickets_rows",),
    12: ("barrier/test_bypass_matrix.py::test_an_error_quotes_no_hidden_value",),
    13: ("barrier/test_bypass_matrix.py::test_plans_do_not_tell_hidden_from_absent",),
    14: ("barrier/test_bypass_matrix.py::test_insert_is_no_oracle",),
    15: (
        "barrier/test_forgetful_view.py::test_a_ticket_forged_in_the_settings",
        "barrier/test_forgetful_view.py::test_the_ticket_changed_by_the_statement_itself",
    ),
    16: (
        "barrier/test_bypass_matrix.py::test_another_identity_is_refused",
        "barrier/test_bypass_matrix.py::test_resetting_gives_no_more",
    ),
    17: ("barrier/test_attacks.py::test_17_rights_that_row_security_does_not_cover",),
    18: ("barrier/test_attacks.py::test_18_copies_cursors_and_notifications",),
    19: ("barrier/test_bypass_matrix.py::test_readers_change_and_lock_nothing",),
    20: ("barrier/test_bypass_matrix.py::test_a_prepared_statement_follows_the_ticket",),
    21: ("store/test_checks.py::test_versions",),
    22: (
        "barrier/test_bypass_matrix.py::test_sequences_and_large_objects_tell_nothing",
        "barrier/test_bypass_matrix.py::test_system_columns",
    ),
    23: ("barrier/test_attacks.py::test_23_no_model_maps_a_guarded_table",),
    24: ("barrier/test_attacks.py::test_23_no_model_maps_a_guarded_table",),
    25: ("barrier/test_attacks.py::test_25_no_column_holds_a_document",),
    26: ("barrier/test_attacks.py::test_26_the_checks_of_the_program_taken_away",),
    27: ("barrier/test_attacks.py::test_27_one_own_and_one_foreign_number",),
    28: (
        "barrier/test_grid.py::test_the_path_of_the_notice",
        "barrier/test_grid.py::test_every_transition_to_a_strangers_customer",
    ),
    29: ("barrier/test_grid.py::test_coming_from_anothers_ticket_is_coming_from_nowhere",),
    30: ("barrier/test_attacks.py::test_30_a_screen_has_one_name",),
    31: ("barrier/test_attacks.py::test_31_parameters_cannot_take_the_tickets_place",),
    32: ("barrier/test_grid.py::test_hidden_and_absent_are_one_answer",),
    33: ("barrier/test_grid.py::test_hidden_and_absent_are_one_answer",),
    48: (
        "barrier/test_time.py::test_a_late_job_hides_from_both_and_the_effect_shows_it_to_the_new_one",
        "barrier/test_time.py::test_a_late_job_hides_rows_from_a_ticket_that_is_open",
    ),
    49: (
        "barrier/test_time.py::test_the_supplier_changes_exactly_at_midnight",
        "barrier/test_time.py::test_the_database_has_the_same_days",
        "barrier/test_time.py::test_each_look_over_midnight_goes_by_its_own_day",
    ),
    55: ("barrier/test_time.py::test_a_transfer_at_midnight",),
    61: (
        "barrier/test_forgetful_view.py::test_after_closing",
        "barrier/test_forgetful_view.py::test_a_ticket_of_another_sign_in_of_mine",
    ),
    62: (
        "barrier/test_attacks.py::test_62_a_new_table_or_column_without_a_class",
        "barrier/test_attacks.py::test_the_start_check_finds_it",
    ),
    68: (
        "barrier/test_log_failures.py::test_a_day_that_cannot_be_recorded_shows_nothing",
        "barrier/test_log_failures.py::test_a_log_that_cannot_be_written_shows_nothing",
    ),
    69: (
        "barrier/test_log_failures.py::test_a_process_that_dies_with_the_rows_in_hand_leaves_its_ticket",
        "barrier/test_rendered_equals_logged.py::test_a_page_that_breaks_counts_as_shown",
    ),
}
# What the gate cannot show of 28 to 33, the answers over HTTP do: pages, headers, addresses, verbs.
AT_THE_DOOR: dict[int, tuple[str, ...]] = {
    28: (
        "web/test_attacks.py::test_attack_28_every_way_to_a_hidden_customer",
        "web/test_attacks.py::test_attack_28_the_path_of_the_notice",
        "web/test_attacks.py::test_attack_28_the_same_path_for_network_staff_needs_each_customer_named",
    ),
    29: (
        "web/test_attacks.py::test_attack_29_a_typed_address",
        "web/test_attacks.py::test_attack_29_a_bookmark_after_the_switch",
        "web/test_attacks.py::test_attack_29_two_tabs_with_two_customers",
        "web/test_attacks.py::test_attack_29_a_changed_hidden_field_of_the_purpose",
        "web/test_attacks.py::test_attack_29_changed_hidden_fields_of_a_list",
        "web/test_attacks.py::test_attack_29_anothers_receipt_as_the_way_one_came",
    ),
    30: (
        "web/test_attacks.py::test_attack_30_another_verb",
        "web/test_attacks.py::test_attack_30_another_verb_elsewhere",
        "web/test_attacks.py::test_attack_30_another_spelling_of_the_address",
        "web/test_attacks.py::test_attack_30_another_case_or_width_of_the_screen",
        "web/test_attacks.py::test_attack_30_another_format",
        "web/test_attacks.py::test_attack_30_another_width_of_the_code",
        "web/test_attacks.py::test_attack_30_a_code_given_twice",
    ),
    31: (
        "web/test_attacks.py::test_attack_31_assigning_company_and_role_in_an_address",
        "web/test_attacks.py::test_attack_31_assigning_company_and_role_in_a_form",
        "web/test_attacks.py::test_attack_31_assigning_a_duty_with_the_purpose",
        "web/test_attacks.py::test_attack_31_headers_of_a_proxy_name_nobody",
    ),
    32: ("web/test_attacks.py::test_attack_32_title_headers_length_and_print",),
    33: (
        "web/test_attacks.py::test_attack_33_one_status_for_hidden_and_absent",
        "web/test_attacks.py::test_attack_33_network_staff_are_asked_for_a_purpose_for_absent_codes_too",
        "web/test_attacks.py::test_attack_33_every_screen_is_in_these_tests",
    ),
}


@pytest.mark.parametrize("number", [*range(1, 34), 48, 49, 55, 61, 62, 68, 69])
def test_every_attack_is_tried(number: int) -> None:
    for node in (*ATTACKS[number], *AT_THE_DOOR.get(number, ())):
        file, _, name = node.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert name in {item.name for item in tree.body if isinstance(item, ast.FunctionDef)}, node


# ------------------------------------------------------------------------------------ found at start: 7, 8, 9, 62
PLANTED = {
    "a view": "CREATE VIEW points.planted AS SELECT point, town FROM points.place",
    "a materialized view": "CREATE MATERIALIZED VIEW points.planted AS SELECT point, town FROM points.place",
    "a table without row security": "CREATE TABLE points.planted (point bigint)",
    "a table without a policy": (
        "CREATE TABLE points.planted (point bigint, name text); ALTER TABLE points.planted OWNER TO owner;"
        " ALTER TABLE points.planted ENABLE ROW LEVEL SECURITY; ALTER TABLE points.planted FORCE ROW LEVEL SECURITY;"
        " INSERT INTO wall.register VALUES ('points', 'planted', 'point', 'key'), ('points', 'planted', 'name', 'C')"
    ),
    "a definer function": (
        "CREATE FUNCTION points.planted() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER"
        " AS 'SELECT town FROM points.place'"
    ),
    "a function without a fixed search_path": "ALTER FUNCTION wall.granted(text) RESET search_path",
    "a function of another owner": "ALTER FUNCTION wall.granted(text) OWNER TO postgres",
    "a second function of a name": (
        "CREATE FUNCTION wall.granted(p text, q text) RETURNS bigint[] LANGUAGE sql AS 'SELECT NULL::bigint[]'"
    ),
    "a function called by PUBLIC": "GRANT EXECUTE ON FUNCTION points.load(text, jsonb) TO PUBLIC",
    "a table owned by a login": "ALTER TABLE points.place OWNER TO migrator",
    "a right of PUBLIC": "GRANT SELECT (town) ON points.place TO PUBLIC",
    "a right of web": "GRANT SELECT (town) ON points.place TO web",
    "a right to change": "GRANT UPDATE (town) ON points.place TO writer",
    "a right on the schema": "GRANT USAGE ON SCHEMA points TO web",
    "a right to create": "GRANT CREATE ON SCHEMA points TO writer",
    "a right on a partition": "GRANT SELECT ON log.ticket_{day} TO surveyor",
    "a care note for a retailer": "GRANT SELECT (body) ON points.care_note TO reader_retailer",
    "one policy more": "CREATE POLICY planted ON points.place FOR SELECT TO reader_retailer USING (true)",
    "a policy for all roles": "CREATE POLICY planted ON points.place FOR SELECT USING (true)",
    "a policy less": "DROP POLICY holder ON points.place",
    "a policy turned permissive": (
        "DROP POLICY holder ON points.place; CREATE POLICY holder ON points.place AS PERMISSIVE FOR SELECT TO"
        " reader_retailer USING (holder_id = (SELECT wall.viewer_org()) AND held_from <= (SELECT wall.today())"
        " AND (SELECT wall.today()) < held_to)"
    ),
    "another class in a policy": (
        "ALTER POLICY ticket ON points.party USING (point = ANY ((SELECT wall.granted('A'))::bigint[]))"
    ),
    "a trigger": (
        "CREATE TRIGGER planted BEFORE UPDATE ON points.place FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    "a rule": "CREATE RULE planted AS ON INSERT TO log.outcome DO INSTEAD NOTHING",
    "a trigger that is off": "ALTER TABLE log.ticket DISABLE TRIGGER durable",
    "a partition without row security": "ALTER TABLE log.ticket_{day} DISABLE ROW LEVEL SECURITY",
}


@pytest.mark.parametrize("planted", PLANTED)
def test_the_start_check_finds_it(behind: Db, today: date, planted: str) -> None:
    def red() -> list[str]:
        classes = one(behind, "SELECT wall.classes()")
        return [finding.name for finding in catalogue_findings(behind, classes, TEXTS) if finding.state == "bad"]

    assert red() == []
    run(behind, PLANTED[planted].replace("{day}", f"{today:%Y%m%d}"))
    assert red()


@pytest.mark.parametrize(
    "statement",
    ["ALTER TABLE points.place ADD COLUMN planted text", "CREATE TABLE points.planted (x int)",
     "CREATE TABLE public.planted (x int)", "CREATE SCHEMA planted CREATE TABLE planted (x int)",
     "CREATE VIEW wall.planted AS SELECT 1 AS x", "DELETE FROM wall.register WHERE column_name = 'town'",
     "ALTER TABLE points.place DROP COLUMN room", "ALTER TABLE points.place RENAME COLUMN room TO planted"],
)  # fmt: skip
def test_62_a_new_table_or_column_without_a_class(behind: Db, statement: str) -> None:
    assert run(behind, "SELECT * FROM wall.unclassified()") == []
    run(behind, statement)
    assert run(behind, "SELECT * FROM wall.unclassified()") != []


def test_62_a_new_column_is_granted_to_nobody(behind: Db, own: Ticket) -> None:
    run(behind, "ALTER TABLE points.place ADD COLUMN planted text DEFAULT 'planted'")
    for login in LOGIN_NAMES:
        if login != "migrator":
            may = one(behind, "SELECT has_column_privilege(%s, 'points.place', 'planted', 'SELECT')", [login])
            assert may is False, login


# --------------------------------------------------------------------------------------------- SQL layer
def test_17_rights_that_row_security_does_not_cover(behind: Db) -> None:
    given = run(
        behind,
        "SELECT c.relname, a.grantee::regrole, a.privilege_type FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN aclexplode(c.relacl) a"
        " WHERE n.nspname IN ('points', 'wall', 'log', 'search') AND c.relkind IN ('r', 'p')"
        " AND a.grantee <> c.relowner AND a.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN')",
    )
    assert given == []


def test_18_copies_cursors_and_notifications(
    retailer: Db, own: Ticket, other: Ticket, customers: dict[str, Customer]
) -> None:
    """Every way out of a statement gives the ticket's rows; what a session holds after, it was given and logged."""
    hold(retailer, own)
    with retailer.cursor().copy("COPY (SELECT point, town FROM points.place) TO STDOUT") as copied:
        text = b"".join(bytes(block) for block in copied).decode()
    assert all(str(point) in text for point in customers["own"].points)
    assert not any(str(point) in text for point in customers["foreign"].points)
    with retailer.transaction():
        run(retailer, "DECLARE held CURSOR WITH HOLD FOR SELECT point FROM points.place")
    hold(retailer, other)
    assert {p for (p,) in run(retailer, "FETCH ALL FROM held")} == set(customers["own"].points)
    run(retailer, "CLOSE held")
    assert not [text for text in TEXTS if "notify" in text.lower()]


def test_25_no_column_holds_a_document(behind: Db) -> None:
    """A customer's record copied into a document would have no class. A proposal is one of the administration's: its
    fields are those of a rule or an appointment, checked one by one when it is made and again when it is decided."""
    documents = run(
        behind,
        "SELECT n.nspname, c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE n.nspname IN ('points', 'wall', 'log', 'search') AND c.relkind IN ('r', 'p') AND a.attnum > 0"
        " AND (t.typname IN ('json', 'jsonb', 'xml', 'hstore') OR t.typtype = 'c')",
    )
    assert documents == [("wall", "proposal", "content")]


# -------------------------------------------------------------------------------------------- application
def test_23_no_model_maps_a_guarded_table() -> None:
    """No object-relational mapper knows the guarded tables, so there is no identity map and no lazy load."""
    sources = list(Path(str(takuso.__file__)).parent.rglob("*.py"))
    assert len(sources) > 50
    for file in sources:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for item in ast.walk(tree):
            if isinstance(item, ast.ClassDef):
                assert not any("models.Model" in ast.unparse(base) for base in item.bases), (file, item.name)


def test_26_the_checks_of_the_program_taken_away(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gate and a view that never ask what is granted: the database answers all the same."""
    begin = Sight.__init__

    def without_asking(sight: Sight, *arguments: Any) -> None:
        begin(sight, *arguments)
        sight.shown = True  # type: ignore[misc]

    monkeypatch.setattr(Sight, "__init__", without_asking)
    monkeypatch.setattr(Sight, "withheld", lambda *_: False)
    asked = [query for query in everything(tmp_path) if query.name != "care_note"]
    for kind in ("foreign", "switched", "vacant", "two-suppliers", "own"):
        seen = look(gate, aoi, "KF10", customers[kind].code, asked)
        assert set(seen.rows) == {query.name for query in asked}
        got = {name for name, rows in seen.rows.items() if rows}
        assert got <= {"place", "equipment", "meter_install", "party", "bank_mandate", "mandate_notice"}
        assert bool(got) == (kind in ("own", "two-suppliers"))
        assert {row.point for rows in seen.rows.values() for row in rows} <= {customers[kind].points[0]}


def test_27_one_own_and_one_foreign_number(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], tmp_path: Path
) -> None:
    own, foreign = customers["own"], customers["foreign"]
    bodies = set()
    for second in (foreign.code, "9" * 14, foreign.numbers[0], "9" * 22, "malformed"):
        seen: list[object] = []

        def render(sight: Sight, seen: list[object] = seen) -> bytes:
            seen += [sight.points, sight.shown, [sight.rows(q) for q in queries.ALL if not sight.withheld(q)]]
            return repr(seen).encode()

        for asked in ([own.code, second], [second, own.code]):
            seen.clear()
            visit = Visit(proof=aoi, screen="CI20")
            bodies.add(gate.look(visit, asked=asked, queries=queries.ALL, render=render).body)
    assert len(bodies) == 1
    assert all(marker not in bodies.pop().decode() for marker in foreign.markers[foreign.points[0]][:1])


@pytest.mark.parametrize("screen", ["ci20", "CI20 ", "CI20/", "CI20.json", "CI20%00", "CI2", "ＣＩ２０", "", "%"])
def test_30_a_screen_has_one_name(gate: Gate, aoi: Proof, customers: dict[str, Customer], screen: str) -> None:
    with pytest.raises(UnknownScreen):
        gate.look(Visit(proof=aoi, screen=screen), asked=[customers["own"].code], render=lambda s: s.receipt.encode())


def test_31_parameters_cannot_take_the_tickets_place(
    gate: Gate, area: Area, aoi: Proof, sign_in: Callable[[str], Proof], customers: dict[str, Customer], today: date,
    eyes: Db, tmp_path: Path,
) -> None:  # fmt: skip
    """Whatever a request carries along: who asks comes from the sign-in, whom it concerns from the ticket."""
    mine, strange = area.add("own"), area.add("foreign")
    proof = sign_in("td-intake")
    state(gate, proof, mine.code)
    parameters = {
        "retailer": "hikari", "since": today, "until": None, "reason": "x",
        "point": strange.points[0], "proof": aoi.secret, "receipt": "A" * 32, "day": date(2020, 1, 1),
    }  # fmt: skip
    visit = Visit(proof=proof, screen="SP10")
    gate.act(visit, asked=mine.code, action=RECORD_SUPPLY_ACTION, statement=RECORD_SUPPLY, parameters=parameters)
    count = "SELECT count(*) FROM points.supply WHERE point = %s"
    assert (one(eyes, count, [mine.points[0]]), one(eyes, count, [strange.points[0]])) == (3, 1)


def test_31_a_query_cannot_carry_another_point(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], tmp_path: Path
) -> None:
    """A statement that names a stranger's point itself, and one that tries to change the settings."""
    foreign = customers["foreign"].points[0]
    [place] = [query for query in everything(tmp_path) if query.name == "place"]
    for text in (
        f"SELECT point, supply_point, customer_code, town FROM points.place WHERE point = {foreign} OR true",
        """SELECT p.point, p.supply_point, p.customer_code, p.town
             FROM (SELECT set_config('wall.viewer_org', '3', true)) s, points.place p""",
    ):
        place.file.write_text(text, encoding="utf-8")
        seen = look(gate, aoi, "CI20", customers["own"].code, [place])
        assert {row.point for row in seen.rows["place"]} == set(customers["own"].points)


def test_31_a_query_that_would_write_is_refused(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], tmp_path: Path, retailer: Db
) -> None:
    [place] = [query for query in everything(tmp_path) if query.name == "place"]
    writing: Query[object] = replace(place, file=tmp_path / "writing.sql")
    for text in ("UPDATE points.place SET town = '' RETURNING point", "CREATE TEMP TABLE x (point bigint)"):
        writing.file.write_text(text, encoding="utf-8")
        with pytest.raises(GateClosed, match="データを読めませんでした"):
            look(gate, aoi, "CI20", customers["own"].code, [writing])
    with refused(retailer, "25006", "42501"):
        run(retailer, "SET TRANSACTION READ ONLY")
        run(retailer, "DELETE FROM points.place")


# ---------------------------------------------------------------------------------------------- search, time
@pytest.mark.parametrize(
    ("person", "names", "notices"),
    [
        ("td-billing", True, True), ("td-contact", True, False), ("td-metering", True, False),
        ("td-accounting", False, False), ("aoi-clerk", True, True),
    ],
)  # fmt: skip
def test_36_nobody_searches_by_what_the_duty_does_not_see(
    gate: Gate, area: Area, sign_in: Callable[[str], Proof], person: str, names: bool, notices: bool
) -> None:
    """Names are of class C, and to stand on the list of notices is of class H: hidden means not searchable either."""
    mine, proof = area.add("own"), sign_in(person)
    if person.startswith("td-"):
        gate.state_purpose(Visit(proof=proof, screen="PU10"), code="TOI", reference="TOI-1", scope="*")
    name = "シルシ" + "".join("アイウエオカキクケコ"[int(digit)] for digit in str(mine.points[0]))
    for screen, how, term, found in (
        ("KS10", "kana", name, names), ("KF00", "notice", "", notices), ("KS10", "number", mine.numbers[0], True),
    ):  # fmt: skip
        seen: list[Sight] = []

        def render(sight: Sight, seen: list[Sight] = seen) -> bytes:
            seen.append(sight)
            return b""

        gate.search(Visit(proof=proof, screen=screen), how=how, term=term, after=None, queries=(), render=render)  # type: ignore[arg-type]
        assert bool(seen[0].points) is found, how


def test_50_two_suppliers_of_one_day_cannot_be_recorded(behind: Db, area: Area) -> None:
    """By a constraint, whoever writes: of the history, and of what the wall derives from it."""
    mine = area.add("own")
    for statement in (
        "INSERT INTO points.supply (point, retailer, valid) VALUES (%s, 3, '[2026-01-01, 2026-01-02)')",
        "INSERT INTO wall.holding (point, holder_id, held) VALUES (%s, 3, '[2026-01-01, 2026-01-02)')",
    ):
        with pytest.raises(psycopg.errors.ExclusionViolation), behind.transaction():
            run(behind, statement, [mine.points[0]])
