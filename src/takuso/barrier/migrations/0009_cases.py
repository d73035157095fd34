"""Screens and tickets of applications."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """A ticket names the applications it shows."""

    dependencies = [("barrier", "0008_rules_in_force"), ("accesslog", "0007_keeping")]
    operations = sql_migration(__file__, "0009_cases.sql")
