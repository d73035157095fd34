"""The two ways the office sends people on."""

from django.http import HttpResponse


def see_other(to: str) -> HttpResponse:
    """303 to an address of this office."""
    return HttpResponse(status=303, headers={"Location": to})


def post_again(to: str) -> HttpResponse:
    """307: the same form, sent to another address of this office."""
    return HttpResponse(status=307, headers={"Location": to})
