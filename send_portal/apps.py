from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "send_portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        # Importing registers the system checks.
        from send_portal import checks  # noqa: F401, PLC0415 -- models are not ready before this
