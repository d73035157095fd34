"""The store of cold days as the settings and the secrets of the home name it."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from takuso.doors.cli.answers import wrong_use
from takuso.store import settings
from takuso.store.home import Home
from takuso.store.settings import Variable

if TYPE_CHECKING:
    from takuso.survey.cold.objects import Objects
    from takuso.survey.cold.place import Keys

ACCESS: Final = "cold_access_key"
SECRET: Final = "cold_secret_key"  # noqa: S105 - a name
"""Names of the two keys of the store among the secrets of the home."""
_YES: Final = "yes"
_SIGNS: Final = re.compile(r"[\x21-\x7e]{1,4096}")
_NAMES: Final = {
    "bucket": settings.COLD_BUCKET.name,
    "region": settings.COLD_REGION.name,
    "prefix": settings.COLD_PREFIX.name,
    "endpoint": settings.COLD_ENDPOINT.name,
    "ca": settings.COLD_CA.name,
    "http": settings.COLD_HTTP.name,
}


def fetches_by_itself() -> bool:
    """Whether a survey may fetch the cold days that it needs. Raises Refused."""
    return _yes(settings.COLD_FETCH)


def days_kept() -> int:
    """How many days stay in the folder. Raises Refused."""
    return _number(settings.COLD_DAYS)


def cold_objects(home: Home) -> "Objects":
    """The objects of the configured store; nothing is asked of it yet. Raises Refused, CorruptHome, StoreFailed."""
    # The library of the store is loaded only here.
    from takuso.survey.cold.objects import Objects
    from takuso.survey.cold.place import Place, WrongPlace, checked

    bucket = settings.COLD_BUCKET.read()
    if bucket is None:
        raise wrong_use(
            "冷たい日の置き場が設定されていません。\n"
            f"対処: {settings.COLD_BUCKET.name} などを設定してください（docs/how-to/cold-days.md）。"
        )
    ca = settings.COLD_CA.read()
    place = Place(
        bucket=bucket,
        endpoint=settings.COLD_ENDPOINT.read(),
        region=settings.COLD_REGION.read() or settings.COLD_REGION.default,
        prefix=settings.COLD_PREFIX.read() or settings.COLD_PREFIX.default,
        seconds=_number(settings.COLD_SECONDS),
        ca=Path(ca) if ca is not None else None,
        keys=_keys(home),
    )
    try:
        return Objects(checked(place, _NAMES, plain=_yes(settings.COLD_HTTP)))
    except WrongPlace as error:
        raise wrong_use(str(error)) from None


def _keys(home: Home) -> "Keys":
    from takuso.survey.cold.place import Keys

    access, secret, token = (one.read() for one in (settings.COLD_KEY, settings.COLD_SECRET, settings.COLD_TOKEN))
    if access is None and secret is None:
        access, secret = (home.secret(name) if home.has_secret(name) else None for name in (ACCESS, SECRET))
        token = None
    if access is None or secret is None:
        raise wrong_use(
            "冷たい日の置き場のアクセスキーがそろっていません。\n"
            f"対処: {home.secrets} に {ACCESS} と {SECRET} を置くか（chmod 600）、"
            f"{settings.COLD_KEY.name} と {settings.COLD_SECRET.name} を設定してください。"
        )
    if not all(_SIGNS.fullmatch(one) for one in (access, secret, *filter(None, [token]))):
        raise wrong_use(
            "冷たい日の置き場のアクセスキーに、空白か、英数字と記号でない文字があります。\n"
            "対処: 余分な文字や改行なしに書き直してください。"
        )
    return Keys(access=access, secret=secret, token=token)


def _number(setting: Variable) -> int:
    given = setting.read() or setting.default
    if not re.fullmatch(r"[0-9]{1,6}", given) or int(given) < 1:
        raise wrong_use(f"{setting.name} の値「{given}」は使えません。\n対処: 1 以上の整数で書いてください。")
    return int(given)


def _yes(setting: Variable) -> bool:
    given = setting.read()
    if given not in (None, _YES):
        raise wrong_use(f"{setting.name} の値「{given}」は使えません。\n対処: {_YES} と書くか、消してください。")
    return given == _YES
