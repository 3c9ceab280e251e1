from django.urls import path

from areas import views

app_name = "areas"
urlpatterns = [
    path("account/stay/", views.stay_signed_in, name="stay-signed-in"),
    path("areas/", views.area_list, name="area-list"),
    path("areas/<slug:dfe_code>/people/", views.people, name="people"),
    path("areas/<slug:dfe_code>/partners/", views.partners, name="partners"),
]
