from django.urls import path

from areas.views import account, areas, invitations, partners, people, reminders, tokens

app_name = "areas"

account_urls = [
    path("account/details/", account.my_details, name="my-details"),
    path("account/details/leave/<int:membership>/", account.leave, name="leave"),
    path("account/reminders/", reminders.reminders, name="reminders"),
    path("account/tokens/", tokens.tokens, name="tokens"),
    path("account/tokens/<int:api_token>/revoke/", tokens.revoke_token, name="revoke-token"),
    path("account/stay/", account.stay_signed_in, name="stay-signed-in"),
    path("invitations/<slug:token>/", invitations.invitation, name="invitation"),
    path("reminders/<str:token>/", reminders.stop_reminders, name="stop-reminders"),
    path(
        "reminders/<str:token>/at-once/",
        reminders.stop_reminders_at_once,
        name="stop-reminders-at-once",
    ),
]

people_urls = [
    path("areas/<slug:dfe_code>/people/", people.people, name="people"),
    path("areas/<slug:dfe_code>/people/invite/", invitations.invite, name="invite"),
    path(
        "areas/<slug:dfe_code>/people/invitations/<int:invitation>/resend/",
        invitations.resend_invitation,
        name="resend-invitation",
    ),
    path(
        "areas/<slug:dfe_code>/people/invitations/<int:invitation>/revoke/",
        invitations.revoke_invitation,
        name="revoke-invitation",
    ),
    path(
        "areas/<slug:dfe_code>/people/<int:membership>/",
        people.change_membership,
        name="change-membership",
    ),
    path(
        "areas/<slug:dfe_code>/people/<int:membership>/remove/",
        people.remove_membership,
        name="remove-membership",
    ),
]

partner_urls = [
    path("areas/<slug:dfe_code>/partners/", partners.partners, name="partners"),
    path(
        "areas/<slug:dfe_code>/partners/<int:partner>/",
        partners.change_partner,
        name="change-partner",
    ),
    path(
        "areas/<slug:dfe_code>/partners/<int:partner>/close/",
        partners.close_partner,
        name="close-partner",
    ),
    path(
        "areas/<slug:dfe_code>/partners/<int:partner>/replace/",
        partners.replace_partner,
        name="replace-partner",
    ),
]

urlpatterns = [
    path("areas/", areas.area_list, name="area-list"),
    *account_urls,
    *people_urls,
    *partner_urls,
]
