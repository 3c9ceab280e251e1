from typing import NoReturn

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import Http404, HttpRequest
from django.urls import include, path

from assessments.views.home import home
from send_portal import health

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "SEND improvement portal: content"
handler500 = "send_portal.faults.server_error"


def not_offered(request: HttpRequest) -> NoReturn:
    raise Http404("Addresses are changed by the people who run the portal.")


urlpatterns = [
    path("", home, name="home"),
    path("", include("assessments.urls")),
    path("", include("areas.urls")),
    path("", include("ingredients.urls")),
    # An address belongs to the invitation: nobody claims another one for an account.
    path("account/email/", not_offered, name="account_email"),
    path("account/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
