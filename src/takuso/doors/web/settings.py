"""Django's settings for the office: no models, no sessions, no templates, nothing signed; set once per process."""

import logging
import secrets
from collections.abc import Sequence
from typing import Any, Final

import django
from django.apps import apps
from django.conf import settings

LOCAL_HOSTS: Final = ("127.0.0.1", "localhost")


def configure(*, hosts: Sequence[str] = (), https: bool = False) -> None:
    """Make Django serve the office under the local names and `hosts`.

    Django may already be configured in this process (a deployment migrates with it); then the office's values
    are added to what is there.
    """
    values = _values(hosts, https)
    if settings.configured:
        for name, value in values.items():
            setattr(settings, name, value)
    else:
        settings.configure(**values)
    if not apps.ready:
        django.setup()
    # Django writes paths and messages of errors, which may hold customers' values; the office logs by itself.
    quiet = logging.getLogger("django")
    quiet.handlers[:] = [logging.NullHandler()]
    quiet.propagate = False


def configured() -> None:
    """Make sure that there are settings, since what imports django-ninja reads them; those of an office stay."""
    if not settings.configured or not apps.ready:
        configure()


def _values(hosts: Sequence[str], https: bool) -> dict[str, Any]:
    return {
        "DEBUG": False,
        # Nothing is signed with it: the office has neither sessions nor messages nor reset links.
        "SECRET_KEY": secrets.token_hex(32),
        "ALLOWED_HOSTS": [*LOCAL_HOSTS, *hosts],
        # The door above this one: its addresses and the office's own.
        "ROOT_URLCONF": "takuso.doors.api.urls",
        "MIDDLEWARE": [
            "takuso.doors.web.middleware.Surroundings",
            "django.middleware.csrf.CsrfViewMiddleware",
        ],
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_COOKIE_SECURE": https,
        "CSRF_COOKIE_AGE": None,
        "CSRF_FAILURE_VIEW": "takuso.doors.web.failures.csrf_refused",
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if https else None,
        "APPEND_SLASH": False,
        "USE_TZ": True,
        "TIME_ZONE": "Asia/Tokyo",
        "USE_I18N": False,
        "LANGUAGE_CODE": "ja",
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 64 * 1024,
        # Django's own keep any file that anybody sends anywhere; this one takes a survey's source, at one address.
        "FILE_UPLOAD_HANDLERS": ["takuso.doors.web.surveys.files.SourceUpload"],
        "LOGGING_CONFIG": None,
    } | ({} if settings.configured else {"DATABASES": {}, "INSTALLED_APPS": []})
