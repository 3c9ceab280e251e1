"""Who gets what answer from which page: the access policy as a reviewer reads it.

Each line of `TABLE` is one page, method and stage of the assessment; each column one person:

    nobody    not signed in
    lead      SEND lead of the area, who also scores for its council
    contr     contributor of Health in the area
    board     board member of Health in the area
    view      viewer of the area
    progr     DfE programme staff
    edit      content editor
    other     SEND lead of another area

`in` means: sent to the sign-in page. 404: not visible to this person. 403: visible, but not
allowed. 409: not at this stage. Every POST sends no data, so a form that this person may use answers 400, and a
button that needs no data answers 302. What a page does not list, GET or POST, it refuses (405).

Returns, signatures and dissent are Health's unless the line says otherwise. Lines for any stage
do not depend on an assessment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone
from django.utils.text import slugify

from areas.models import User
from areas.permissions import Role
from assessments.actions.sign_off import freeze
from assessments.models import Assessment, CheckIn, Evidence, StoredReport
from assessments.tasks import store_report_pdf
from ingredients.models import Page
from send_portal.jobs import say_alive
from tests import factories
from tests.conftest import Partnership, client_of, make_partnership

# Every page by everyone, which takes minutes. Smaller tests measure the same lines.
pytestmark = [pytest.mark.once, pytest.mark.no_cover]

STAGES = ["setup", "scoring", "moderation", "sign_off", "submitted"]
PEOPLE = ["nobody", "lead", "contr", "board", "view", "progr", "edit", "other"]
STATEMENT = "family-every-stage"

TABLE = """
#                                                                                      nobody  lead    contr   board   view    progr   edit    other

# The start page, the areas and their rooms
GET   home                                     any                                     200     200     200     200     200     200     200     200
GET   assessments:area-home                    any                                     in      200     200     200     200     302     404     404
GET   assessments:compare                      any                                     in      200     200     200     200     403     404     404
GET   assessments:assessment-list              any                                     in      200     200     200     200     200     404     404
GET   assessments:trend                        any                                     in      200     200     200     200     200     404     404
GET   assessments:looks                        any                                     in      200     200     200     200     403     404     404
GET   assessments:new                          any                                     in      200     403     403     403     403     404     404
POST  assessments:new                          any                                     in      400     403     403     403     403     404     404
GET   assessments:evidence                     any                                     in      200     200     200     403     403     404     404
GET   assessments:history                      any                                     in      200     200     200     403     403     404     404
GET   assessments:history-csv                  any                                     in      200     200     200     403     403     404     404
GET   assessments:history-json                 any                                     in      200     200     200     403     403     404     404
GET   assessments:add-to-library               any                                     in      200     200     403     403     403     404     404
POST  assessments:add-to-library               any                                     in      400     400     403     403     403     404     404
GET   assessments:evidence-item                any                                     in      200     200     200     403     403     404     404
GET   assessments:evidence-file                any                                     in      200     200     200     403     403     404     404
GET   assessments:change-evidence              any                                     in      200     200     403     403     403     404     404
POST  assessments:change-evidence              any                                     in      400     400     403     403     403     404     404
GET   assessments:retire-evidence              any                                     in      200     200     403     403     403     404     404
POST  assessments:retire-evidence              any                                     in      302     302     403     403     403     404     404
POST  assessments:restore-evidence             any                                     in      302     302     403     403     403     404     404
GET   assessments:actions                      any                                     in      200     200     200     403     403     404     404
GET   assessments:action                       any                                     in      200     200     200     403     403     404     404
GET   assessments:add-action                   any                                     in      200     403     403     403     403     404     404
POST  assessments:add-action                   any                                     in      400     403     403     403     403     404     404
GET   assessments:change-action                any                                     in      200     403     403     403     403     404     404
POST  assessments:change-action                any                                     in      400     403     403     403     403     404     404
GET   assessments:record-progress              any                                     in      200     200     403     403     403     404     404
POST  assessments:record-progress              any                                     in      400     400     403     403     403     404     404
GET   assessments:record-impact                any                                     in      200     200     403     403     403     404     404
POST  assessments:record-impact                any                                     in      400     400     403     403     403     404     404
GET   assessments:check-ins                    any                                     in      200     200     200     403     403     404     404
GET   assessments:plan-check-in                any                                     in      200     403     403     403     403     404     404
POST  assessments:plan-check-in                any                                     in      400     403     403     403     403     404     404
GET   assessments:change-check-in              any                                     in      200     403     403     404     404     404     404
POST  assessments:change-check-in              any                                     in      400     403     403     404     404     404     404
GET   assessments:cancel-check-in              any                                     in      200     403     403     404     404     404     404
POST  assessments:cancel-check-in              any                                     in      302     403     403     404     404     404     404
GET   assessments:choose-priorities            any                                     in      200     403     403     404     404     404     404
POST  assessments:choose-priorities            any                                     in      400     403     403     404     404     404     404
GET   assessments:record-priority              any                                     in      200     403     403     404     404     404     404
POST  assessments:record-priority              any                                     in      400     403     403     404     404     404     404
GET   assessments:ask-support                  any                                     in      200     403     403     403     403     403     200
POST  assessments:ask-support                  any                                     in      400     403     403     403     403     403     400
GET   assessments:withdraw-support             any                                     in      200     403     403     403     403     404     404
POST  assessments:withdraw-support             any                                     in      302     403     403     403     403     404     404
GET   areas:area-list                          any                                     in      200     200     200     200     200     200     200
POST  areas:stay-signed-in                       any                                     in      200     200     200     200     200     200     200
GET   areas:people                             any                                     in      200     200     200     403     403     404     404
GET   areas:partners                           any                                     in      200     200     200     403     403     404     404
POST  areas:partners                           any                                     in      400     403     403     403     403     404     404
GET   areas:invite                             any                                     in      200     403     403     403     403     404     404
POST  areas:invite                             any                                     in      400     403     403     403     403     404     404
POST  areas:resend-invitation                  any                                     in      302     403     403     403     403     404     404
POST  areas:revoke-invitation                  any                                     in      302     403     403     403     403     404     404
GET   areas:change-membership                  any                                     in      200     403     403     403     403     404     404
POST  areas:change-membership                  any                                     in      400     403     403     403     403     404     404
GET   areas:remove-membership                  any                                     in      200     403     403     403     403     404     404
POST  areas:remove-membership                  any                                     in      302     403     403     403     403     404     404
GET   areas:change-partner                     any                                     in      200     403     403     403     403     404     404
POST  areas:change-partner                     any                                     in      400     403     403     403     403     404     404
GET   areas:close-partner                      any                                     in      200     403     403     403     403     404     404
POST  areas:close-partner                      any                                     in      400     403     403     403     403     404     404
GET   areas:replace-partner                    any                                     in      200     403     403     403     403     404     404
POST  areas:replace-partner                    any                                     in      400     403     403     403     403     404     404
GET   assessments:next-step                    any                                     in      302     302     302     302     302     404     404

# A check-in in which the area still writes, and one that it has sent to DfE to agree
GET   assessments:check-in of open             any                                     in      200     200     200     404     404     404     404
GET   assessments:check-in of sent             any                                     in      200     200     200     404     200     404     404
GET   assessments:check-in-pdf of open         any                                     in      200     200     200     404     404     404     404
GET   assessments:check-in-pdf of sent         any                                     in      200     200     200     404     200     404     404
GET   assessments:check-in-ics of open         any                                     in      200     200     200     404     404     404     404
GET   assessments:check-in-ics of sent         any                                     in      200     200     200     404     200     404     404
GET   assessments:agree-check-in of open       any                                     in      200     403     403     404     404     404     404
POST  assessments:agree-check-in of open       any                                     in      302     403     403     404     404     404     404
GET   assessments:agree-check-in of sent       any                                     in      409     403     403     404     200     404     404
POST  assessments:agree-check-in of sent       any                                     in      409     403     403     404     302     404     404
GET   assessments:reopen-check-in of open      any                                     in      409     403     403     404     404     404     404
POST  assessments:reopen-check-in of open      any                                     in      409     403     403     404     404     404     404
GET   assessments:reopen-check-in of sent      any                                     in      200     403     403     404     200     404     404
POST  assessments:reopen-check-in of sent      any                                     in      400     403     403     404     400     404     404

# An invitation, which lets in whoever reads the mail of its address; and one's own account
GET   areas:invitation                         any                                     200     200     200     200     200     200     200     200
POST  areas:invitation                         any                                     400     403     403     403     403     403     403     403
GET   areas:my-details                         any                                     in      200     200     200     200     200     200     200
POST  areas:my-details                         any                                     in      400     400     400     400     400     400     400
GET   areas:reminders                          any                                     in      200     200     200     200     200     200     200
POST  areas:reminders                          any                                     in      400     400     400     400     400     400     400
GET   areas:stop-reminders                     any                                     200     200     200     200     200     200     200     200
POST  areas:stop-reminders                     any                                     302     302     302     302     302     302     302     302
GET   areas:stop-reminders-at-once             any                                     302     302     302     302     302     302     302     302
POST  areas:stop-reminders-at-once             any                                     400     400     400     400     400     400     400     400
GET   areas:leave                              any                                     in      404     200     404     404     404     404     404
POST  areas:leave                              any                                     in      404     302     404     404     404     404     404
GET   areas:tokens                             any                                     in      200     200     200     200     200     200     200
POST  areas:tokens                             any                                     in      302     302     302     302     302     302     302
GET   areas:revoke-token                       any                                     in      404     200     404     404     404     404     404
POST  areas:revoke-token                       any                                     in      404     302     404     404     404     404     404

# The API, which a session does not open; by token: tests/assessments/test_api.py
GET   assessments:api-areas                    any                                     401     401     401     401     401     401     401     401
GET   assessments:api-area                     any                                     401     401     401     401     401     401     401     401
GET   assessments:api-assessments              any                                     401     401     401     401     401     401     401     401
GET   assessments:api-assessment               any                                     401     401     401     401     401     401     401     401
GET   assessments:api-levels                   any                                     401     401     401     401     401     401     401     401
GET   assessments:api-check-ins                any                                     401     401     401     401     401     401     401     401
GET   assessments:api-check-in                 any                                     401     401     401     401     401     401     401     401
GET   assessments:api-nothing                  any                                     404     404     404     404     404     404     404     404
GET   assessments:api                          any                                     200     200     200     200     200     200     200     200
GET   assessments:api-document                 any                                     200     200     200     200     200     200     200     200

# For DfE programme staff alone: areas side by side
GET   assessments:programme                    any                                     in      403     403     403     403     200     403     403
GET   assessments:check-in-queue               any                                     in      403     403     403     403     200     403     403
GET   assessments:check-in-queue-csv           any                                     in      403     403     403     403     200     403     403
GET   assessments:check-in-queue-ics           any                                     in      403     403     403     403     200     403     403
GET   assessments:schedule-check-in            any                                     in      403     403     403     403     200     403     403
POST  assessments:schedule-check-in            any                                     in      403     403     403     403     400     403     403
GET   assessments:programme-check-in of open   any                                     in      404     404     404     404     200     404     404
GET   assessments:programme-check-in of sent   any                                     in      404     404     404     404     200     404     404
GET   assessments:move-check-in of open        any                                     in      404     404     404     404     200     404     404
POST  assessments:move-check-in of open        any                                     in      404     404     404     404     400     404     404
GET   assessments:move-check-in of sent        any                                     in      404     404     404     404     409     404     404
POST  assessments:move-check-in of sent        any                                     in      404     404     404     404     409     404     404
GET   assessments:call-off-check-in of open    any                                     in      404     404     404     404     200     404     404
POST  assessments:call-off-check-in of open    any                                     in      404     404     404     404     400     404     404
GET   assessments:call-off-check-in of sent    any                                     in      404     404     404     404     409     404     404
POST  assessments:call-off-check-in of sent    any                                     in      404     404     404     404     409     404     404
GET   assessments:assign-check-in              any                                     in      404     404     404     404     200     404     404
POST  assessments:assign-check-in              any                                     in      404     404     404     404     400     404     404
GET   assessments:note-check-in                any                                     in      404     404     404     404     200     404     404
POST  assessments:note-check-in                any                                     in      404     404     404     404     400     404     404
GET   assessments:send-agenda of open          any                                     in      404     404     404     404     200     404     404
POST  assessments:send-agenda of open          any                                     in      404     404     404     404     302     404     404
GET   assessments:send-agenda of sent          any                                     in      404     404     404     404     409     404     404
POST  assessments:send-agenda of sent          any                                     in      404     404     404     404     409     404     404
GET   assessments:distributions                any                                     in      403     403     403     403     200     403     403
GET   assessments:side-by-side                 any                                     in      403     403     403     403     200     403     403
GET   assessments:sector-gaps                  any                                     in      403     403     403     403     200     403     403
GET   assessments:support-demand               any                                     in      403     403     403     403     200     403     403
GET   assessments:support-demand-csv           any                                     in      403     403     403     403     200     403     403
GET   assessments:trends                       any                                     in      403     403     403     403     200     403     403
GET   assessments:programme-xlsx               any                                     in      403     403     403     403     200     403     403
GET   assessments:programme-csv                any                                     in      403     403     403     403     200     403     403
GET   assessments:programme-json               any                                     in      403     403     403     403     200     403     403
GET   assessments:statistics                   any                                     in      403     403     403     403     200     403     403
GET   assessments:programme-area               any                                     in      403     403     403     403     200     404     404
GET   assessments:beside                       any                                     in      403     403     403     403     200     404     404
GET   assessments:beside-csv                   any                                     in      403     403     403     403     200     404     404
GET   assessments:beside-json                  any                                     in      403     403     403     403     200     404     404

# What programme staff note about an area: no role of the area, and no editor
GET   assessments:add-note                     any                                     in      403     403     403     403     200     404     404
POST  assessments:add-note                     any                                     in      403     403     403     403     400     404     404
GET   assessments:correct-note                 any                                     in      403     403     403     403     200     404     404
POST  assessments:correct-note                 any                                     in      403     403     403     403     400     404     404
GET   assessments:withdraw-note                any                                     in      403     403     403     403     200     404     404
POST  assessments:withdraw-note                any                                     in      403     403     403     403     400     404     404

# Public: the framework, the libraries, help; and for the operator
GET   ingredients:framework                    any                                     200     200     200     200     200     200     200     200
GET   ingredients:ingredient                   any                                     200     200     200     200     200     200     200     200
GET   ingredients:guidance                     any                                     200     200     200     200     200     200     200     200
GET   ingredients:guidance-item                any                                     200     200     200     200     200     200     200     200
GET   ingredients:support                      any                                     200     200     200     200     200     200     200     200
GET   ingredients:support-package              any                                     200     200     200     200     200     200     200     200
GET   ingredients:glossary                     any                                     200     200     200     200     200     200     200     200
GET   ingredients:glossary-term                any                                     200     200     200     200     200     200     200     200
GET   assessments:report-schema                any                                     200     200     200     200     200     200     200     200
GET   ingredients:help                         any                                     200     200     200     200     200     200     200     200
GET   ingredients:accessibility                any                                     200     200     200     200     200     200     200     200
GET   ingredients:privacy                      any                                     200     200     200     200     200     200     200     200
GET   ingredients:cookies                      any                                     200     200     200     200     200     200     200     200
GET   healthz                                  any                                     200     200     200     200     200     200     200     200
GET   readyz                                   any                                     200     200     200     200     200     200     200     200

# An assessment
GET   assessments:task-list                    setup, scoring, moderation, sign_off    in      200     200     200     404     404     404     404
GET   assessments:task-list                    submitted                               in      200     200     200     200     200     404     404
GET   assessments:choose-partners              setup                                   in      200     403     403     404     404     404     404
GET   assessments:choose-partners              scoring, moderation, sign_off           in      409     403     403     404     404     404     404
GET   assessments:choose-partners              submitted                               in      409     403     403     403     403     404     404
POST  assessments:choose-partners              setup                                   in      400     403     403     404     404     404     404
POST  assessments:choose-partners              scoring, moderation, sign_off           in      409     403     403     404     404     404     404
POST  assessments:choose-partners              submitted                               in      409     403     403     403     403     404     404
GET   assessments:close-scoring                setup, moderation, sign_off             in      409     403     403     404     404     404     404
GET   assessments:close-scoring                scoring                                 in      200     403     403     404     404     404     404
GET   assessments:close-scoring                submitted                               in      409     403     403     403     403     404     404
POST  assessments:close-scoring                setup, moderation, sign_off             in      409     403     403     404     404     404     404
POST  assessments:close-scoring                scoring                                 in      400     403     403     404     404     404     404
POST  assessments:close-scoring                submitted                               in      409     403     403     403     403     404     404
GET   assessments:consent                      setup, scoring, moderation, sign_off    in      200     403     403     404     404     404     404
GET   assessments:consent                      submitted                               in      200     403     403     403     403     404     404
POST  assessments:consent                      setup, scoring, moderation, sign_off    in      400     403     403     404     404     404     404
POST  assessments:consent                      submitted                               in      400     403     403     403     403     404     404
GET   assessments:change-dates                 setup, scoring, moderation, sign_off    in      200     403     403     404     404     404     404
GET   assessments:change-dates                 submitted                               in      409     403     403     403     403     404     404
POST  assessments:change-dates                 setup, scoring, moderation, sign_off    in      400     403     403     404     404     404     404
POST  assessments:change-dates                 submitted                               in      409     403     403     403     403     404     404
GET   assessments:give-grace                   scoring                                 in      200     403     403     404     404     404     404
GET   assessments:give-grace                   setup, moderation, sign_off             in      409     403     403     404     404     404     404
GET   assessments:give-grace                   submitted                               in      409     403     403     403     403     404     404
POST  assessments:give-grace                   scoring                                 in      400     403     403     404     404     404     404
POST  assessments:give-grace                   setup, moderation, sign_off             in      409     403     403     404     404     404     404
POST  assessments:give-grace                   submitted                               in      409     403     403     403     403     404     404
GET   assessments:cancel                       setup, scoring, moderation, sign_off    in      200     403     403     404     404     404     404
GET   assessments:cancel                       submitted                               in      409     403     403     403     403     404     404
POST  assessments:cancel                       setup, scoring, moderation, sign_off    in      400     403     403     404     404     404     404
POST  assessments:cancel                       submitted                               in      409     403     403     403     403     404     404
GET   assessments:correct                      setup, scoring, moderation, sign_off    in      409     403     403     404     404     404     404
GET   assessments:correct                      submitted                               in      200     403     403     403     403     404     404
POST  assessments:correct                      setup, scoring, moderation, sign_off    in      409     403     403     404     404     404     404
POST  assessments:correct                      submitted                               in      400     403     403     403     403     404     404

# Score apart: nobody but Health's own people, at no stage
GET   assessments:return of Health             every stage                             in      404     200     404     404     404     404     404
POST  assessments:return of Health             every stage                             in      404     400     404     404     404     404     404
GET   assessments:return of council            every stage                             in      200     404     404     404     404     404     404
POST  assessments:return of council            every stage                             in      400     404     404     404     404     404     404
GET   assessments:submitted                    setup, scoring                          in      404     302     404     404     404     404     404
GET   assessments:submitted                    moderation, sign_off, submitted         in      404     200     404     404     404     404     404
POST  assessments:withdraw                     every stage                             in      404     409     404     404     404     404     404
GET   assessments:score                        every stage                             in      404     200     404     404     404     404     404
POST  assessments:score                        every stage                             in      404     400     404     404     404     404     404
GET   assessments:workbook                     every stage                             in      404     200     404     404     404     404     404
GET   assessments:sheet                        every stage                             in      404     200     404     404     404     404     404
GET   assessments:upload-workbook              setup, moderation, sign_off, submitted  in      404     409     404     404     404     404     404
GET   assessments:upload-workbook              scoring                                 in      404     200     404     404     404     404     404
POST  assessments:upload-workbook              setup, moderation, sign_off, submitted  in      404     409     404     404     404     404     404
POST  assessments:upload-workbook              scoring                                 in      404     400     404     404     404     404     404
GET   assessments:add-evidence                 setup, moderation, sign_off, submitted  in      404     409     404     404     404     404     404
GET   assessments:add-evidence                 scoring                                 in      404     200     404     404     404     404     404
POST  assessments:add-evidence                 setup, moderation, sign_off, submitted  in      404     409     404     404     404     404     404
POST  assessments:add-evidence                 scoring                                 in      404     400     404     404     404     404     404
POST  assessments:unlink-evidence of Health    setup, moderation, sign_off, submitted  in      404     409     404     404     404     404     404
POST  assessments:unlink-evidence of Health    scoring                                 in      404     302     404     404     404     404     404
GET   assessments:return-comments              every stage                             in      404     200     404     404     404     404     404
POST  assessments:return-comments              setup, moderation, sign_off, submitted  in      404     409     404     404     404     404     404
POST  assessments:return-comments              scoring                                 in      404     400     404     404     404     404     404
POST  assessments:resolve-comment of Health    setup, scoring, moderation, sign_off    in      404     302     404     404     404     404     404
POST  assessments:resolve-comment of Health    submitted                               in      404     409     404     404     404     404     404
POST  assessments:withdraw-comment of Health   setup, scoring, moderation, sign_off    in      404     302     404     404     404     404     404
POST  assessments:withdraw-comment of Health   submitted                               in      404     409     404     404     404     404     404

# Agree together: those who score, from the reveal on; the lead alone records
POST  assessments:unlink-evidence of meeting   setup, scoring, sign_off                in      409     403     403     404     404     404     404
POST  assessments:unlink-evidence of meeting   moderation                              in      302     403     403     404     404     404     404
POST  assessments:unlink-evidence of meeting   submitted                               in      409     403     403     403     403     404     404
GET   assessments:moderation                   setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:moderation                   moderation, sign_off                    in      200     200     403     404     404     404     404
GET   assessments:moderation                   submitted                               in      200     200     403     403     403     404     404
GET   assessments:accept-aligned               setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:accept-aligned               moderation                              in      200     403     403     404     404     404     404
GET   assessments:accept-aligned               sign_off                                in      409     403     403     404     404     404     404
GET   assessments:accept-aligned               submitted                               in      409     403     403     403     403     404     404
POST  assessments:accept-aligned               setup, scoring                          in      403     403     403     404     404     404     404
POST  assessments:accept-aligned               moderation                              in      302     403     403     404     404     404     404
POST  assessments:accept-aligned               sign_off                                in      409     403     403     404     404     404     404
POST  assessments:accept-aligned               submitted                               in      409     403     403     403     403     404     404
GET   assessments:quorum-reason                setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:quorum-reason                moderation, sign_off                    in      409     403     403     404     404     404     404
GET   assessments:quorum-reason                submitted                               in      409     403     403     403     403     404     404
POST  assessments:quorum-reason                setup, scoring                          in      403     403     403     404     404     404     404
POST  assessments:quorum-reason                moderation, sign_off                    in      409     403     403     404     404     404     404
POST  assessments:quorum-reason                submitted                               in      409     403     403     403     403     404     404
GET   assessments:finish-moderation            setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:finish-moderation            moderation                              in      200     403     403     404     404     404     404
GET   assessments:finish-moderation            sign_off                                in      409     403     403     404     404     404     404
GET   assessments:finish-moderation            submitted                               in      409     403     403     403     403     404     404
POST  assessments:finish-moderation            setup, scoring                          in      403     403     403     404     404     404     404
POST  assessments:finish-moderation            moderation                              in      400     403     403     404     404     404     404
POST  assessments:finish-moderation            sign_off                                in      409     403     403     404     404     404     404
POST  assessments:finish-moderation            submitted                               in      409     403     403     403     403     404     404
POST  assessments:withdraw-dissent             setup, scoring                          in      403     403     403     404     404     404     404
POST  assessments:withdraw-dissent             moderation, sign_off                    in      404     302     403     404     404     404     404
POST  assessments:withdraw-dissent             submitted                               in      404     409     403     403     403     404     404
GET   assessments:moderate                     setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:meeting                      setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:moderate                     moderation, sign_off                    in      200     200     403     404     404     404     404
GET   assessments:meeting                      moderation, sign_off                    in      200     200     403     404     404     404     404
GET   assessments:moderate                     submitted                               in      200     200     403     403     403     404     404
GET   assessments:meeting                      submitted                               in      200     200     403     403     403     404     404
POST  assessments:moderate                     setup, scoring                          in      403     403     403     404     404     404     404
POST  assessments:meeting                      setup, scoring                          in      403     403     403     404     404     404     404
POST  assessments:moderate                     moderation                              in      400     403     403     404     404     404     404
POST  assessments:meeting                      moderation                              in      400     403     403     404     404     404     404
POST  assessments:moderate                     sign_off                                in      409     403     403     404     404     404     404
POST  assessments:meeting                      sign_off                                in      409     403     403     404     404     404     404
POST  assessments:moderate                     submitted                               in      409     403     403     403     403     404     404
POST  assessments:meeting                      submitted                               in      409     403     403     403     403     404     404
POST  assessments:record-dissent               setup, scoring                          in      403     403     403     404     404     404     404
POST  assessments:record-dissent               moderation, sign_off                    in      400     400     403     404     404     404     404
POST  assessments:record-dissent               submitted                               in      400     400     403     403     403     404     404
GET   assessments:add-meeting-evidence         setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:add-meeting-evidence         moderation                              in      200     403     403     404     404     404     404
GET   assessments:add-meeting-evidence         sign_off                                in      409     403     403     404     404     404     404
GET   assessments:add-meeting-evidence         submitted                               in      409     403     403     403     403     404     404
POST  assessments:add-meeting-evidence         setup, scoring                          in      403     403     403     404     404     404     404
POST  assessments:add-meeting-evidence         moderation                              in      400     403     403     404     404     404     404
POST  assessments:add-meeting-evidence         sign_off                                in      409     403     403     404     404     404     404
POST  assessments:add-meeting-evidence         submitted                               in      409     403     403     403     403     404     404
GET   assessments:comments                     setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:comments                     moderation, sign_off                    in      200     200     403     404     404     404     404
GET   assessments:comments                     submitted                               in      200     200     403     403     403     404     404
POST  assessments:comments                     setup, scoring                          in      403     403     403     404     404     404     404
POST  assessments:comments                     moderation, sign_off                    in      400     400     403     404     404     404     404
POST  assessments:comments                     submitted                               in      409     409     403     403     403     404     404
POST  assessments:resolve-comment of meeting   setup, scoring                          in      404     404     404     404     404     404     404
POST  assessments:resolve-comment of meeting   moderation, sign_off                    in      302     302     404     404     404     404     404
POST  assessments:resolve-comment of meeting   submitted                               in      409     409     404     404     404     404     404
POST  assessments:withdraw-comment of meeting  setup, scoring                          in      404     404     404     404     404     404     404
POST  assessments:withdraw-comment of meeting  moderation, sign_off                    in      409     302     404     404     404     404     404
POST  assessments:withdraw-comment of meeting  submitted                               in      409     409     404     404     404     404     404

# The minutes: whoever scored from the reveal on, board members from sign-off on, nobody outside
GET   assessments:minutes                      setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:minutes                      moderation                              in      200     200     403     404     404     404     404
GET   assessments:minutes                      sign_off                                in      200     200     200     404     404     404     404
GET   assessments:minutes                      submitted                               in      200     200     200     403     403     404     404
GET   assessments:minutes-pdf                  setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:minutes-pdf                  moderation                              in      200     200     403     404     404     404     404
GET   assessments:minutes-pdf                  sign_off                                in      200     200     200     404     404     404     404
GET   assessments:minutes-pdf                  submitted                               in      200     200     200     403     403     404     404

# Sign off and report
GET   assessments:sign-off                     setup, scoring, moderation              in      409     409     409     404     404     404     404
GET   assessments:sign-off                     sign_off                                in      200     200     200     404     404     404     404
GET   assessments:sign-off                     submitted                               in      409     409     409     403     403     404     404
GET   assessments:sign                         setup, scoring, moderation              in      403     403     409     404     404     404     404
GET   assessments:sign                         sign_off                                in      403     403     200     404     404     404     404
GET   assessments:sign                         submitted                               in      403     403     409     403     403     404     404
POST  assessments:sign                         setup, scoring, moderation              in      403     403     409     404     404     404     404
POST  assessments:sign                         sign_off                                in      403     403     400     404     404     404     404
POST  assessments:sign                         submitted                               in      403     403     409     403     403     404     404
GET   assessments:submit                       setup, scoring, moderation              in      409     403     403     404     404     404     404
GET   assessments:submit                       sign_off                                in      200     403     403     404     404     404     404
GET   assessments:submit                       submitted                               in      409     403     403     403     403     404     404
POST  assessments:submit                       setup, scoring, moderation              in      409     403     403     404     404     404     404
POST  assessments:submit                       sign_off                                in      400     403     403     404     404     404     404
POST  assessments:submit                       submitted                               in      409     403     403     403     403     404     404
GET   assessments:return-to-moderation         setup, scoring, moderation              in      409     403     403     404     404     404     404
GET   assessments:return-to-moderation         sign_off                                in      200     403     403     404     404     404     404
GET   assessments:return-to-moderation         submitted                               in      409     403     403     403     403     404     404
POST  assessments:return-to-moderation         setup, scoring, moderation              in      409     403     403     404     404     404     404
POST  assessments:return-to-moderation         sign_off                                in      400     403     403     404     404     404     404
POST  assessments:return-to-moderation         submitted                               in      409     403     403     403     403     404     404
GET   assessments:report                       setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:report                       moderation                              in      200     200     403     404     404     404     404
GET   assessments:report                       sign_off                                in      200     200     200     404     404     404     404
GET   assessments:report                       submitted                               in      200     200     200     200     200     404     404
GET   assessments:report-statements            setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:report-statements            moderation                              in      200     200     403     404     404     404     404
GET   assessments:report-statements            sign_off                                in      200     200     200     404     404     404     404
GET   assessments:report-statements            submitted                               in      200     200     200     200     200     404     404
GET   assessments:report-pdf                   setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:report-pdf                   moderation                              in      200     200     403     404     404     404     404
GET   assessments:report-pdf                   sign_off                                in      200     200     200     404     404     404     404
GET   assessments:report-pdf                   submitted                               in      200     200     200     200     200     404     404
GET   assessments:pdf-state                    setup, scoring, moderation, sign_off    in      200     200     200     404     404     404     404
GET   assessments:pdf-state                    submitted                               in      200     200     200     200     200     404     404
POST  assessments:make-pdf-again               setup, scoring, moderation, sign_off    in      409     403     403     404     404     404     404
POST  assessments:make-pdf-again               submitted                               in      409     403     403     403     409     404     404
GET   assessments:report-xlsx                  setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:report-xlsx                  moderation                              in      200     200     403     404     404     404     404
GET   assessments:report-xlsx                  sign_off                                in      200     200     200     404     404     404     404
GET   assessments:report-xlsx                  submitted                               in      200     200     200     200     200     404     404
GET   assessments:report-csv                   setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:report-csv                   moderation                              in      200     200     403     404     404     404     404
GET   assessments:report-csv                   sign_off                                in      200     200     200     404     404     404     404
GET   assessments:report-csv                   submitted                               in      200     200     200     200     200     404     404
GET   assessments:report-json                  setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:report-json                  moderation                              in      200     200     403     404     404     404     404
GET   assessments:report-json                  sign_off                                in      200     200     200     404     404     404     404
GET   assessments:report-json                  submitted                               in      200     200     200     200     200     404     404

# The report for other readers. What an area shows to everyone needs no account; whatever it does not is not there
GET   assessments:board-summary-pdf            setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:board-summary-pdf            moderation                              in      200     200     403     404     404     404     404
GET   assessments:board-summary-pdf            sign_off                                in      200     200     200     404     404     404     404
GET   assessments:board-summary-pdf            submitted                               in      200     200     200     200     200     404     404
GET   assessments:family-summary               setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:family-summary               moderation                              in      200     200     403     404     404     404     404
GET   assessments:family-summary               sign_off                                in      200     200     200     404     404     404     404
GET   assessments:family-summary               submitted                               in      200     200     200     200     200     404     404
GET   assessments:family-summary-pdf           setup, scoring                          in      403     403     403     404     404     404     404
GET   assessments:family-summary-pdf           moderation                              in      200     200     403     404     404     404     404
GET   assessments:family-summary-pdf           sign_off                                in      200     200     200     404     404     404     404
GET   assessments:family-summary-pdf           submitted                               in      200     200     200     200     200     404     404
GET   assessments:publish-summary              setup, scoring, moderation, sign_off    in      409     403     403     404     404     404     404
GET   assessments:publish-summary              submitted                               in      200     403     403     403     403     404     404
POST  assessments:publish-summary              setup, scoring, moderation, sign_off    in      409     403     403     404     404     404     404
POST  assessments:publish-summary              submitted                               in      400     403     403     403     403     404     404
GET   assessments:withdraw-summary             setup, scoring, moderation, sign_off    in      409     403     403     404     404     404     404
GET   assessments:withdraw-summary             submitted                               in      200     403     403     403     403     404     404
POST  assessments:withdraw-summary             setup, scoring, moderation, sign_off    in      409     403     403     404     404     404     404
POST  assessments:withdraw-summary             submitted                               in      302     403     403     403     403     404     404
GET   assessments:public-summary               setup, scoring, moderation, sign_off    404     404     404     404     404     404     404     404
GET   assessments:public-summary               submitted                               200     200     200     200     200     200     200     200
GET   assessments:public-summary-pdf           setup, scoring, moderation, sign_off    404     404     404     404     404     404     404     404
GET   assessments:public-summary-pdf           submitted                               200     200     200     200     200     200     200     200
"""

# A page of one thing that comes in two kinds: TABLE names the kind behind the page.
KINDS = {
    "assessments:return": ["Health", "council"],
    "assessments:unlink-evidence": ["Health", "meeting"],
    "assessments:resolve-comment": ["Health", "meeting"],
    "assessments:withdraw-comment": ["Health", "meeting"],
    "assessments:check-in": ["open", "sent"],
    "assessments:check-in-pdf": ["open", "sent"],
    "assessments:check-in-ics": ["open", "sent"],
    "assessments:agree-check-in": ["open", "sent"],
    "assessments:reopen-check-in": ["open", "sent"],
    "assessments:programme-check-in": ["open", "sent"],
    "assessments:move-check-in": ["open", "sent"],
    "assessments:call-off-check-in": ["open", "sent"],
    "assessments:send-agenda": ["open", "sent"],
}

# What an editor may do in the admin site. Everyone else may not enter it.
ADMIN = {
    "areas_area": "see add change",
    "areas_partner": "see add change",
    "areas_user": "see add change",
    "areas_membership": "see add change delete",
    "areas_auditevent": "see",
    "ingredients_framework": "see",
    "ingredients_ingredient": "see",
    "ingredients_statement": "see",
    "ingredients_sourcepoint": "see",
    "ingredients_measure": "see",
    "ingredients_guidance": "see add change delete",
    "ingredients_supportpackage": "see add change delete",
    "ingredients_glossaryterm": "see add change delete",
    "ingredients_page": "see change",
    "send_portal_mail": "see",
    "django_tasks_database_dbtaskresult": "",
}
ADMIN_SITE = {
    "index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n",
    "view_on_site", "app_list",
}  # fmt: skip

# Signing in, and what a signed-in person does with an own account.
ACCOUNT_PUBLIC = {
    "account_login", "account_logout", "account_inactive", "account_signup", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done",
    "account_request_login_code", "account_confirm_login_code", "account_email_verification_sent",
    "account_confirm_email",
}  # fmt: skip
ACCOUNT_OWN = {
    "account_reauthenticate", "account_change_password", "account_set_password",
}  # fmt: skip

# An address belongs to the invitation, so the page to change it is not offered.
ACCOUNT_CLOSED = {"account_email"}


def every_url() -> Iterator[tuple[str, URLPattern]]:
    """Name and pattern of everything the resolver knows."""
    yield from _walk(get_resolver(), "")


def _walk(part: URLResolver, space: str) -> Iterator[tuple[str, URLPattern]]:
    for found in part.url_patterns:
        if isinstance(found, URLPattern):
            yield f"{space}{found.name or ''}", found
        else:
            yield from _walk(found, f"{space}{found.namespace}:" if found.namespace else space)


def own_urls() -> dict[str, URLPattern]:
    """The project's own pages; those of the admin site and of signing in have rules of their own."""
    return {
        name: pattern
        for name, pattern in every_url()
        if not name.startswith(("admin:", "account_"))
    }


@dataclass(frozen=True)
class Line:
    """One line of TABLE. `page` is the name of an address, with its kind where there are two."""

    method: str
    page: str
    stages: tuple[str, ...]
    answers: tuple[str, ...]


def lines() -> list[Line]:
    found = []
    for text in TABLE.splitlines():
        if not text.strip() or text.startswith("#"):
            continue
        method, page, *rest = re.split(r"\s{2,}", text.strip())
        stages = STAGES if rest[0] == "every stage" else rest[0].split(", ")
        found.append(Line(method, page, tuple(stages), tuple(rest[1:])))
    return found


def pages() -> list[str]:
    found = []
    for name in own_urls():
        found += [f"{name} of {kind}" for kind in KINDS.get(name, [])] or [name]
    return found


@dataclass
class House:
    """Two areas, each with an assessment at the same stage, and somebody of every kind."""

    partnership: Partnership
    other: Partnership
    sessions: dict[str, str]
    objects: dict[str, Any]
    foreign: dict[str, Any]

    def url(self, page: str) -> str:
        name, _, kind = page.partition(" of ")
        objects = self.objects | self.objects.get(name, {}) | self.objects.get(kind, {})
        wanted = own_urls()[name].pattern.converters
        return reverse(name, kwargs={key: objects[key] for key in wanted})

    def client(self, who: str) -> Client:
        client = Client()
        if who in self.sessions:
            client.cookies["sessionid"] = self.sessions[who]
        return client

    def ask(self, who: str, method: str, url: str) -> HttpResponse:
        """One request by one person, after which the database is as it was before."""
        client = self.client(who)
        with transaction.atomic():
            # Every form that a browser sends carries its token, so no POST is quite empty.
            data = {"csrfmiddlewaretoken": "-"} if method == "POST" else {}
            answer = getattr(client, method.lower())(url, data)
            transaction.set_rollback(True)
        return answer


def build(stage: str, programme: User, editor: User) -> House:
    own, other = make_partnership(), make_partnership("Fenland")
    objects, foreign = {**shared_objects(), **fill(own)}, fill(other)
    for found, partnership in ((objects, own), (foreign, other)):
        found["note"] = note_on(partnership, programme)
    for partnership in (own, other):
        move(partnership, stage)
    people = {
        "lead": own.people["lead"],
        "contr": own.people["health"],
        "board": own.people["health_board"],
        "view": own.people["viewer"],
        "progr": programme,
        "edit": editor,
        "other": other.people["lead"],
    }
    sessions = {who: client_of(user).cookies["sessionid"].value for who, user in people.items()}
    return House(own, other, sessions, objects, foreign)


def shared_objects() -> dict[str, Any]:
    say_alive()
    for slug in Page.Slug:
        factories.PageFactory(slug=slug)
    return {
        "ingredients:ingredient": {"slug": "leadership"},
        "ingredients:guidance-item": {"slug": factories.GuidanceFactory().slug},
        "ingredients:support-package": {"slug": factories.SupportPackageFactory().slug},
        "assessments:ask-support": {"slug": factories.SupportPackageFactory().slug},
        "ingredients:glossary-term": {"slug": factories.GlossaryTermFactory().slug},
    }


def fill(own: Partnership) -> dict[str, Any]:
    """Answers of everyone, agreed levels, dissent and evidence; and what the addresses need."""
    assessment, health = own.assessment, own.returns["health"]
    statement, lead = own.statement(STATEMENT), own.people["lead"]
    for sector in own.returns:
        own.answer(sector, "2")
    for row in own.statements:
        factories.AgreedScoreFactory(assessment=assessment, statement=row, saved_by=lead)
    dissent = factories.DissentFactory(
        partner_return=health, statement=statement, recorded_by=own.people["health"]
    )
    evidence = factories.EvidenceFactory(owner=own.partners["health"], added_by=lead)
    link, meeting_link = (
        factories.EvidenceLinkFactory(
            assessment=assessment,
            statement=statement,
            evidence=evidence,
            partner_return=row,
            linked_by=lead,
        )
        for row in (health, None)
    )
    comment, meeting_comment = (
        factories.CommentFactory(
            assessment=assessment,
            statement=statement,
            partner_return=row,
            written_by=own.people["health"],
        )
        for row in (health, None)
    )
    written, sent = check_ins(own)
    return {
        "dfe_code": own.area.dfe_code,
        "pk": assessment.pk,
        "place": slugify(own.area.name),
        "return_id": health.pk,
        "statement": STATEMENT,
        "dissent": dissent.pk,
        "item": evidence.pk,
        "assessments:evidence-file": {"item": stored_file(own, lead).pk},
        "action": factories.ActionFactory(body=own.partners["health"], added_by=lead).pk,
        "support_request": factories.SupportRequestFactory(area=own.area, asked_by=lead).pk,
        "partner": own.partners["health"].pk,
        "membership": own.people["health"].memberships.get().pk,
        "invitation": factories.InvitationFactory(area=own.area, token=f"to-{own.area.name}").pk,
        "token": f"to-{own.area.name}",
        "api_token": factories.ApiTokenFactory(user=own.people["health"]).pk,
        "code": own.area.dfe_code,
        "number": assessment.pk,
        "areas:stop-reminders": {"token": lead.reminders_token},
        "areas:stop-reminders-at-once": {"token": lead.reminders_token},
        "check_in": written.pk,
        "open": {"check_in": written.pk},
        "sent": {"check_in": sent.pk},
        "Health": {"link": link.pk, "comment": comment.pk},
        "council": {"return_id": own.returns["local_authority"].pk},
        "meeting": {"link": meeting_link.pk, "comment": meeting_comment.pk},
    }


def check_ins(own: Partnership) -> list[CheckIn]:
    """Against an older report of the same area: one in which it writes, one that DfE has to agree."""
    now, lead = timezone.now(), own.people["lead"]
    baseline = factories.AssessmentFactory(
        area=own.area, title="Earlier", stage="submitted", started_at=now - timedelta(days=200),
        revealed_at=now, revealed_by=lead, submitted_by=lead, started_by=lead,
        submitted_at=now - timedelta(days=100),
    )  # fmt: skip
    freeze(baseline)
    agreed = {"area_agreed_at": now, "area_agreed_by": lead}
    made = [
        factories.CheckInFactory(
            baseline=baseline, kind="dfe", on=timezone.localdate(), planned_by=lead, **more
        )
        for more in ({}, agreed)
    ]
    for row in made:
        factories.CheckInPriorityFactory(
            check_in=row, statement=own.statement(STATEMENT), saved_by=lead
        )
    return made


def note_on(own: Partnership, programme: User) -> int:
    """What programme staff noted about this area."""
    return factories.ProgrammeNoteVersionFactory(
        note__area=own.area, note__written_by=programme
    ).note_id


def stored_file(own: Partnership, lead: User) -> Evidence:
    return factories.EvidenceFactory(
        as_file=True,
        owner=own.partners["schools"],
        added_by=lead,
        stored_as=storages["evidence"].save("for-the-table", ContentFile(b"x")),
    )


def move(own: Partnership, stage: str) -> None:
    if stage in {"setup", "scoring"}:
        Assessment.objects.filter(pk=own.assessment.pk).update(stage=stage)
        own.assessment.refresh_from_db()
        return
    own.mark_submitted()
    own.move_to(stage)
    if stage == "submitted":
        freeze(own.assessment)
        StoredReport.objects.filter(assessment=own.assessment).update(
            pdf=b"%PDF", programme_pdf=b"%PDF", pdf_made_at=timezone.now()
        )
        factories.PublishedSummaryFactory(
            assessment=own.assessment,
            place=slugify(own.area.name),
            published_by=own.people["lead"],
        )


@pytest.fixture
def house(request, framework, programme, editor) -> House:
    return build(request.param, programme, editor)


at_every_stage = pytest.mark.parametrize("house", STAGES, indirect=True)
while_scoring = pytest.mark.parametrize("house", ["scoring"], indirect=True)
when_submitted = pytest.mark.parametrize("house", ["submitted"], indirect=True)


def said(answer: HttpResponse) -> str:
    if answer.status_code == 302 and answer.url.startswith("/account/login/"):
        return "in"
    return str(answer.status_code)


# ---- The table ---------------------------------------------------------------------------------


def test_every_page_is_in_the_table():
    assert {line.page for line in lines()} == set(pages())


def test_the_table_has_one_line_for_each_page_method_and_stage():
    seen = [(line.page, line.method, stage) for line in lines() for stage in line.stages]
    assert len(seen) == len(set(seen))
    for page, method, _ in seen:
        stages = {stage for other, how, stage in seen if (other, how) == (page, method)}
        assert stages in ({"any"}, set(STAGES)), (page, method)


@at_every_stage
def test_every_page_answers_each_person_as_the_table_says(house):
    stage = house.partnership.assessment.stage
    # What is the same at any stage needs asking once.
    asked = {stage, "any"} if stage == "scoring" else {stage}
    expected = [line for line in lines() if asked & set(line.stages)]
    found = [
        Line(
            line.method,
            line.page,
            line.stages,
            tuple(said(house.ask(who, line.method, house.url(line.page))) for who in PEOPLE),
        )
        for line in expected
    ]
    assert found == expected


@while_scoring
def test_a_page_refuses_the_method_that_the_table_does_not_name(house):
    methods = {page: {line.method for line in lines() if line.page == page} for page in pages()}
    found = {
        (method, page): said(house.ask("lead", method, house.url(page)))
        for page in pages()
        for method in {"GET", "POST"} - methods[page]
    }
    assert found == dict.fromkeys(found, "405")
    assert len(found) > 20


# ---- What the table cannot show ----------------------------------------------------------------


def pages_of_an_area() -> list[str]:
    return [
        page
        for page in pages()
        if {"dfe_code", "pk", "check_in"}
        & set(own_urls()[page.partition(" of ")[0]].pattern.converters)
    ]


def methods_of(page: str) -> set[str]:
    return {line.method for line in lines() if line.page == page}


def everywhere_404(house: House, users: list[User]) -> dict[tuple[str, str, str], str]:
    """Every page of the area that does not answer 404 to these people."""
    found = {}
    for user in users:
        house.sessions["guest"] = client_of(user).cookies["sessionid"].value
        for page in pages_of_an_area():
            for method in methods_of(page):
                answer = said(house.ask("guest", method, house.url(page)))
                if answer != "404":
                    found[user.name, method, page] = answer
    return found


@pytest.mark.parametrize("house", ["moderation", "submitted"], indirect=True)
def test_no_role_of_another_area_sees_anything_of_this_one(house):
    people = house.other.people
    users = [people[who] for who in ("lead", "health", "health_board", "viewer")]
    assert everywhere_404(house, users) == {}


@when_submitted
def test_somebody_without_a_membership_sees_nothing(house):
    assert everywhere_404(house, [factories.UserFactory()]) == {}


@while_scoring
def test_somebody_whose_account_is_closed_is_sent_to_sign_in(house):
    User.objects.filter(pk=house.partnership.people["lead"].pk).update(is_active=False)
    for page in pages_of_an_area():
        for method in methods_of(page):
            assert said(house.ask("lead", method, house.url(page))) == "in", page


@pytest.mark.parametrize("house", ["scoring", "moderation"], indirect=True)
def test_nobody_else_in_the_area_opens_the_pages_of_a_return(house):
    own = house.partnership
    outside = [user for who, user in own.people.items() if who != "health"]
    of_the_return = {
        "assessments:return of Health", "assessments:submitted", "assessments:withdraw", "assessments:score",
        "assessments:add-evidence", "assessments:unlink-evidence of Health",
        "assessments:return-comments", "assessments:resolve-comment of Health",
        "assessments:withdraw-comment of Health",
    }  # fmt: skip
    assert of_the_return < set(pages())
    found = {}
    for user in outside:
        house.sessions["guest"] = client_of(user).cookies["sessionid"].value
        for page in of_the_return:
            for method in methods_of(page):
                found[user.name, method, page] = said(house.ask("guest", method, house.url(page)))
    assert found == dict.fromkeys(found, "404")


@while_scoring
def test_a_lead_who_scores_for_no_partner_opens_no_return(house):
    own = house.partnership
    lead = factories.MembershipFactory(area=own.area, role=Role.LEAD).user
    house.sessions["guest"] = client_of(lead).cookies["sessionid"].value
    for page in ("assessments:return of Health", "assessments:return of council"):
        assert said(house.ask("guest", "GET", house.url(page))) == "404"


@pytest.mark.parametrize("house", ["sign_off"], indirect=True)
@pytest.mark.parametrize("swapped", [
    "return_id", "dissent", "link", "comment", "partner", "membership", "invitation", "action",
    "support_request", "check_in", "note", "pk",
])  # fmt: skip
def test_an_address_that_mixes_two_areas_leads_nowhere(house, swapped):
    foreign = house.foreign | house.foreign["meeting"]
    for kind in ("Health", "council", "meeting", "open", "sent"):
        house.objects[kind].pop(swapped, None)
    house.objects[swapped] = foreign[swapped]
    asked = [
        page
        for page in pages_of_an_area()
        if f":{swapped}>" in str(own_urls()[page.partition(" of ")[0]].pattern)
    ]
    assert asked
    for page in asked:
        for who in ("lead", "contr", "board"):
            for method in methods_of(page):
                answer = said(house.ask(who, method, house.url(page)))
                assert answer in {"404", "403"}, (page, who, method)
                if swapped == "pk":
                    assert answer == "404", (page, who, method)


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the database, except who is signed in."""
    return {
        model._meta.label: sorted(model._default_manager.values_list(), key=repr)
        for model in apps.get_models()
        if model._meta.label != "sessions.Session"
    }


def unchanged_by_reading(house: House, who: str) -> None:
    client, before = house.client(who), rows()
    for page in pages():
        if "GET" in methods_of(page):
            assert client.get(house.url(page)).status_code < 500
    assert rows() == before


@at_every_stage
def test_a_lead_who_reads_every_page_changes_nothing(house):
    unchanged_by_reading(house, "lead")


@while_scoring
@pytest.mark.parametrize("who", ["contr", "edit"])
def test_others_who_read_every_page_change_nothing(house, who):
    unchanged_by_reading(house, who)


# ---- The admin site, and signing in ------------------------------------------------------------


def test_the_admin_site_holds_these_models_and_no_others():
    assert {f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry} == set(ADMIN)


def test_nothing_of_an_assessment_is_in_the_admin_site():
    assert [m for m in admin.site._registry if m._meta.app_label == "assessments"] == []


def test_every_admin_page_is_named_by_the_rule():
    named = {name.removeprefix("admin:") for name, _ in every_url() if name.startswith("admin:")}
    acts = ("changelist", "add", "history", "delete", "change")
    # The one without a name sends an old address on, or answers 404.
    assert named == {f"{m}_{act}" for m in ADMIN for act in acts} | ADMIN_SITE | {""}


def admin_pages() -> dict[str, str]:
    """The right that each admin page needs, by its address."""
    needs = {
        "changelist": "see",
        "history": "see",
        "change": "see",
        "add": "add",
        "delete": "delete",
    }
    factories.AuditEventFactory()
    factories.MailFactory()
    # A row that nothing refers to, so that it may be removed.
    factories.MembershipFactory()
    store_report_pdf.enqueue(1)
    found = {}
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        row = model._default_manager.last()
        for act, right in needs.items():
            args = [] if act in {"changelist", "add"} else [row.pk]
            allowed = right in ADMIN[name].split()
            found[reverse(f"admin:{name}_{act}", args=args)] = "200" if allowed else "403"
    return found


@while_scoring
def test_an_editor_does_in_the_admin_site_what_the_rule_says(house):
    expected = admin_pages()
    assert {url: said(house.ask("edit", "GET", url)) for url in expected} == expected


@while_scoring
def test_nobody_but_an_editor_enters_the_admin_site(house):
    addresses = [*admin_pages(), *(f"/admin/{part}" for part in ("", "areas/", "nothing/"))]
    for who in PEOPLE:
        if who == "edit":
            continue
        for address in addresses:
            answer = house.ask(who, "GET", address)
            assert answer.status_code == 302, (who, address)
            assert answer.url.startswith(("/account/login/?next=", "/admin/login/?next=")), who
        door = house.ask(who, "GET", "/admin/login/")
        assert said(door) == ("in" if who == "nobody" else "403"), who


@while_scoring
def test_staff_without_the_role_of_editor_see_an_empty_admin_site(house):
    staff = factories.UserFactory(is_staff=True)
    house.sessions["staff"] = client_of(staff).cookies["sessionid"].value
    answers = {url: said(house.ask("staff", "GET", url)) for url in admin_pages()}
    assert answers == dict.fromkeys(answers, "403")


def test_every_account_page_is_named_by_the_rule():
    named = {name for name, _ in every_url() if name.startswith("account_")}
    assert named == ACCOUNT_PUBLIC | ACCOUNT_OWN | ACCOUNT_CLOSED


def account_url(name: str) -> str:
    pattern = next(pattern for found, pattern in every_url() if found == name)
    given = {"key": "none", "uidb36": "1"}
    return reverse(name, kwargs={key: given[key] for key in pattern.pattern.regex.groupindex})


@while_scoring
@pytest.mark.parametrize("name", sorted(ACCOUNT_OWN))
def test_an_account_page_of_one_s_own_needs_signing_in(house, name):
    for method in ("GET", "POST"):
        assert said(house.ask("nobody", method, account_url(name))) == "in"
    assert house.ask("lead", "GET", account_url(name)).status_code in {200, 302}


@while_scoring
@pytest.mark.parametrize("name", sorted(ACCOUNT_CLOSED))
def test_an_account_page_that_is_not_offered_is_not_there(house, name):
    for method in ("GET", "POST"):
        assert said(house.ask("nobody", method, account_url(name))) == "in"
        assert house.ask("lead", method, account_url(name)).status_code == 404


@while_scoring
@pytest.mark.parametrize("name", sorted(ACCOUNT_PUBLIC))
def test_a_public_account_page_opens_without_signing_in(house, name):
    answer = house.ask("nobody", "GET", account_url(name))
    assert answer.status_code == 200 or answer.url in {"/", "/account/login/code/"}


@while_scoring
def test_nobody_makes_an_account(house):
    answer = house.client("nobody").post(
        "/account/signup/",
        {"email": "new@area.example", "password1": "q8#hfK2l-x", "password2": "q8#hfK2l-x"},
    )
    assert answer.status_code == 200
    assert not User.objects.filter(email="new@area.example").exists()
