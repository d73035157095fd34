"""The tables of applications."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """Applications, their moves, and each party's copy."""

    initial = True
    dependencies = [("barrier", "0009_cases"), ("points", "0002_planned")]
    operations = sql_migration(__file__, "0001_reception.sql")
