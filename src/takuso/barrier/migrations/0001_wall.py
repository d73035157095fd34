"""The tables of the wall."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """Companies, persons, rules, screens, purposes, sign-ins, live tickets, keys and stamps."""

    initial = True
    dependencies = [("accesslog", "0001_log")]
    operations = sql_migration(__file__, "0001_wall.sql")
