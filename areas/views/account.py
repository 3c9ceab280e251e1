from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from areas.actions import people as actions
from areas.actions.errors import LastLeadError
from areas.forms.people import DetailsForm
from areas.models import Membership
from areas.permissions import EVERYWHERE
from areas.requests import SignedInRequest, posted
from areas.sessions import ENDS_AT, start_clock


@require_http_methods(["GET", "HEAD", "POST"])
def my_details(request: SignedInRequest) -> HttpResponse:
    person = request.user
    initial = {"name": person.name, "job_title": person.job_title}
    form = DetailsForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.change_details(by=person, **form.cleaned_data)
        messages.success(request, "Your details are saved.")
        return redirect("areas:my-details")
    memberships = [(row, row.role not in EVERYWHERE) for row in person.all_memberships]
    context = {"form": form, "memberships": memberships}
    return render(request, "areas/my_details.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: SignedInRequest, membership: int) -> HttpResponse:
    """End what I do in an area. Roles that hold everywhere are ended by the people who gave them."""
    mine = Membership.objects.filter(user=request.user, area__isnull=False)
    row = get_object_or_404(mine.select_related("user", "area", "partner"), pk=membership)
    if request.method == "POST":
        try:
            actions.remove_membership(membership=row, by=request.user)
            messages.success(request, f"You have left {row.area} as {row.standing}.")
        except LastLeadError:
            messages.warning(
                request, f"You are the only lead of {row.area}. Invite another lead first."
            )
        return redirect("areas:my-details")
    return render(request, "areas/leave.html", {"membership": row})


@require_POST
def stay_signed_in(request: SignedInRequest) -> JsonResponse:
    """Asked by the warning before a session ends."""
    start_clock(request)
    return JsonResponse({"ends_at": request.session[ENDS_AT]})
