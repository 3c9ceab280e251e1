from django.urls import path

from ingredients import views

app_name = "ingredients"
urlpatterns = [
    path("ingredients/", views.framework, name="framework"),
    path("ingredients/<slug:slug>/", views.ingredient, name="ingredient"),
    path("guidance/", views.guidance, name="guidance"),
    path("guidance/<slug:slug>/", views.guidance_item, name="guidance-item"),
    path("support/", views.support, name="support"),
    path("support/<slug:slug>/", views.support_package, name="support-package"),
    path("glossary/", views.glossary, name="glossary"),
    path("glossary/<slug:slug>/", views.glossary_term, name="glossary-term"),
    path("help/", views.policy_page, {"slug": "help"}, name="help"),
    path("accessibility/", views.policy_page, {"slug": "accessibility"}, name="accessibility"),
    path("privacy/", views.policy_page, {"slug": "privacy"}, name="privacy"),
    path("cookies/", views.policy_page, {"slug": "cookies"}, name="cookies"),
]
