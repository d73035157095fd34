"""The search keys by kind of search: one partition each, with the statistics and indexes of its own."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """Entries are derived: points.renew_all_entries fills the new table at the same deployment."""

    dependencies = [("barrier", "0004_preference")]
    operations = sql_migration(__file__, "0005_search.sql")
