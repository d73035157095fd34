"""The tables of supply points."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """Guarded tables, one class of data each."""

    initial = True
    dependencies = [("barrier", "0001_wall")]
    operations = sql_migration(__file__, "0001_points.sql")
