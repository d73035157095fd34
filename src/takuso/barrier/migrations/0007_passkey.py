"""Passkeys: a second factor beside the password, in place of the authenticator app."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """wall.passkey."""

    dependencies = [("barrier", "0006_external_identity")]
    operations = sql_migration(__file__, "0007_passkey.sql")
