"""A login of this home in the form of Django's DATABASES; imports nothing of Django."""

from typing import Any

from psycopg.conninfo import conninfo_to_dict

from takuso.store.home import Home
from takuso.store.pools import dsn


def django_database(home: Home, login: str) -> dict[str, Any]:
    """The DATABASES entry of a login; unqualified names mean schema ``web``, where Django's tables live.

    Raises NoSuchLogin, CorruptHome.
    """
    parts = conninfo_to_dict(dsn(home, login))
    named = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    options = {key: value for key, value in parts.items() if key not in named.values()}
    options["options"] = f"{options.get('options', '')} -c search_path=web".strip()
    entry = {key: str(parts.get(value, "")) for key, value in named.items()}
    return {"ENGINE": "django.db.backends.postgresql", "OPTIONS": options, **entry}
