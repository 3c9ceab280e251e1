"""The API called with what its own document allows, and with much that it does not."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from assessments.api import tokens
from assessments.api.document import document
from tests.assessments.shortcuts import agree, submit
from tests.assessments.test_api import bearer, plan_check_in

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance, negative_data_rejection,
]  # fmt: skip
# About 300 requests: some seconds.
EXAMPLES = 25
PATHS = sorted(document()["paths"])


@pytest.fixture
def headers(partnership, programme, monkeypatch):
    """Of DfE programme staff, who may read one assessment and one check-in."""
    monkeypatch.setattr(tokens, "MOST_PER_MINUTE", 100_000)
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    plan_check_in(partnership)
    # It reads what comes as it comes, and would not unpack it.
    return bearer(programme) | {"Accept-Encoding": "identity"}


@pytest.fixture
def one_connection():
    """What a server does between requests would close the test's own connection, as Django's test
    client knows."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_as_the_document_says(headers, path, mode):
    found = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    operation = found[path]["GET"]

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def calls(case):
        case.call_and_validate(headers=headers, checks=CHECKS)

    calls()
