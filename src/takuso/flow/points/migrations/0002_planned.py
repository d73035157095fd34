"""Days of changes that are fixed and still to come."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """The wall closes on such a day by itself."""

    dependencies = [("points", "0001_points"), ("barrier", "0001_wall")]
    operations = sql_migration(__file__, "0002_planned.sql")
