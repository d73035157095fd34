"""The days of the log that were written out as files."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """One row for each time that a day was closed."""

    dependencies = [("accesslog", "0003_tally")]
    operations = sql_migration(__file__, "0004_closing.sql")
