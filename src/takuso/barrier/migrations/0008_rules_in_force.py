"""What an approved change of the rules needs to take effect: its place, the table it was proved over, its version."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """The next deployment loads what was approved."""

    dependencies = [("barrier", "0007_passkey")]
    operations = sql_migration(__file__, "0008_rules_in_force.sql")
