"""The settings of the test run: the portal's own, less what needs a real host."""

import os

# Given by hand, as the portal refuses to start without them; DEBUG stays off, as in real use.
os.environ.setdefault("SECRET_KEY", "only-for-the-tests")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("HTTPS", "0")

import tempfile

from send_portal.settings import *  # noqa: F403
from send_portal.settings import DATABASES, STORAGES

# A connection that outlives its request would keep the test database from being removed.
DATABASES["default"]["CONN_MAX_AGE"] = 0
# A test with transactions of its own ends by emptying every table, also those that refuse it.
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c portal.may_truncate=on"
# Made to be slow, which 1,000 sign-ins in a test run need not be.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Files as they are in static/: no test needs collectstatic first.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    # Never among the files of a portal that somebody runs from this folder.
    "evidence": {
        **STORAGES["evidence"],
        "OPTIONS": {**STORAGES["evidence"]["OPTIONS"], "location": tempfile.mkdtemp()},
    },
}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
