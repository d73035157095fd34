"""PostgreSQL: the embedded server, logins, migrations and one pool a login."""

from collections.abc import Iterable, Mapping, Sequence

from takuso.store.embedded import start
from takuso.store.errors import StoreError
from takuso.store.home import Home
from takuso.store.init import init
from takuso.store.pools import Pools

__all__ = ["Home", "Pools", "StoreError", "open_store"]


def open_store(
    home: Home,
    logins: Iterable[str],
    *,
    apps: Sequence[str] = (),
    sizes: Mapping[str, int] | None = None,
) -> Pools:
    """The pools of a home that is ready to be used.

    An embedded home is started, its logins and database made or repaired, and ``apps`` migrated.  With
    DATABASE_URL nothing is changed: ``takuso store init`` and ``migrate`` are the administrator's steps.
    Raises the errors of ``start``, ``init`` and ``migrate``; pools themselves open at first use.
    """
    if home.embedded:
        init(home, start(home).admin_url)
        if apps:
            # Django is loaded only where migrations run.
            from takuso.store.migrate import migrate

            migrate(home, apps)
    return Pools(home, logins, sizes)
