"""The closed gate: what a failure of the store or of the log becomes before anyone outside hears of it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from takuso.accesslog.tickets import LogUnavailable
from takuso.barrier.sight import GateClosed, WrongDoor
from takuso.store.pools import NoSuchLogin, StoreUnavailable


@contextmanager
def or_closed() -> Iterator[None]:
    """Failures of the store or the log close the gate; what the wall refused passes by its own name."""
    try:
        yield
    except (LogUnavailable, StoreUnavailable):
        raise GateClosed(
            "いま閲覧を記録できないため、表示できません。しばらく待ってもう一度操作してください。"
        ) from None
    except NoSuchLogin:
        raise WrongDoor("この入口では取り扱えません。") from None
    except psycopg.Error as error:
        if error.sqlstate == "TK400":
            raise
        raise GateClosed("データを読めませんでした。しばらく待ってもう一度操作してください。") from None
