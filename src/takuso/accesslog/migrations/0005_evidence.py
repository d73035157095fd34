"""The tree over the records of the log: their transactions, their places, the signed checkpoints."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """Transactions of the records, keys of what was typed, leaves, checkpoints, timestamps."""

    dependencies = [("accesslog", "0004_closing"), ("barrier", "0008_rules_in_force")]
    operations = sql_migration(__file__, "0005_evidence.sql")
