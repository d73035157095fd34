"""The table of cases that somebody has in hand."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """Which sign-in took which case, and until when."""

    dependencies = [("reception", "0001_reception")]
    operations = sql_migration(__file__, "0002_taken.sql")
