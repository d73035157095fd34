"""takuso log cold: days of the own log to a store and back, as one types it; what surveys and checks say of them."""

import fcntl
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Takuso
from tests.cli.test_log_close import DAYS, SURVEY, Log, Superuser
from tests.cold_store import ColdStore, running


@pytest.fixture
def log(superuser: Superuser) -> Iterator[Log]:
    """Days of the log that have ended."""
    made = Log(superuser)
    for day in DAYS:
        made.open(day)
    yield made
    made.clear()


@pytest.fixture
def store() -> Iterator[ColdStore]:
    """A store on this machine."""
    with running() as made:
        yield made


@pytest.fixture
def cold(takuso: Takuso, store: ColdStore) -> Takuso:
    """The command with the store configured and the keys among the secrets of the home."""
    keys = {"cold_access_key": store.access, "cold_secret_key": store.secret}
    for name, value in keys.items():
        takuso.home.write_secret(name, value)
    settings = {name: value for name, value in store.env.items() if not name.startswith("AWS")}
    return Takuso(folder=takuso.folder, env=takuso.env | settings)


@pytest.fixture(autouse=True)
def no_keys_left(takuso: Takuso) -> Iterator[None]:
    """The home is shared."""
    yield
    for name in ("cold_access_key", "cold_secret_key"):
        (takuso.home.secrets / name).unlink(missing_ok=True)


def test_old_days_go_surveys_ask_for_them_and_they_come_back(
    cold: Takuso, log: Log, store: ColdStore, tmp_path: Path
) -> None:
    own = cold.customers("own", "aoi-clerk")[0]["supply_point"]
    for day in DAYS:
        log.look(day, "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert cold("log", "close", "--out", str(out)).code == 0
    # The first two are older than ten days.
    went = cold("log", "cold", "--out", str(out), "--older", "10", "--remove", "--json")
    assert went.code == 0, went.err
    assert [(one["day"], one["removed"]) for one in went.document["days"]] == [(str(day), True) for day in DAYS[:2]]
    assert not (out / "log" / f"day={DAYS[0]}").exists()
    key = next(key for key in store.names() if key.endswith("tickets.parquet"))
    kept = store.client().get_object(Bucket="takuso-log", Key=key)["Body"].read()
    store.client().put_object(Bucket="takuso-log", Key=key, Body=kept[::-1])
    altered = cold("log", "close", "--out", str(out), "--check", "--json")
    assert (altered.code, [one["place"] for one in altered.document["faults"]]) == (
        1,
        [f"records/day={DAYS[0]}/tickets.parquet"],
    )
    store.client().put_object(Bucket="takuso-log", Key=key, Body=kept)

    survey, result = tmp_path / "own.yaml", tmp_path / "result"
    survey.write_text(SURVEY.format(first=DAYS[0], last=DAYS[-1] + timedelta(days=1)), encoding="utf-8")
    ask = ("survey", "run", str(survey), "--source", str(out), "--out", str(result), "--paper", "html")
    refused = cold(*ask)
    assert refused.code == 3
    assert f"{DAYS[0]}、{DAYS[1]}" in refused.err
    assert f"takuso log cold --fetch --from {DAYS[0]} --to {DAYS[2]}" in refused.err
    assert not result.exists(), "no figure without these days"
    back = cold("log", "cold", "--out", str(out), "--fetch", "--day", str(DAYS[1]), "--json")
    assert [(one["day"], one["fetched"]) for one in back.document["days"]] == [(str(DAYS[1]), True)]
    assert (out / "log" / f"day={DAYS[1]}").is_dir()
    assert not (out / "log" / f"day={DAYS[0]}").exists()
    ran = cold(*ask, TAKUSO_COLD_FETCH="yes")
    assert ran.code in (0, 1), ran.err
    assert (out / "log" / f"day={DAYS[0]}").is_dir()
    assert json.loads((result / "summary.json").read_text(encoding="utf-8"))["steps"][0]["rows_in"] == len(DAYS)
    for said in (went, altered, refused, back, ran):
        assert store.secret not in said.out + said.err
        assert store.access not in said.out + said.err


def test_what_is_not_configured_or_busy_is_said_and_nothing_is_asked(
    cold: Takuso, takuso: Takuso, store: ColdStore, tmp_path: Path
) -> None:
    out, asked = tmp_path / "own-log", list(store.asked)
    assert (none := takuso("log", "cold")).code == 2
    assert "TAKUSO_COLD_BUCKET" in none.err
    assert (missing := cold("log", "cold", "--out", str(out))).code == 2
    assert "がありません" in missing.err
    assert not out.exists()
    assert (plain := cold("log", "cold", TAKUSO_COLD_ENDPOINT="http://s3.example.co.jp")).code == 2
    assert "TAKUSO_COLD_HTTP" in plain.err
    assert (mixed := cold("log", "cold", AWS_ACCESS_KEY_ID="AKIA")).code == 2
    assert "そろっていません" in mixed.err
    assert (bare := cold("log", "cold", "--fetch")).code == 2
    assert "--day" in bare.err
    assert cold("log", "cold", TAKUSO_COLD_DAYS="0").code == 2
    out.mkdir()
    with (out / ".closing.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert (busy := cold("log", "cold", "--out", str(out))).code == 3
    assert "動いています" in busy.err
    assert store.asked == asked, "none of it was a question to the store"
