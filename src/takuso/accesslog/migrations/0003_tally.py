"""The tallies of ended days, for the compliance desk's histogram."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """What was counted of each ended day, and which days were."""

    dependencies = [("accesslog", "0002_desk")]
    operations = sql_migration(__file__, "0003_tally.sql")
