"""What a test may need of the database that it runs on."""

import pytest
from django.db import connection

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="only PostgreSQL has the triggers and lets two writers in at once",
)
