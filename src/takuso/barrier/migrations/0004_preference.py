"""Personal settings."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """Language, what Enter does and row height, by person."""

    dependencies = [("barrier", "0003_administration")]
    operations = sql_migration(__file__, "0004_preference.sql")
