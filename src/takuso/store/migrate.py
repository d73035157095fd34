"""Django's migrations as the carrier of SQL files, run by the deployment login."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.apps import apps as registry
from django.conf import settings
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.utils import load_backend
from psycopg.pq import TransactionStatus

from takuso.store.django_database import django_database
from takuso.store.errors import StoreError
from takuso.store.home import Home
from takuso.store.logins import DEPLOYER
from takuso.store.pools import StoreUnavailable
from takuso.store.scripts import PATIENCE, deploying

ALIAS: Final = "migrator"


class AppNotInstalled(StoreError):
    """Django runs with other applications than the ones to migrate."""


class TransactionLeft(StoreError):
    """A migration's SQL ended the transaction it runs in."""


class SqlFile(RunSQL):
    """One SQL file, sent whole and without parameters, so that a percent sign means itself."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Run the file in the migration's transaction; raises TransactionLeft if the file ended it."""
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        raw: Any = schema_editor.connection.connection
        if schema_editor.atomic_migration and raw.info.transaction_status != TransactionStatus.INTRANS:
            raise TransactionLeft(
                f"{app_label} の移行用 SQL が COMMIT または ROLLBACK を含んでいます。\n"
                "対処: SQL ファイルから取り除いてください（移行は 1 つの取引で行います）。"
            )


def sql_migration(module_file: str, name: str) -> list[Operation]:
    """The operations of a migration whose SQL is the file ``name`` beside the migration module.

    Irreversible: a correction is a further migration.  Raises FileNotFoundError.
    """
    return [SqlFile((Path(module_file).parent / name).read_text(encoding="utf-8"))]


def migration_settings(home: Home) -> dict[str, dict[str, Any]]:
    """A DATABASES entry (alias ``migrator``) for the deployment login, tables unqualified in schema ``web``.

    Raises NoSuchLogin, CorruptHome.
    """
    return {ALIAS: django_database(home, DEPLOYER)}


def migrate(home: Home, apps: Sequence[str], patience: float = PATIENCE) -> list[str]:
    """Bring the applications (dotted names, as in INSTALLED_APPS) to their newest migration.

    Returns what was applied, as ``label.name`` in order.  Each migration is its own transaction; two runs at
    once follow each other, the second waiting at most ``patience`` seconds.
    Raises AppNotInstalled, StoreUnavailable, NoSuchLogin, AnotherDeployment, and what the SQL raises.
    """
    with _deployer(home, apps) as connection, deploying(home, patience):
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(_targets(executor, apps))
        executor.migrate(_targets(executor, apps), plan=plan)
        with connection.cursor() as cursor:
            # The web login may use what stands in its schema, but not rewrite what has been deployed.
            if "django_migrations" in connection.introspection.table_names(cursor):
                cursor.execute("REVOKE INSERT, UPDATE, DELETE ON web.django_migrations FROM web")
        return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def pending(home: Home, apps: Sequence[str]) -> list[str]:
    """The migrations ``migrate`` would apply, as ``label.name`` in order; changes nothing."""
    with _deployer(home, apps) as connection:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(_targets(executor, apps))
        return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def _targets(executor: MigrationExecutor, apps: Sequence[str]) -> list[tuple[str, str | None]]:
    labels = {config.label for config in registry.get_app_configs() if config.name in apps}
    return [node for node in executor.loader.graph.leaf_nodes() if node[0] in labels]


@contextmanager
def _deployer(home: Home, apps: Sequence[str]) -> Iterator[BaseDatabaseWrapper]:
    """A connection of this home under the alias; taken away afterwards, so that homes do not mix."""
    _install(apps)
    database = connections.configure_settings({"default": {}} | migration_settings(home))[ALIAS]
    connection = load_backend(database["ENGINE"]).DatabaseWrapper(database, ALIAS)
    former = connections[ALIAS] if ALIAS in settings.DATABASES else None
    connections[ALIAS] = connection
    try:
        try:
            connection.ensure_connection()
        except OperationalError:
            raise StoreUnavailable from None
        yield connection
    finally:
        connection.close()
        del connections[ALIAS]
        if former is not None:
            connections[ALIAS] = former


# Applications of a Django that was configured here and not by a settings module: these may grow.
_own_apps: list[str] = []


def _install(apps: Sequence[str]) -> None:
    if not settings.configured:
        _own_apps.extend(apps)
        settings.configure(
            INSTALLED_APPS=_own_apps,
            DATABASES={"default": {}},
            USE_TZ=True,
            TIME_ZONE="Asia/Tokyo",
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        )
    elif not settings.INSTALLED_APPS:
        # The office was configured first, which has no applications.
        settings.INSTALLED_APPS = _own_apps
        settings.DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
    if not registry.ready:
        registry.populate(settings.INSTALLED_APPS)
    present = {config.name for config in registry.get_app_configs()}
    missing = [app for app in apps if app not in present]
    if missing and settings.INSTALLED_APPS is _own_apps:
        _own_apps.extend(missing)
        registry.set_installed_apps(_own_apps)
    elif missing:
        raise AppNotInstalled(
            f"移行する機能が Django の設定にありません: {', '.join(missing)}\n対処: INSTALLED_APPS に加えてください。"
        )
