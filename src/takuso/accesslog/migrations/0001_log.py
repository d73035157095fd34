"""The tables of the access log."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """Tickets, subjects, outcomes, payloads, purposes and alarms, partitioned by day."""

    initial = True
    operations = sql_migration(__file__, "0001_log.sql")
