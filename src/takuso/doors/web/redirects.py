"""303 See Other, the one way the office sends people on."""

from django.http import HttpResponse


def see_other(to: str) -> HttpResponse:
    """To an address of this office."""
    return HttpResponse(status=303, headers={"Location": to})
