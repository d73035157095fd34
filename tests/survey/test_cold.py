"""冷たい日: copied, read back, taken away and brought back, over a store that fails in every way a store can."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from takuso.kernel.periods import DatePeriod
from takuso.survey.closing.files import Written, sha256
from takuso.survey.closing.run import Closed, listed_day, read_list
from takuso.survey.cold.checking import looking_away
from takuso.survey.cold.manifest import BrokenManifest, ColdDays, cold_days, must_be_warm, read_manifest, write_manifest
from takuso.survey.cold.moving import Moved, fetch, move
from takuso.survey.cold.objects import Objects, StoreFailed
from takuso.survey.cold.place import Keys, Place, WrongPlace, checked
from takuso.survey.cold.removing import Copies
from tests.cold_store import BUCKET, REGION, Answer, ColdStore, refused, running

DAYS = (date(2025, 1, 1), date(2025, 1, 2))
NAMES = {name: f"NAME_OF_{name.upper()}" for name in ("bucket", "region", "prefix", "endpoint", "ca", "http")}


@pytest.fixture(scope="module")
def the_store() -> Iterator[ColdStore]:
    with running() as made:
        yield made


@pytest.fixture
def store(the_store: ColdStore) -> ColdStore:
    """An empty store without faults."""
    the_store.empty()
    return the_store


def objects(store: ColdStore, **other: Any) -> Objects:
    """Its objects for the program."""
    keys = Keys(access=store.access, secret=store.secret)
    place = Place(bucket=BUCKET, keys=keys, region=REGION, prefix="own/", seconds=10, endpoint=store.url)
    return _objects(replace(place, **other))


_objects = cache(Objects)


class Log:
    """What the database has of the days: their numbers of records and hashes."""

    def __init__(self, *days: Closed) -> None:
        self.rows = [(one.day, one.records, [one.digest]) for one in days]

    def execute(self, _statement: str) -> "Log":
        """The one question that is asked."""
        return self

    def fetchall(self) -> list[Any]:
        """Its answer."""
        return self.rows


@pytest.fixture
def archive(tmp_path: Path) -> tuple[Path, Any]:
    """Two closed days, the second with a view that lies in the first day's neighbour, and the log of them."""
    folder = tmp_path / "own-log"
    closed = []
    for day in DAYS:
        paths = [f"records/day={day}/{name}.parquet" for name in ("tickets", "subjects", "outcomes")]
        paths.append(f"log/day={day}/of-{day}.parquet")
        if day == DAYS[0]:
            paths.append(f"log/day={DAYS[1]}/of-{day}.parquet")
        files = []
        for path in paths:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(f"{path} {day}".encode() * 500)
            files.append(Written(path=path, rows=1, sha256=sha256(folder / path)))
        closed.append(Closed(day=day, records=1, subjects=1, outcomes=1, views=1, files=tuple(files)))
    listed = {
        str(one.day): {
            "records": 1,
            "subjects": 1,
            "outcomes": 1,
            "views": 1,
            "files": [{"path": file.path, "rows": 1, "sha256": file.sha256} for file in one.files],
        }
        for one in closed
    }
    (folder / "closed.json").write_text(json.dumps(listed), encoding="utf-8")
    return folder, Log(*closed)


def every(_day: date) -> bool:
    """All of them."""
    return True


def moved(
    log: Any, folder: Path, to: Objects, *, remove: bool = False, again: bool = False, wanted: Any = every
) -> list[Moved]:
    """What `move` did."""
    return list(move(log, folder, to, wanted, lambda *_: None, remove=remove, again=again))


def fetched(log: Any, folder: Path, place: Objects, wanted: Any = every) -> list[Moved]:
    """What `fetch` did."""
    return list(fetch(log, folder, place, wanted, lambda *_: None))


def content(folder: Path) -> dict[str, bytes]:
    """Every Parquet file by its place."""
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*.parquet")}


def faults(done: Iterable[Moved]) -> list[str]:
    """What was said of files."""
    return [f"{fault.place} {fault.what}" for one in done for fault in one.faults]


def key_of(folder: Path, day: date, path: str) -> str:
    """The name of an object."""
    return f"own/day={day}/{read_manifest(folder)[day].digest}/{path}"


def test_a_day_goes_and_comes_back_as_it_was(store: ColdStore, archive: tuple[Path, Any]) -> None:
    folder, log = archive
    before = content(folder)
    first = moved(log, folder, objects(store))
    assert [(one.copied, one.removed, one.faults) for one in first] == [(True, False, ())] * 2
    assert content(folder) == before, "a copy takes nothing away"
    assert len(store.names()) == len(before)
    assert moved(log, folder, objects(store)) == [], "nothing is sent twice"
    assert cold_days(folder) == ()
    gone = moved(log, folder, objects(store), remove=True, wanted=lambda day: day == DAYS[0])
    assert [(one.day, one.copied, one.removed) for one in gone] == [(DAYS[0], False, True)]
    late = f"log/day={DAYS[1]}/of-{DAYS[0]}.parquet"
    assert sorted(content(folder)) == sorted(path for path in before if f"/day={DAYS[1]}/" in path)
    assert late in content(folder), "the next day is read with it"
    assert cold_days(folder) == (DAYS[0],)
    back = fetched(log, folder, objects(store))
    assert [(one.day, one.files, one.fetched) for one in back] == [(DAYS[0], 4, True)]
    assert content(folder) == before
    assert fetched(log, folder, objects(store)) == []
    # Killed while it took the files away: some of them are gone.
    (folder / f"log/day={DAYS[0]}/of-{DAYS[0]}.parquet").unlink()
    assert cold_days(folder) == (DAYS[0],)


def test_a_survey_never_leaves_a_cold_day_out_in_silence(store: ColdStore, archive: tuple[Path, Any]) -> None:
    folder, log = archive
    moved(log, folder, objects(store), remove=True, wanted=lambda day: day == DAYS[1])
    # Views of the day before still lie in its folder: it looks like a day with a log.
    assert list((folder / "log" / f"day={DAYS[1]}").glob("*.parquet"))
    with pytest.raises(ColdDays) as cold:
        must_be_warm(folder, _period(DAYS[0], DAYS[1]))
    assert cold.value.days == (DAYS[1],)
    assert f"--from {DAYS[1]} --to 2025-01-03" in str(cold.value)
    assert must_be_warm(folder, _period(DAYS[0], DAYS[0])) == ()
    assert must_be_warm(folder, _period(date(2025, 1, 3), date(2025, 1, 3))) == (DAYS[1],)
    (folder / "cold.json").write_text(json.dumps({"days": {"2025-01-01": _asking("../own-log/closed.json")}}))
    assert DAYS[0] in cold_days(folder), "no list tells whether a file is there elsewhere"
    (folder / "cold.json").write_text("{", encoding="utf-8")
    with pytest.raises(BrokenManifest):
        must_be_warm(folder, _period(DAYS[0], DAYS[0]))


def test_a_closed_day_without_its_files_is_never_a_day_without_looks(
    store: ColdStore, archive: tuple[Path, Any]
) -> None:
    """cold.json is lost, or an older one came back with a backup: closed.json still tells what there was."""
    folder, log = archive
    moved(log, folder, objects(store), remove=True)
    whole = read_manifest(folder)
    write_manifest(folder, {DAYS[0]: whole[DAYS[0]]})
    assert cold_days(folder) == DAYS[:2]
    with pytest.raises(ColdDays) as cold:
        must_be_warm(folder, _period(DAYS[0], DAYS[1]))
    assert cold.value.days == DAYS[:2]
    assert f"--from {DAYS[0]} --to {DAYS[1]} " in str(cold.value), "only what cold.json tells of can be fetched"
    (folder / "cold.json").unlink()
    with pytest.raises(ColdDays) as cold:
        must_be_warm(folder, _period(DAYS[1], DAYS[1]))
    assert "--fetch" not in str(cold.value)
    assert "控え（バックアップ）から戻して" in str(cold.value)
    assert must_be_warm(folder, _period(date(2025, 1, 3), date(2025, 1, 3))) == DAYS[:2]
    (folder / "closed.json").unlink()
    assert cold_days(folder) == (), "a plain source of somebody else has neither list"


def test_another_bucket_is_never_asked_in_the_name_of_the_one_that_has_the_copy(
    store: ColdStore, archive: tuple[Path, Any]
) -> None:
    folder, log = archive
    moved(log, folder, objects(store), remove=True, wanted=lambda day: day == DAYS[0])
    before = store.names()
    listed = listed_day(DAYS[0], read_list(folder)[str(DAYS[0])])
    assert listed is not None
    for other in (objects(store, bucket="another"), objects(store, endpoint=store.url.replace("127.0.0.1", "[::1]"))):
        store.asked.clear()
        copies = Copies(folder, other)
        assert not copies.reachable(DAYS[0])
        assert not copies.whole(DAYS[0], listed)
        copies.remove(DAYS[0])
        assert BUCKET in looking_away(folder, lambda to=other: to, deep=False)(listed, listed.files[0])  # type: ignore
        for done in (fetched(log, folder, other), moved(log, folder, other, again=True, wanted=DAYS[0].__eq__)):
            assert f"バケット {BUCKET} にあり" in faults(done)[0]
        assert store.asked == []
    assert (list(read_manifest(folder)), store.names()) == ([DAYS[0]], before)
    Copies(folder, objects(store, endpoint=f"{store.url}/")).remove(DAYS[0])
    assert (read_manifest(folder), store.names()) == ({}, [])


def test_the_copy_of_a_former_closing_goes_with_the_day(store: ColdStore, archive: tuple[Path, Any]) -> None:
    """Closed again and copied again, twice, and then as it was at first: no object is forgotten."""
    folder, log = archive
    day, *_ = DAYS
    listed = json.loads((folder / "closed.json").read_text())
    entry = listed[str(day)]["files"][0]
    first = (folder / entry["path"]).read_bytes()
    digests = []
    for content in (first, b"again", b"and again", first):
        (folder / entry["path"]).write_bytes(content)
        entry["sha256"] = sha256(folder / entry["path"])
        (folder / "closed.json").write_text(json.dumps(listed), encoding="utf-8")
        closed = listed_day(day, listed[str(day)])
        assert closed is not None
        log.rows[0] = (day, 1, [closed.digest])
        assert [one.copied for one in moved(log, folder, objects(store, prefix="p/"), wanted=day.__eq__)] == [True]
        known = read_manifest(folder)[day]
        digests.append(known.digest)
        assert {known.digest, *(one.digest for one in known.former)} == set(digests)
        assert len(known.former) == len(set(digests)) - 1
    assert digests[0] == digests[-1]
    assert len(store.names()) == 3 * len(known.files)
    write_manifest(folder, {day: replace(known, former=(replace(known, bucket="another", digest="0" * 64),))})
    assert not Copies(folder, objects(store)).reachable(day), "a former copy lies in another bucket"
    write_manifest(folder, {day: known})
    Copies(folder, objects(store)).remove(day)
    assert store.names() == []


def _asking(path: str) -> dict[str, Any]:
    """A day of cold.json that has this file."""
    names = ("digest", "endpoint", "bucket", "prefix", "at")
    return dict.fromkeys(names, "x") | {"files": {path: {"size": 1, "sha256": "x", "etag": "x"}}}


def _period(first: date, last: date) -> DatePeriod:
    return DatePeriod(start=first, end=last + timedelta(days=1))


@pytest.mark.parametrize("keeps_checksums", [True, False])
def test_what_was_altered_in_the_store_is_told_and_never_brought_back(
    store: ColdStore, archive: tuple[Path, Any], *, keeps_checksums: bool
) -> None:
    folder, log = archive
    store.keeps_checksums = keeps_checksums
    moved(log, folder, objects(store), remove=True)
    assert looked(folder, log, store) == []
    assert looked(folder, log, store, deep=True) == []
    path = f"records/day={DAYS[0]}/tickets.parquet"
    key = key_of(folder, DAYS[0], path)
    kept = store.client().get_object(Bucket=BUCKET, Key=key)["Body"].read()
    store.client().put_object(Bucket=BUCKET, Key=key, Body=kept[::-1])
    assert [place for place, _ in looked(folder, log, store)] == [path]
    assert [place for place, _ in looked(folder, log, store, deep=True)] == [path]
    told = fetched(log, folder, objects(store))
    assert "内容が違う" in "".join(faults(told))
    assert not (folder / path).exists()
    assert cold_days(folder) == (DAYS[0],)
    store.client().put_object(Bucket=BUCKET, Key=key, Body=kept[:-1])
    assert "大きさ" in looked(folder, log, store)[0][1]
    assert "短い" in "".join(faults(fetched(log, folder, objects(store))))
    store.client().delete_object(Bucket=BUCKET, Key=key)
    assert "ありません" in looked(folder, log, store)[0][1]
    assert "ありません" in "".join(faults(fetched(log, folder, objects(store))))
    store.client().put_object(Bucket=BUCKET, Key=key, Body=kept)
    assert faults(fetched(log, folder, objects(store))) == []
    assert (folder / path).read_bytes() == kept


def looked(folder: Path, log: Any, store: ColdStore, *, deep: bool = False) -> list[tuple[str, str]]:
    """Files that are not in the folder, and what the check says of them where it says something."""
    from takuso.survey.closing.run import listed_day, read_list

    ask = looking_away(folder, lambda: objects(store), deep=deep)
    found = []
    for day, *_ in log.rows:
        listed = listed_day(day, read_list(folder)[str(day)])
        assert listed is not None
        for file in listed.files:
            if not (folder / file.path).exists():
                told = ask(listed, file)
                assert told is not None
                found += [(file.path, told)] if told else []
    return found


def test_a_cheap_check_reads_no_bytes(store: ColdStore, archive: tuple[Path, Any]) -> None:
    folder, log = archive
    moved(log, folder, objects(store), remove=True)
    store.asked.clear()
    assert looked(folder, log, store) == []
    assert {asked.split()[0] for asked in store.asked} == {"HEAD"}


def test_nothing_is_taken_away_unless_it_was_read_back(store: ColdStore, archive: tuple[Path, Any]) -> None:
    folder, log = archive
    before = content(folder)
    moved(log, folder, objects(store))
    path = f"records/day={DAYS[0]}/tickets.parquet"
    store.client().delete_object(Bucket=BUCKET, Key=key_of(folder, DAYS[0], path))
    done = moved(log, folder, objects(store), remove=True)
    assert [one.removed for one in done] == [False, True]
    assert path in faults(done)[0]
    assert "--day 2025-01-01" in faults(done)[0]
    assert {path: held for path, held in before.items() if "01-01" in path}.items() <= content(folder).items()
    mended = moved(log, folder, objects(store), remove=True, again=True, wanted=lambda day: day == DAYS[0])
    assert [(one.copied, one.removed, one.faults) for one in mended] == [(True, True, ())]


def test_a_store_that_says_yes_and_keeps_something_else_is_found_out(
    store: ColdStore, archive: tuple[Path, Any]
) -> None:
    """Half of what was sent, or nothing: the answer to the sending is not believed."""
    folder, log = archive
    before = content(folder)
    store.fault = lambda environ: swallowed(environ) if environ["REQUEST_METHOD"] == "PUT" else None
    done = moved(log, folder, objects(store), remove=True)
    assert [(one.copied, one.removed) for one in done] == [(False, False)] * 2
    assert content(folder) == before
    assert not (folder / "cold.json").exists()


def swallowed(environ: dict[str, Any]) -> Answer:
    """Taken and thrown away."""
    environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    return "200 OK", [("ETag", '"x"')], [b""]


def test_a_file_that_is_not_as_it_was_closed_is_neither_sent_nor_removed(
    store: ColdStore, archive: tuple[Path, Any]
) -> None:
    folder, log = archive
    path = f"records/day={DAYS[0]}/tickets.parquet"
    right = (folder / path).read_bytes()
    (folder / path).write_bytes(right[::-1])
    assert "内容が違います" in faults(moved(log, folder, objects(store), remove=True))[0]
    assert not any("01-01/" in key and key.endswith("tickets.parquet") for key in store.names())
    (folder / path).write_bytes(right)
    moved(log, folder, objects(store))
    (folder / path).write_bytes(right[::-1] + b"x")
    assert "消しません" in faults(moved(log, folder, objects(store), remove=True))[0]
    assert (folder / path).read_bytes() == right[::-1] + b"x"


def test_days_that_the_log_has_no_hash_of_are_neither_sent_nor_fetched(
    store: ColdStore, archive: tuple[Path, Any]
) -> None:
    folder, log = archive
    moved(log, folder, objects(store), remove=True)
    right = log.rows
    log.rows = [(day, records, [b"x" * 32]) for day, records, _ in right]
    assert all("閲覧記録に残した" in fault for fault in faults(fetched(log, folder, objects(store))))
    assert all("閲覧記録に残した" in fault for fault in faults(moved(log, folder, objects(store), again=True)))
    log.rows = right
    # Who writes another place into cold.json, with another file, does not get it into the folder.
    manifest = json.loads((folder / "cold.json").read_text())
    files = manifest["days"]["2025-01-01"]["files"]
    files["../../outside.parquet"] = files.pop(f"records/day={DAYS[0]}/tickets.parquet")
    (folder / "cold.json").write_text(json.dumps(manifest))
    assert "cold.json" in faults(fetched(log, folder, objects(store), wanted=lambda day: day == DAYS[0]))[0]
    assert not (folder.parent.parent / "outside.parquet").exists()


def slow(_: dict[str, Any]) -> Answer:
    """A drop now and then, for ever: no single wait is long."""

    def drops() -> Iterator[bytes]:
        while True:
            time.sleep(0.1)
            yield b"x"

    return "200 OK", [("ETag", '"x"'), ("Content-Length", "1000000")], drops()


def endless(_: dict[str, Any]) -> Answer:
    """More and more."""

    def flood() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    return "200 OK", [("ETag", '"x"')], flood()


def elsewhere(environ: dict[str, Any]) -> Answer:
    """Go to another machine."""
    return "307 Temporary Redirect", [("Location", f"http://127.0.0.1:9{environ['PATH_INFO']}")], [b""]


def cut(_: dict[str, Any]) -> Answer:
    """The line breaks."""
    return "200 OK", [("ETag", '"x"'), ("Content-Length", "1000000")], [b"x"]


FAULTS: dict[str, tuple[Callable[[dict[str, Any]], Answer | None], str]] = {
    "slow": (slow, "うちに答えません"),
    "redirect": (elsewhere, "別の場所へは送りません"),
    "other region": (lambda _: refused("301 Moved Permanently", "PermanentRedirect"), "TAKUSO_COLD_REGION"),
    "cut": (cut, "途中で切れました"),
    "no bucket": (lambda _: refused("404 Not Found", "NoSuchBucket"), "TAKUSO_COLD_BUCKET"),
    "denied": (lambda _: refused("403 Forbidden", "AccessDenied"), "アクセスキーを断りました"),
    "full": (lambda _: refused("507 Insufficient Storage", "QuotaExceeded"), "QuotaExceeded"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_of_a_store_has_its_words_and_loses_nothing(
    name: str, store: ColdStore, archive: tuple[Path, Any]
) -> None:
    folder, log = archive
    moved(log, folder, objects(store), remove=True, wanted=lambda day: day == DAYS[0])
    before = content(folder)
    store.fault, words = FAULTS[name]
    place = objects(store, seconds=1)
    began = time.monotonic()
    for ask in (lambda: fetched(log, folder, place), lambda: moved(log, folder, place, remove=True)):
        with pytest.raises(StoreFailed, match=words) as failed:
            ask()
        assert "対処: " in str(failed.value)
        assert store.access not in str(failed.value)
        assert store.secret not in str(failed.value)
    assert time.monotonic() - began < 10
    assert content(folder) == before
    store.fault = None
    assert faults(fetched(log, folder, place)) == []


def test_an_endless_answer_ends(store: ColdStore, archive: tuple[Path, Any]) -> None:
    folder, log = archive
    moved(log, folder, objects(store), remove=True)
    store.fault = endless
    assert "長い" in faults(fetched(log, folder, objects(store)))[0]
    assert not list(folder.rglob(".part.*"))


def test_wrong_keys_and_a_store_that_is_not_there(store: ColdStore, archive: tuple[Path, Any]) -> None:
    folder, log = archive
    wrong = {
        "アクセスキーを断りました": {"keys": Keys(access=store.access, secret="wrong")},
        "アクセスキーを断りました（InvalidAccessKeyId": {"keys": Keys(access="AKIAWRONG", secret="wrong")},
        "がありません": {"bucket": "another-bucket"},
        "つながらない": {"endpoint": "http://127.0.0.1:9"},
    }
    for words, other in wrong.items():
        with pytest.raises(StoreFailed, match=words):
            moved(log, folder, objects(store, **other))
    assert "wrong" not in repr(Keys(access="wrong", secret="wrong", token="wrong"))


def test_tls_is_verified(tmp_path: Path, archive: tuple[Path, Any]) -> None:
    folder, log = archive
    certificate = _certificate(tmp_path)
    with running(certificate) as safe:
        safe.access = safe.secret = "key"
        safe.fault = lambda _: refused("404 Not Found", "NoSuchBucket")
        with pytest.raises(StoreFailed, match="証明書を確かめられません"):
            moved(log, folder, objects(safe))
        with pytest.raises(StoreFailed, match="バケット takuso-log がありません"):
            moved(log, folder, objects(safe, ca=certificate[0]))


def _certificate(folder: Path) -> tuple[Path, Path]:
    """One of this machine for an hour, signed by itself."""
    import ipaddress
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "store")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(hours=1)
        )
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "store.pem", folder / "store.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, private


@pytest.mark.parametrize(
    ("other", "setting"),
    [
        ({"bucket": "Upper"}, "NAME_OF_BUCKET"),
        ({"bucket": "../other"}, "NAME_OF_BUCKET"),
        ({"region": "ap northeast"}, "NAME_OF_REGION"),
        ({"prefix": "あ"}, "NAME_OF_PREFIX"),
        ({"endpoint": "s3.example.co.jp"}, "NAME_OF_ENDPOINT"),
        ({"endpoint": "https://user:word@s3.example.co.jp"}, "NAME_OF_ENDPOINT"),
        ({"endpoint": "https://s3.example.co.jp/path"}, "NAME_OF_ENDPOINT"),
        ({"endpoint": "https://s3.example.co.jp:99999"}, "NAME_OF_ENDPOINT"),
        ({"endpoint": "http://s3.example.co.jp"}, "NAME_OF_HTTP=yes"),
        ({"endpoint": "http://127.0.0.1.example.co.jp"}, "NAME_OF_HTTP=yes"),
        ({"ca": Path("/nowhere.pem")}, "NAME_OF_CA"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(other: dict[str, Any], setting: str) -> None:
    place = Place(bucket="takuso-log", keys=Keys(access="a", secret="s"), region=REGION, prefix="p/", seconds=1)
    assert checked(place, NAMES, plain=False) is place
    with pytest.raises(WrongPlace, match=setting) as wrong:
        checked(replace(place, **other), NAMES, plain=False)
    assert "word" not in str(wrong.value)
    if "http" in setting.lower():
        checked(replace(place, **other), NAMES, plain=True)


MOVING = """
import sys
from datetime import date
from pathlib import Path
from takuso.survey.closing.run import listed_day, read_list
from takuso.survey.cold.moving import move
from takuso.survey.cold.objects import Objects
from takuso.survey.cold.place import Keys, Place

class Log:
    def execute(self, _):
        return self
    def fetchall(self):
        return [(one.day, one.records, [one.digest]) for one in days]

folder, url, bucket, access, secret = Path(sys.argv[1]), *sys.argv[2:]
days = [listed_day(date.fromisoformat(day), entry) for day, entry in read_list(folder).items()]
keys = Keys(access=access, secret=secret)
place = Place(bucket=bucket, keys=keys, region="ap-northeast-1", prefix="own/", seconds=10, endpoint=url)
for _ in move(Log(), folder, Objects(place), lambda _: True, lambda *_: None, remove=True, again=False):
    pass
"""


def test_killed_at_any_moment_one_whole_copy_is_left(store: ColdStore, archive: tuple[Path, Any]) -> None:
    folder, log = archive
    whole = content(folder)
    asked = len(whole) * 3
    for number in (2, 3, asked // 2, asked - 1):
        shutil.rmtree(folder / "log")
        shutil.rmtree(folder / "records")
        (folder / "cold.json").unlink(missing_ok=True)
        for path, held in whole.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(held)
        store.empty()
        given = [str(folder), store.url, BUCKET, store.access, store.secret]
        running_one = subprocess.Popen([sys.executable, "-c", MOVING, *given])
        store.fault = _killing(store, running_one, number)
        running_one.wait(timeout=60)
        store.fault = None
        assert running_one.returncode in (-signal.SIGKILL, 0)
        faulty = faults(fetched(log, folder, objects(store)))
        assert faulty == []
        assert content(folder) == whole, f"killed at request {number}"


def _killing(store: ColdStore, process: "subprocess.Popen[bytes]", number: int) -> Callable[[dict[str, Any]], None]:
    def fault(_: dict[str, Any]) -> None:
        if len(store.asked) >= number and process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)

    return fault
