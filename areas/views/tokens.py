"""Tokens for the API: a person makes them for programs of their own, and ends them."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from areas.actions import tokens as actions
from areas.actions.errors import TokenRefusedError
from areas.forms.tokens import TokenForm
from areas.models import ApiToken
from areas.requests import SignedInRequest, posted

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
@reauthentication_required(enabled=lambda request: request.method == "POST")
def tokens(request: SignedInRequest) -> HttpResponse:
    """The list, and a form to make one. The answer to the form is the only page that shows it.

    A token outlives the session, so whoever makes one gives the password again.
    """
    form, made = TokenForm(posted(request)), ""
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_token(by=request.user, **form.cleaned_data)
        except TokenRefusedError as error:
            form.add_error("name", str(error))
    own = ApiToken.objects.visible_to(request.user).not_revoked().select_related("user")
    context = {"form": form, "tokens": own, "made": made}
    return render(request, "areas/tokens.html", context, status=400 if form.errors else 200)


@require_http_methods(FORM_METHODS)
def revoke_token(request: SignedInRequest, api_token: int) -> HttpResponse:
    own = ApiToken.objects.visible_to(request.user).not_revoked()
    token = get_object_or_404(own, pk=api_token)
    if request.method == "POST":
        actions.revoke_token(token=token, by=request.user)
        messages.success(request, f"The token “{token}” is revoked.")
        return redirect("areas:tokens")
    return render(request, "areas/revoke_token.html", {"token": token})
