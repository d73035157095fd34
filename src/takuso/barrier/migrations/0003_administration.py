"""What the administration keeps: chains of contractors, why a row was recorded, proposals."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """Screens and tickets of the administration, wall.contracting, wall.proposal, reasons and receipts."""

    dependencies = [("barrier", "0002_signin")]
    operations = sql_migration(__file__, "0003_administration.sql")
