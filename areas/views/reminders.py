"""Reminders by mail, on and off: on a page of one's own, and from a mail without signing in."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from areas.actions.reminders import switch_reminders
from areas.forms.reminders import RemindersForm
from areas.models import User
from areas.requests import SignedInRequest, posted

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
def reminders(request: SignedInRequest) -> HttpResponse:
    wants = "yes" if request.user.wants_reminders else "no"
    form = RemindersForm(posted(request), initial={"wants": wants})
    if request.method == "POST" and form.is_valid():
        switch_reminders(by=request.user, **form.cleaned_data)
        now = "You get reminders" if request.user.wants_reminders else "You get no more reminders"
        messages.success(request, f"{now} by email.")
        return redirect("areas:my-details")
    return render(
        request, "areas/reminders.html", {"form": form}, status=400 if form.errors else 200
    )


def person_of(token: str) -> User:
    try:
        return User.objects.with_reminders_token(token)
    except User.DoesNotExist as error:
        raise Http404("No such link.") from error


@login_not_required
@require_http_methods(FORM_METHODS)
def stop_reminders(request: HttpRequest, token: str) -> HttpResponse:
    """Led to from each reminder. Looking changes nothing: mail programs follow links by themselves."""
    person = person_of(token)
    if request.method == "POST":
        switch_reminders(wants=request.POST.get("wants") == "yes", by=person)
        return redirect("areas:stop-reminders", token)
    return render(request, "areas/stop_reminders.html", {"wants": person.wants_reminders})


@csrf_exempt
@login_not_required
@require_http_methods(FORM_METHODS)
def stop_reminders_at_once(request: HttpRequest, token: str) -> HttpResponse:
    """What a mail program calls when its own “unsubscribe” is pressed (RFC 8058): it has no
    session and no form token, so the words that the standard sends are asked for."""
    person = person_of(token)
    if request.method != "POST":
        return redirect("areas:stop-reminders", token)
    if request.POST.get("List-Unsubscribe") != "One-Click":
        return HttpResponse("Send List-Unsubscribe=One-Click.", "text/plain", status=400)
    switch_reminders(wants=False, by=person)
    return HttpResponse("You get no more reminders.", "text/plain")
