"""The rules of the house, tried on everything in it: models, code, templates, files."""

from __future__ import annotations

import ast
import csv
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import allauth
import crispy_forms
import django
import factory
import pytest
import yaml
from django import forms
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from areas.models import REQUIRED_SECTORS, Sector
from areas.permissions import IN_AN_AREA, Permission, Role
from assessments.actions.demonstration_national import NATIONAL
from assessments.models import Assessment, CheckIn
from ingredients.actions.files import read_framework
from ingredients.views import SECTOR_NAMES
from tests import factories
from tests.test_access import own_urls

TOP = settings.BASE_DIR
APPS = ("areas", "assessments", "ingredients")
PACKAGES = (*APPS, "send_portal")
MODELS = [model for app in PACKAGES for model in apps.get_app_config(app).get_models()]
NOW = timezone.now()


LONGEST_VIEW, LONGEST_FUNCTION, LONGEST_MODULE = 20, 50, 400

# ---- Models ------------------------------------------------------------------------------------


def each_factory() -> list[type[factories.Factory]]:
    return [
        found
        for found in vars(factories).values()
        if isinstance(found, type)
        and issubclass(found, factories.Factory)
        and found is not factories.Factory
    ]


def test_every_model_has_one_factory():
    assert Counter(made._meta.model for made in each_factory()) == Counter(MODELS)


@pytest.mark.django_db
@pytest.mark.parametrize("made", each_factory(), ids=lambda made: made.__name__)
def test_a_factory_makes_a_row_that_the_database_accepts(made):
    row = made()
    connection.check_constraints()
    assert type(row)._base_manager.filter(pk=row.pk).exists()


def pairs() -> list[tuple[type[models.Model], str]]:
    """Every moment that may be missing and has a person beside it: `submitted_at`, `submitted_by`."""
    found = []
    for model in MODELS:
        names = {field.name: field for field in model._meta.concrete_fields}
        found += [
            (model, name.removesuffix("_at"))
            for name, field in names.items()
            if name.endswith("_at") and field.null and f"{name.removesuffix('_at')}_by" in names
        ]
    return found


def test_pairs_are_found():
    assert {f"{model.__name__}.{stem}" for model, stem in pairs()} >= {
        "Assessment.revealed", "Assessment.submitted", "PartnerReturn.submitted", "Dissent.withdrawn",
    }  # fmt: skip


def half_pairs() -> list[tuple[type[models.Model], str]]:
    return [(model, f"{stem}_{half}") for model, stem in pairs() for half in ("at", "by")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "field"), half_pairs(), ids=[f"{m.__name__}.{f}" for m, f in half_pairs()]
)
def test_the_database_refuses_half_a_pair(model, field):
    made = next(made for made in each_factory() if made._meta.model is model)
    row = made()
    value = NOW if field.endswith("_at") else factories.UserFactory()
    # Past the model's own guards: what is tried here is the database.
    rows = models.QuerySet(model).filter(pk=row.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**{field: value})


def test_a_moment_that_may_be_missing_is_paired_or_bound_to_a_status():
    """A field `…_at` that may be missing stands in a check constraint of its model."""
    loose = [
        f"{model.__name__}.{field.name}"
        for model in MODELS
        for field in model._meta.concrete_fields
        if field.name.endswith("_at")
        and field.null
        and not any(field.name in str(check.condition) for check in checks_of(model))
    ]
    assert loose == []


def checks_of(model: type[models.Model]) -> list[models.CheckConstraint]:
    return [row for row in model._meta.constraints if isinstance(row, models.CheckConstraint)]


def user() -> Any:
    return factories.UserFactory()


# For each check constraint, a row that breaks it and no other.
REFUSED: dict[str, Any] = {
    "user_email_in_small_letters": lambda: factories.UserFactory(email="Big@area.example"),
    "area_code_is_real_or_demonstration": lambda: factories.AreaFactory(dfe_code="D99"),
    "area_code_dates_in_order": lambda: factories.AreaCodeFactory(valid_to=date(2000, 1, 1)),
    "partner_dates_in_order": lambda: factories.PartnerFactory(closed_on=date(2000, 1, 1)),
    "partner_sector_known": lambda: factories.PartnerFactory(sector="nobody"),
    "membership_role_fits_area": lambda: factories.MembershipFactory(role=Role.CONTRIBUTOR),
    "partner_replaced_is_closed": lambda: factories.PartnerFactory(
        replaced_by=factories.PartnerFactory()
    ),
    "past_membership_dates_in_order": lambda: factories.PastMembershipFactory(
        ended_at=NOW - timedelta(days=200)
    ),
    "past_membership_role_known": lambda: factories.PastMembershipFactory(role="nobody"),
    "invitation_role_fits_partner": lambda: factories.InvitationFactory(role=Role.CONTRIBUTOR),
    "invitation_email_in_small_letters": lambda: factories.InvitationFactory(
        email="Big@area.example"
    ),
    "invitation_expires_later": lambda: factories.InvitationFactory(
        expires_at=NOW - timedelta(days=1)
    ),
    "api_token_has_name": lambda: factories.ApiTokenFactory(name=""),
    "api_token_expires_later": lambda: factories.ApiTokenFactory(
        expires_at=NOW - timedelta(days=1)
    ),
    "api_token_revoked_later": lambda: factories.ApiTokenFactory(
        revoked_at=NOW - timedelta(days=1)
    ),
    "invitation_accepted_at_with_by": lambda: factories.InvitationFactory(accepted_at=NOW),
    "invitation_revoked_at_with_by": lambda: factories.InvitationFactory(revoked_at=NOW),
    "invitation_ends_one_way": lambda: factories.InvitationFactory(
        accepted_at=NOW, accepted_by=user(), revoked_at=NOW, revoked_by=user()
    ),
    "framework_published_has_a_date": lambda: factories.FrameworkFactory(status="published"),
    "framework_retired_has_a_date": lambda: factories.FrameworkFactory(
        status="retired", published_at=NOW
    ),
    "descriptor_level_1_to_4": lambda: factories.LevelDescriptorFactory(level=5),
    "guidance_levels_1_to_4": lambda: factories.GuidanceFactory(lowest_level=3, highest_level=2),
    "assessment_revealed_at_with_by": lambda: factories.AssessmentFactory(revealed_by=user()),
    "assessment_submitted_at_with_by": lambda: factories.AssessmentFactory(submitted_by=user()),
    "assessment_stage_matches_reveal": lambda: factories.AssessmentFactory(
        revealed_at=NOW, revealed_by=user()
    ),
    "assessment_stage_matches_submission": lambda: factories.AssessmentFactory(
        submitted_at=NOW, submitted_by=user()
    ),
    "assessment_dates_in_order": lambda: factories.AssessmentFactory(sign_off_by=date(2000, 1, 1)),
    "assessment_cancelled_at_with_by": lambda: factories.AssessmentFactory(
        stage="cancelled", cancelled_from="scoring", cancelled_at=NOW, cancel_reason="Why."
    ),
    "assessment_cancelled_with_reason": lambda: factories.AssessmentFactory(
        stage="cancelled", cancelled_from="scoring", cancelled_at=NOW, cancelled_by=user()
    ),
    "assessment_correction_is_whole": lambda: factories.AssessmentFactory(version=2),
    "return_submitted_at_with_by": lambda: factories.PartnerReturnFactory(submitted_at=NOW),
    "return_grace_with_at_by": lambda: factories.PartnerReturnFactory(
        grace_until=date(2030, 1, 1), grace_reason="Why."
    ),
    "return_grace_with_reason": lambda: factories.PartnerReturnFactory(
        grace_until=date(2030, 1, 1), grace_at=NOW, grace_by=user()
    ),
    "return_sector_known": lambda: factories.PartnerReturnFactory(
        sector="nobody", partner=factories.PartnerFactory(), short_name="N", code="N", order=1
    ),
    "quorum_reason_given": lambda: factories.QuorumReasonFactory(reason=""),
    "stored_report_pdf_with_date": lambda: factories.StoredReportFactory(pdf=b"%PDF"),
    "stored_report_made_or_failed": lambda: factories.StoredReportFactory(
        pdf_failed_at=timezone.now(), pdf_try_at=timezone.now()
    ),
    "neighbour_is_another_area": lambda: factories.StatisticalNeighbourFactory(
        neighbour=factory.SelfAttribute("area")
    ),
    "submitted_picture_words_known": lambda: factories.SubmittedPictureFactory(band="best"),
    "submitted_picture_counts_fit": lambda: factories.SubmittedPictureFactory(
        claimed=1, evidenced=2
    ),
    "submitted_picture_replaced_later": lambda: factories.SubmittedPictureFactory(
        replaced_on=date(2000, 1, 1)
    ),
    "submitted_level_1_to_4": lambda: factories.SubmittedLevelFactory(level=5),
    "submitted_answer_counts_if_levelled": lambda: factories.SubmittedAnswerFactory(counts_as=None),
    "sector_gap_of_ingredient_or_statement": lambda: factories.SectorGapFactory(statement=None),
    "sector_gap_words_known": lambda: factories.SectorGapFactory(sits="first"),
    "statement_map_sides_fit": lambda: factories.StatementMapFactory(kind="retired"),
    "score_answer_known": lambda: factories.ScoreFactory(answer="5"),
    "score_not_applicable_has_reason": lambda: factories.ScoreFactory(answer="not_applicable"),
    "agreed_answer_known": lambda: factories.AgreedScoreFactory(answer="", rationale="Because."),
    "agreed_without_level_has_rationale": lambda: factories.AgreedScoreFactory(answer="not_agreed"),
    "agreed_version_answer_known": lambda: factories.AgreedScoreVersionFactory(
        answer="", rationale="Because."
    ),
    "agreed_version_without_level_has_rationale": lambda: factories.AgreedScoreVersionFactory(
        answer="not_agreed"
    ),
    "agreed_version_from_1": lambda: factories.AgreedScoreVersionFactory(version=0),
    "audit_audience_known": lambda: factories.AuditEventFactory(audience="press"),
    "audit_partner_audience_has_partner": lambda: factories.AuditEventFactory(audience="partner"),
    "dissent_has_text": lambda: factories.DissentFactory(text=""),
    "dissent_withdrawn_at_with_by": lambda: factories.DissentFactory(withdrawn_at=NOW),
    "comment_has_text_until_withdrawn": lambda: factories.CommentFactory(text=""),
    "comment_resolved_at_with_by": lambda: factories.CommentFactory(resolved_at=NOW),
    "evidence_file_or_link": lambda: factories.EvidenceFactory(
        as_file=True, address="https://a.example"
    ),
    "evidence_dates_in_order": lambda: factories.EvidenceFactory(
        dated_on=date(2026, 2, 1), review_on=date(2026, 1, 1)
    ),
    "evidence_retired_at_with_by": lambda: factories.EvidenceFactory(retired_at=NOW),
    "sign_off_decision_known": lambda: factories.SignOffFactory(decision="perhaps", text="Why."),
    "sign_off_text_unless_agreed": lambda: factories.SignOffFactory(decision="disagree"),
    "sign_off_name_and_role_given": lambda: factories.SignOffFactory(role=""),
    "sign_off_voided_at_with_by": lambda: factories.SignOffFactory(
        voided_at=NOW, void_reason="Why."
    ),
    "sign_off_voided_with_reason": lambda: factories.SignOffFactory(void_reason="Why."),
    "published_summary_withdrawn_at_with_by": lambda: factories.PublishedSummaryFactory(
        withdrawn_by=user()
    ),
    "published_summary_dates_in_order": lambda: factories.PublishedSummaryFactory(
        withdrawn_at=NOW - timedelta(days=1), withdrawn_by=user()
    ),
    "published_summary_has_place": lambda: factories.PublishedSummaryFactory(place=""),
    "action_statement_with_assessment": lambda: factories.ActionFactory(
        statement=factories.StatementFactory()
    ),
    "action_is_whole": lambda: factories.ActionFactory(owner=""),
    "action_status_known": lambda: factories.ActionFactory(status="perhaps"),
    "action_done_has_a_day": lambda: factories.ActionFactory(status="done"),
    "action_given_up_has_a_reason": lambda: factories.ActionFactory(status="no_action"),
    "progress_status_known": lambda: factories.ActionProgressFactory(status="perhaps"),
    "progress_given_up_has_a_reason": lambda: factories.ActionProgressFactory(status="no_action"),
    "impact_has_text": lambda: factories.ActionImpactFactory(text=""),
    "support_has_a_reason": lambda: factories.SupportRequestFactory(why=""),
    "support_withdrawn_at_with_by": lambda: factories.SupportRequestFactory(withdrawn_at=NOW),
    "check_in_kind_known": lambda: factories.CheckInFactory(kind="perhaps"),
    "check_in_area_at_with_by": lambda: factories.CheckInFactory(area_agreed_at=NOW),
    "check_in_programme_at_with_by": lambda: factories.CheckInFactory(
        kind="dfe", area_agreed_at=NOW, area_agreed_by=user(), programme_agreed_at=NOW
    ),
    "check_in_cancelled_at_with_by": lambda: factories.CheckInFactory(cancelled_at=NOW),
    "check_in_programme_agrees_after_area": lambda: factories.CheckInFactory(
        kind="dfe", programme_agreed_at=NOW, programme_agreed_by=user()
    ),
    "check_in_closed_by_all_with_facts": lambda: (
        models.QuerySet(CheckIn)
        .filter(pk=factories.CheckInFactory().pk)
        .update(closed_at=NOW, facts={})
    ),
    "check_in_priority_order": lambda: factories.CheckInPriorityFactory(order=7),
    "check_in_level_known": lambda: factories.CheckInPriorityFactory(level="5", how_we_know="x"),
    "check_in_level_says_how_we_know": lambda: factories.CheckInPriorityFactory(level="2"),
    "check_in_next_step_is_whole": lambda: factories.CheckInPriorityFactory(next_step="Go on"),
    "programme_record_held_or_not": lambda: factories.ProgrammeRecordFactory(
        held_on=date(2026, 1, 1), not_held_because="Snow."
    ),
    "programme_record_next_step_has_day": lambda: factories.ProgrammeRecordFactory(
        next_step="Go on"
    ),
    "programme_record_agenda_at_with_by": lambda: factories.ProgrammeRecordFactory(
        agenda_sent_at=NOW
    ),
    "note_version_from_1": lambda: factories.ProgrammeNoteVersionFactory(number=0),
    "note_category_known": lambda: factories.ProgrammeNoteVersionFactory(category="gossip"),
    "note_says_something_or_why_withdrawn": lambda: factories.ProgrammeNoteVersionFactory(text=""),
    "mail_sending_has_started": lambda: factories.MailFactory(state="sending"),
    "mail_ended_at_when_ended": lambda: factories.MailFactory(state="sent"),
    "mail_waiting_has_body": lambda: factories.MailFactory(body=""),
}


def test_every_check_constraint_is_tried():
    named = [check.name for model in MODELS for check in checks_of(model)]
    assert sorted(named) == sorted(REFUSED)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_the_database_refuses_a_row_that_breaks(name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        REFUSED[name]()


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_nothing_is_deleted_with_a_row_that_it_merely_refers_to():
    """CASCADE is for rows that are truly part of another; these are."""
    parts = {
        "AreaCode.area", "Membership.user",
        "FrameworkSource.framework", "Ingredient.framework", "Statement.ingredient",
        "LevelDescriptor.statement", "SourcePoint.framework", "Measure.framework", "StatementMap.framework",
        "PartnerReturn.assessment", "QuorumReason.assessment", "Score.partner_return",
        "AgreedScore.assessment", "Dissent.assessment", "EvidenceLink.assessment", "SignOff.assessment",
        "Comment.assessment", "CheckInPriority.check_in",
        "SubmittedLevel.picture", "SubmittedAnswer.picture", "SectorGap.picture",
        "StatisticalNeighbour.area", "StatisticalNeighbour.neighbour",
        "ApiToken.user",
    }  # fmt: skip
    cascading = {
        f"{model.__name__}.{field.name}"
        for model in MODELS
        for field in model._meta.concrete_fields
        if field.is_relation and field.remote_field.on_delete is models.CASCADE
    }
    assert cascading == parts


# ---- Code --------------------------------------------------------------------------------------


@cache
def modules() -> dict[str, str]:
    """The project's own code without tests and migrations: path to text."""
    return {
        str(path.relative_to(TOP)): path.read_text("utf-8")
        for package in PACKAGES
        for path in sorted((TOP / package).rglob("*.py"))
        if "migrations" not in path.parts
    }


@cache
def trees() -> dict[str, ast.Module]:
    return {name: ast.parse(text) for name, text in modules().items()}


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for name, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                yield f"{name} {node.name}", node


def body_lines(node: ast.FunctionDef) -> int:
    """From the first statement after the docstring to the last line."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return node.end_lineno - body[0].lineno + 1 if body else 0


def views() -> dict[str, int]:
    """Each view of an own page with the lines of its body."""
    wanted = {
        f"{pattern.callback.__module__.replace('.', '/')}.py {pattern.callback.__name__}"
        for pattern in own_urls().values()
    }
    return {name: body_lines(node) for name, node in functions() if name in wanted}


def test_every_view_is_a_function():
    assert len(views()) == len({pattern.callback for pattern in own_urls().values()})


def test_no_view_is_longer_than_its_story():
    assert {name: lines for name, lines in views().items() if lines > LONGEST_VIEW} == {}


def test_no_function_is_too_long_to_see_at_once():
    lengths = {name: node.end_lineno - node.lineno + 1 for name, node in functions()}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}


def test_no_module_holds_two_rooms():
    lengths = {name: len(text.splitlines()) for name, text in modules().items()}
    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}


def each_subclass(of: type) -> Iterator[type]:
    for found in of.__subclasses__():
        yield found
        yield from each_subclass(found)


def test_no_form_takes_whatever_fields_its_model_has():
    for form in each_subclass(forms.BaseModelForm):
        if form.__module__.split(".")[0] in PACKAGES and form._meta.model:
            assert form._meta.fields not in (None, forms.ALL_FIELDS), form
    assert [
        name for name, text in modules().items() if "__all__" in text.replace("__all__ = [", "")
    ] == []


def test_every_permission_is_asked_for_somewhere():
    code = "\n".join(text for name, text in modules().items() if name != "areas/permissions.py")
    assert [p.name for p in Permission if f"Permission.{p.name}" not in code] == []


def own_files() -> Iterator[Path]:
    folders = (*PACKAGES, "templates", "tests", "docs", ".ci", "benchmarks", "fixtures")
    for folder in folders:
        for path in sorted((TOP / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
    yield from (path for path in sorted(TOP.glob("*.*")) if path.suffix in {".md", ".py", ".toml"})
    yield from sorted((TOP / "static" / "portal").glob("*.py"))


def test_nothing_is_left_for_later():
    words = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    marked = []
    for path in own_files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        marked += [f"{path.relative_to(TOP)}: {found[0]}" for found in words.finditer(text)]
    assert marked == []


# ---- Templates and addresses -------------------------------------------------------------------


@cache
def templates() -> dict[str, str]:
    folder = TOP / "templates"
    return {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(
    "unwanted",
    [
        r"\sstyle\s*=",
        r"<[^>]*\son(?!e=)[a-z]+\s*=\s*[\"']",
        r"<script(?![^>]*\ssrc=)",
        r"<style\b",
        r"javascript:",
        r"\|\s*safe\b",
        r"\|\s*safeseq\b",
        r"autoescape\s+off",
    ],
)
def test_no_template_carries(unwanted):
    # The page of the PDF has no policy for its content: it is never sent to a browser.
    pages = {name: text for name, text in templates().items() if name.endswith(".html")}
    found = [name for name, text in pages.items() if re.search(unwanted, text, re.IGNORECASE)]
    assert found == []


def of_a_package(name: str) -> bool:
    """Whether a library looks this template up by itself."""
    homes = [Path(package.__file__).parent for package in (allauth, django, crispy_forms)]
    folders = [homes[0] / "templates", homes[1] / "contrib" / "admin" / "templates"]
    if any((folder / name).exists() for folder in folders):
        return True
    library = homes[0] / "account"
    if name.startswith(("account/", "allauth/")):
        stem = name.rsplit(".", 1)[0]
        return any(stem in path.read_text("utf-8") for path in library.rglob("*.py"))
    if name.startswith("portal/"):
        asked = "\n".join(path.read_text("utf-8") for path in homes[2].rglob("*.py"))
        return f"%s/{name.removeprefix('portal/')}" in asked
    return name in {
        "400.html",
        "403.html",
        "404.html",
        "500.html",
        "503.html",
        "403_csrf.html",
        "429.html",
    }


def test_every_template_is_used():
    texts = [*modules().values(), *templates().values()]
    named = set(re.findall(r"[\"']([\w./-]+\.(?:html|txt))[\"']", "\n".join(texts)))
    # mail.post() is asked by the name of the message alone.
    mails = {
        f"emails/{name}.txt"
        for text in texts
        for name in re.findall(r"post\(\s*\"([\w/]+)\"", text)
    }
    assert [n for n in templates() if n not in named | mails and not of_a_package(n)] == []


def test_every_address_is_led_to_from_somewhere():
    # What only the operator's tools ask for, and what answers for addresses that are not there.
    for_operators = {"healthz", "readyz", "assessments:api-nothing"}
    text = "\n".join(
        [
            *(t for name, t in modules().items() if not name.endswith("urls.py")),
            *templates().values(),
        ]
    )
    named = set(re.findall(r"[\"']([a-z]+:[a-z-]+|home)[\"']", text))
    by_address = {
        name
        for name, pattern in own_urls().items()
        if f'href="/{pattern.pattern}"' in text and not pattern.pattern.converters
    }
    assert set(own_urls()) - named - by_address - for_operators == set()


# ---- Requirements ------------------------------------------------------------------------------


def test_every_dependency_says_why_it_is_there():
    text = (TOP / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    reasons = dict(re.findall(r'^\s*"([^"]+)",\s*# (\S.*)$', text, re.MULTILINE))
    assert [name for name in wanted if not reasons.get(name)] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_with_its_hashes_and_names_no_host(name):
    text = (TOP / name).read_text("utf-8")
    assert "http" not in text.lower()
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n?", "", text, flags=re.MULTILINE).strip())
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+==[^\s;\\]+", entry), entry
        assert "--hash=sha256:" in entry, entry


# ---- The files of words ------------------------------------------------------------------------


def fixture(name: str) -> Any:
    return yaml.safe_load((settings.FIXTURES / name).read_text("utf-8"))


@cache
def framework() -> Any:
    return read_framework(settings.FIXTURES / "framework" / "1")


def ingredient_slugs() -> set[str]:
    return {row["id"] for row in framework().ingredients}


def statement_slugs() -> set[str]:
    return {row["id"] for part in framework().ingredients for row in part["statements"]}


def test_sectors_are_those_of_the_file():
    rows = fixture("library/sectors.yaml")["sectors"]
    assert [(s.value, s.label, s.code, s.is_required) for s in Sector] == [
        (row["id"], row["short_title"], row["code"], row["required"]) for row in rows
    ]
    assert set(REQUIRED_SECTORS) == {row["id"] for row in rows if row["required"]}


def test_the_framework_names_sectors_as_the_file_does():
    names = {row["id"]: row["short_title"] for row in fixture("library/sectors.yaml")["sectors"]}
    assert {id_: names[id_] for id_ in SECTOR_NAMES} == SECTOR_NAMES
    used = {
        id_
        for part in framework().ingredients
        for s in part["statements"]
        for id_ in s["well_placed"]
    }
    assert used <= set(SECTOR_NAMES)


LIBRARIES = [("guidance", "items"), ("support_packages", "packages")]


@pytest.mark.parametrize(("name", "key"), LIBRARIES)
def test_a_library_item_names_ingredients_that_exist(name, key):
    for item in fixture(f"library/{name}.yaml")[key]:
        assert item["ingredients"], item["id"]
        assert set(item["ingredients"]) <= ingredient_slugs(), item["id"]


@pytest.mark.parametrize(("name", "key"), LIBRARIES)
def test_a_library_item_has_an_id_of_its_own_and_a_web_address(name, key):
    items = fixture(f"library/{name}.yaml")[key]
    assert len({item["id"] for item in items}) == len(items) > 10
    assert [
        i["id"] for i in items if not re.match(r"https://[\w.-]+\.\w+(/|$)", i["address"])
    ] == []


def test_guidance_helps_at_levels_that_exist():
    for item in fixture("library/guidance.yaml")["items"]:
        low, high = item["level_band"]
        assert 1 <= low <= high <= 4, item["id"]


def test_a_support_package_helps_at_levels_that_exist():
    for item in fixture("library/support_packages.yaml")["packages"]:
        assert item["helps_when"], item["id"]
        assert set(item["helps_when"]) <= {1, 2, 3, 4}, item["id"]


def test_a_glossary_term_leads_to_terms_that_exist():
    terms = fixture("library/glossary.yaml")["terms"]
    names = [row["term"] for row in terms]
    assert len(set(names)) == len(names) > 50
    for row in terms:
        assert set(row["see_also"]) <= set(names) - {row["term"]}, row["term"]


def test_no_two_glossary_terms_share_a_form():
    terms = fixture("library/glossary.yaml")["terms"]
    linked = [row for row in terms if row.get("auto_link", True)]
    used = Counter(form.lower() for row in linked for form in {row["term"], *row["aliases"]})
    assert [form for form, times in used.items() if times > 1] == []


def test_each_family_survey_asks_about_the_ingredients_that_exist():
    for rows in fixture("library/voice_survey.yaml")["statements"].values():
        assert {row["ingredient"] for row in rows} == ingredient_slugs()


def test_a_finding_is_covered_by_statements_or_features_that_exist():
    features = {row["id"] for row in framework().source_points["features"]}
    for point in framework().source_points["points"]:
        assert set(point["covered_by"]) <= statement_slugs() | features, point["id"]


def test_every_statement_says_the_next_step_from_each_level_below_4():
    for part in framework().ingredients:
        for row in part["statements"]:
            assert set(row["next_step"]) == {"1", "2", "3"}, row["id"]
            assert all(text.strip() for text in row["next_step"].values()), row["id"]


DEMONSTRATIONS = sorted(path.name for path in (settings.FIXTURES / "demo").glob("*.yaml"))


@pytest.mark.parametrize("name", DEMONSTRATIONS)
def test_a_demonstration_area_names_partners_people_and_statements_that_exist(name):
    data = fixture(f"demo/{name}")
    partners = {row["key"] for row in data["partners"]}
    people = {row["email"] for row in data["people"]}
    evidence = {row["key"] for row in data["evidence"]}
    assert {row["sector"] for row in data["partners"]} <= set(Sector.values)
    assert data["area"]["code"].startswith("D")
    for row in data["people"]:
        assert {m.get("partner") for m in row["memberships"]} <= partners | {None}, row
        assert {m["role"] for m in row["memberships"]} <= set(Role.values), row
    for row in data.get("invitations") or []:
        assert row["role"] in IN_AN_AREA, row
        assert row["partner"] in partners, row
    for item in data["evidence"]:
        assert item["owner"] in partners, item
    slugs, national = statement_slugs(), {email for email, *_ in NATIONAL}
    for row in data.get("actions") or []:
        assert row["body"] in partners, row
        assert row["statement"] in slugs, row
        told = [*(row.get("progress") or []), *(row.get("impact") or [])]
        assert {step["by"] for step in told} <= people, row
    packages = {row["id"] for row in fixture("library/support_packages.yaml")["packages"]}
    assert {row["package"] for row in data.get("support_requests") or []} <= packages
    for row in data.get("check_ins") or []:
        assert set(row.get("recorded") or {}) <= slugs, row
        kept = row.get("programme") or {}
        assert {kept[key] for key in ("owner", "by") if key in kept} <= national, row
    for assessment in data["assessments"]:
        assert assessment["purpose"] in Assessment.Purpose.values
        assert set(assessment["returns"]) <= partners
        named = [*(assessment.get("agreed") or {}), *(assessment.get("evidence_links") or {})]
        named += [row["statement"] for row in assessment.get("dissent") or []]
        for given in assessment["returns"].values():
            named += given["scores"]
            assert given["by"] in people
        assert set(named) <= statement_slugs()
        linked = {
            key for pairs in (assessment.get("evidence_links") or {}).values() for key, _ in pairs
        }
        assert linked <= evidence


def rows_of(name: str) -> list[dict[str, str]]:
    with (settings.FIXTURES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_are_153_areas_each_with_codes_of_its_own():
    areas = rows_of("areas.csv")
    assert len(areas) == 153
    for column in ("dfe_code", "gss_code", "name"):
        assert len({row[column] for row in areas}) == 153, column
    assert all(re.fullmatch(r"\d{3}", row["dfe_code"]) for row in areas)


def test_former_codes_lead_to_areas_that_exist():
    known = {row["dfe_code"] for row in rows_of("areas.csv")}
    for row in rows_of("area_codes.csv"):
        assert set(row["current_dfe_code"].split()) <= known, row


def test_no_page_says_that_the_research_is_behind_us():
    """Never claim endorsement: the word stands only where it is denied."""
    for path in [
        *(settings.FIXTURES / "library").rglob("*.md"),
        *(TOP / "templates").rglob("*.html"),
    ]:
        for found in re.finditer(
            r"[^.\n]*\bendors\w*[^.\n]*", path.read_text("utf-8"), re.IGNORECASE
        ):
            assert re.search(r"\b(not|never|no|nor)\b", found[0], re.IGNORECASE), (
                path.name,
                found[0],
            )
