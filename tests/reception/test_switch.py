"""A switch from the filing of the relay to the night of its day, over the real gate and database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from takuso.accesslog.tickets import Cases
from takuso.barrier.gate import ActionRefused, Declined
from takuso.flow.reception.model import Amendment, DesiredDate
from takuso.flow.reception.refusals.codes import RefusalCode
from tests.reception.conftest import Desk, Switch


def agreed(desk: Desk, switch: Switch) -> str:
    """受付番号 of a relay that its holder agreed to."""
    relay = desk.file("asahi-clerk", switch.relay())
    desk.turn()
    desk.answer("aoi-clerk", relay, "agree")
    desk.turn()
    return relay


@pytest.fixture
def night(desk: Desk, switch: Switch) -> Iterator[None]:
    """The clock may be moved; it is put back."""
    yield
    desk.dawn(switch.customer)


def test_a_switch_is_filed_answered_and_matched(desk: Desk, switch: Switch) -> None:
    relay = desk.file("asahi-clerk", switch.relay())
    assert desk.copy("asahi-clerk", relay).state == "received"
    assert desk.copy("aoi-clerk", relay) is None, "nothing is told before the checks are through"
    desk.turn()
    sent, answered = desk.copy("asahi-clerk", relay), desk.copy("aoi-clerk", relay)
    assert (sent.state, sent.refusals) == ("awaiting-answer", [])
    assert (answered.role, answered.state) == ("holder", "awaiting-answer")
    assert "asahi" not in str(answered), "whoever is left does not learn for whom"
    assert desk.copy("contractor-clerk", relay) is None, "whoever sells does not see who leaves"
    assert desk.copy("hikari-clerk", relay) is None
    assert relay in [one.number for one in desk.see("aoi-clerk", Cases(list="relays"), screen="RT30")]
    desk.answer("aoi-clerk", relay, "agree")
    desk.turn()
    assert desk.copy("asahi-clerk", relay).state == "agreed"
    assert relay not in [one.number for one in desk.see("aoi-clerk", Cases(list="relays"), screen="RT30")]
    start, end = desk.file("asahi-clerk", switch.start(relay)), desk.file("aoi-clerk", switch.end(relay))
    desk.turn()
    assert desk.copy("asahi-clerk", start).state == "scheduled"
    assert desk.copy("aoi-clerk", end).state == "scheduled"
    assert desk.copy("asahi-clerk", end) is None
    assert desk.copy("aoi-clerk", start) is None
    assert desk.copy("contractor-clerk", end) is None


@pytest.mark.usefixtures("night")
def test_at_midnight_the_former_supplier_is_out_and_the_new_one_is_in(desk: Desk, switch: Switch) -> None:
    relay = agreed(desk, switch)
    start, end = desk.file("asahi-clerk", switch.start(relay)), desk.file("aoi-clerk", switch.end(relay))
    desk.turn()
    desk.night(switch.day - timedelta(days=1))
    desk.turn()
    assert (desk.sees("aoi-clerk", switch.customer), desk.sees("asahi-clerk", switch.customer)) == (True, False)
    desk.night(switch.day)
    assert (desk.sees("aoi-clerk", switch.customer), desk.sees("asahi-clerk", switch.customer)) == (False, False), (
        "before the turn of the night the wall is closed to both"
    )
    desk.turn()
    assert (desk.sees("aoi-clerk", switch.customer), desk.sees("asahi-clerk", switch.customer)) == (False, True)
    assert desk.sees("aoi-clerk", switch.customer, screen="PC10"), "its own past is left to it"
    assert not desk.sees("asahi-clerk", switch.customer, screen="PC10")
    assert desk.copy("asahi-clerk", start).state == "effective"
    assert desk.copy("contractor-clerk", end).state == "effective", "the customer has gone: now whoever sells may know"


def test_a_day_that_cannot_be_met_is_refused_and_nothing_is_told(desk: Desk, switch: Switch) -> None:
    soon = Switch(customer=switch.customer, day=switch.day - timedelta(days=20))
    number = desk.file("asahi-clerk", soon.relay())
    desk.turn()
    refused = desk.copy("asahi-clerk", number)
    assert refused.state == "refused"
    assert refused.refusals, "with its reasons"
    assert desk.copy("aoi-clerk", number) is None


def test_a_holder_declines_with_a_reason(desk: Desk, switch: Switch) -> None:
    relay = desk.file("asahi-clerk", switch.relay())
    desk.turn()
    desk.answer("aoi-manager", relay, "decline", RefusalCode.NOT_OUR_CUSTOMER)
    desk.turn()
    sent = desk.copy("asahi-clerk", relay)
    assert (sent.state, [one["code"] for one in sent.refusals]) == ("declined", [RefusalCode.NOT_OUR_CUSTOMER])


def test_the_sender_takes_a_relay_back(desk: Desk, switch: Switch) -> None:
    relay = agreed(desk, switch)
    change = desk.file("asahi-clerk", Amendment(concerns=relay))
    desk.turn()
    assert (desk.copy("asahi-clerk", change).state, desk.copy("asahi-clerk", relay).state) == ("closed", "withdrawn")
    assert desk.file("asahi-clerk", switch.start(relay))
    desk.turn()
    newest = desk.see("asahi-clerk", Cases(list="own"), screen="RT10")[0]
    assert (newest.state, newest.refusals[0]["code"]) == ("refused", RefusalCode.RELAY_NOT_AGREED)


def test_a_change_of_day_goes_through_the_checks_again(desk: Desk, switch: Switch) -> None:
    relay = agreed(desk, switch)
    later = switch.day + timedelta(days=7)
    desk.file("asahi-clerk", Amendment(concerns=relay, new_day=DesiredDate(on=later, wished=True)))
    desk.turn()
    sent = desk.copy("asahi-clerk", relay)
    assert (sent.state, sent.day) == ("awaiting-answer", later)


@pytest.mark.parametrize("person", ["asahi-clerk", "hikari-clerk"])
def test_only_the_holder_answers(desk: Desk, switch: Switch, person: str) -> None:
    relay = desk.file("asahi-clerk", switch.relay())
    desk.turn()
    with pytest.raises(Declined, match="unknown"):
        desk.answer(person, relay, "agree")
    with pytest.raises(ActionRefused):
        desk.answer("contractor-clerk", relay, "agree")
    assert desk.copy("asahi-clerk", relay).state == "awaiting-answer"


def test_the_same_key_is_the_same_application(desk: Desk, switch: Switch) -> None:
    first = desk.file("asahi-clerk", switch.relay(), key="k1")
    assert desk.file("asahi-clerk", switch.relay(), key="k1") == first
    with pytest.raises(Declined, match="key-used"):
        desk.file("asahi-clerk", Switch(customer=switch.customer, day=switch.day + timedelta(days=1)).relay(), key="k1")
    assert desk.file("hikari-clerk", switch.relay(), key="k1") != first, "a key is one sender's"


def test_who_files_last_of_two_waits_behind(desk: Desk, switch: Switch) -> None:
    """Two retailers want the same customer; both relays may be agreed to, one switch is matched."""
    relays = {who: desk.file(who, switch.relay()) for who in ("asahi-clerk", "hikari-clerk")}
    desk.turn()
    for relay in relays.values():
        desk.answer("aoi-clerk", relay, "agree")
        desk.turn()
    first = desk.file("asahi-clerk", switch.start(relays["asahi-clerk"]))
    desk.file("aoi-clerk", switch.end(relays["asahi-clerk"]))
    desk.turn()
    assert desk.copy("asahi-clerk", first).state == "scheduled"
    second = desk.file("hikari-clerk", switch.start(relays["hikari-clerk"]))
    desk.turn()
    refused = desk.copy("hikari-clerk", second)
    assert refused.state == "refused"
    assert first not in str(refused), "of others' applications neither number nor day"


def test_whoever_files_about_a_point_does_not_wait_for_its_turn(desk: Desk, switch: Switch, admin: str) -> None:
    first = desk.file("asahi-clerk", switch.relay())
    with psycopg.connect(admin) as behind:
        row = behind.execute("SELECT id FROM reception.application WHERE number = %s", [first]).fetchone()
    assert row
    turns = desk.pools.pool("reception")
    with ThreadPoolExecutor(1) as pool, turns.connection() as connection, connection.transaction(force_rollback=True):
        assert connection.execute("SELECT reception.turn(%s)", [row[0]]).fetchone() != (None,)
        meanwhile = pool.submit(desk.file, "hikari-clerk", switch.relay())
        assert meanwhile.result(10) != first
