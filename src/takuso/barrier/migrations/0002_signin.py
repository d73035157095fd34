"""Passwords, second factors and the record of every sign-in."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """wall.password, wall.totp, wall.recovery_code, wall.sign_in_limit and log.sign_in."""

    dependencies = [("barrier", "0001_wall")]
    operations = sql_migration(__file__, "0002_signin.sql")
