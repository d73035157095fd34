"""The exports of the access log, and the indexes of the compliance desk."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """Requests, approvals and takings of exports; indexes by time, person, screen, sign-in and supply point."""

    dependencies = [("accesslog", "0001_log"), ("barrier", "0001_wall")]
    operations = sql_migration(__file__, "0002_desk.sql")
