"""Is the office alive, can it serve, and how many requests ended how."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from takuso.doors.web.office import from_this_machine, office


@require_safe
def livez(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """200 while the process answers."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 or 503; to this machine also what is wrong, and the hashes of what is enforced."""
    faults = list(office(request).ready())
    body: dict[str, object] = {"ready": not faults}
    if from_this_machine(request):
        body["faults"] = faults
        body["enforced"] = dict(office(request).enforced())
    return JsonResponse(body, status=503 if faults else 200, json_dumps_params={"ensure_ascii": False})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, to this machine alone."""
    if not from_this_machine(request):
        raise Http404
    return HttpResponse(office(request).counters.prometheus(), content_type="text/plain; version=0.0.4; charset=utf-8")
