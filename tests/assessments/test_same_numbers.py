"""A number is the same everywhere: page, PDF, Excel, CSV and JSON of one report."""

from datetime import timedelta

import pytest
from django.utils import timezone

from areas.models import Sector
from assessments.actions.assessments import build_returns
from assessments.models import Assessment, Evidence, PartnerReturn, Score, SignOff
from assessments.tasks import store_report_pdf
from tests.assessments.report_pdf_reader import from_pdf
from tests.assessments.report_readers import from_csv, from_excel, from_json, from_page
from tests.assessments.shortcuts import agree, lay_evidence, submit
from tests.conftest import Partnership, make_partnership
from tests.factories import (
    AreaFactory,
    AssessmentFactory,
    DissentFactory,
    MembershipFactory,
    PartnerFactory,
    SignOffFactory,
)

ANSWERS = ["3", "2", "4", "1", "cannot_say", "not_applicable", "not_agreed"]
DANGER = "=cmd|' /C calc'!A0"


def every_form(client, assessment):
    if assessment.is_submitted:
        store_report_pdf.call(assessment.pk)
    return {
        form.__name__: form(client, assessment)
        for form in (from_page, from_pdf, from_excel, from_csv, from_json)
    }


def the_same(client, assessment):
    """What the forms say, after checking that they all say it."""
    found = every_form(client, assessment)
    for name, said in found.items():
        for key, value in found["from_page"].items():
            assert said[key] == value, (name, key)
        assert said.keys() == found["from_page"].keys()
    return found["from_page"]


@pytest.fixture
def ordinary(partnership):
    """Six partners at different levels, evidence in and out of date, dissent, two signatures."""
    for place, sector in enumerate(partnership.returns):
        partnership.answer(sector, str(place % 4 + 1), reason=f"So say {sector}.")
    partnership.reveal()
    slugs = [statement.slug for statement in partnership.statements]
    agree(partnership, dict.fromkeys(slugs[:20], "3") | dict.fromkeys(slugs[20:30], "2"))
    lay_evidence(partnership, *slugs[:12])
    lay_evidence(partnership, slugs[0], slugs[5], title="More minutes")
    past = timezone.localdate() - timedelta(days=1)
    lay_evidence(partnership, slugs[0], slugs[15], title="Old minutes", review_on=past)
    for slug in slugs[:3]:
        DissentFactory(
            partner_return=partnership.returns["schools"], statement=partnership.statement(slug),
            recorded_by=partnership.people["schools"],
        )  # fmt: skip
    partnership.move_to(Assessment.Stage.SIGN_OFF)
    SignOffFactory(partner_return=partnership.returns["health"])
    SignOffFactory(
        partner_return=partnership.returns["schools"], decision="reservation", text="Not yet."
    )
    return partnership


def test_ordinary_report(ordinary):
    submit(ordinary)
    said = the_same(ordinary.client("lead"), ordinary.assessment)
    assert (said["coverage"], said["evidenced"], said["returns"]) == (
        "30 of 32",
        "12 of 20",
        "6 of 6",
    )
    assert (said["confidence"], said["contested"]) == ("medium", ["1.1", "1.2", "1.3"])
    assert (said["agreed"]["1.1"], said["evidence"]["1.1"]) == (3, 3)
    assert (said["agreed"]["4.3"], said["counts_as"]["4.3"]) == (3, 2)
    assert said["partners"]["1.1"]["Health"] == 2
    assert said["signatures"]["Schools"] == "agrees, with a reservation"
    assert said["signatures"]["Council"] == "not signed"


def test_sparse_draft_of_one_partner(framework):
    alone = make_partnership("Islet", [Sector.LOCAL_AUTHORITY])
    alone.answer("local_authority", {alone.statements[0].slug: "3"})
    alone.reveal()
    agree(alone, {alone.statements[0].slug: "3", alone.statements[1].slug: "cannot_say"})
    said = the_same(alone.client("lead"), alone.assessment)
    assert said["band"] == "Not yet rated"
    assert len(said["limiting"]) == 6
    assert set(said["ingredients"].values()) == {"not yet rated"}
    assert (said["coverage"], said["evidenced"]) == ("1 of 32", "0 of 1")
    assert said["partners"]["1.2"] == {"Council": "not decided"}
    assert (said["counts_as"]["1.1"], said["counts_as"]["1.2"]) == (2, None)


@pytest.fixture
def crowded(framework):
    """Twelve partners, three sectors twice, every kind of answer."""
    assessment = AssessmentFactory(area=AreaFactory(name="Łódź and Żory"), title="Crowded")
    area, lead = assessment.area, assessment.started_by
    sectors = [*Sector, Sector.HEALTH, Sector.SCHOOLS, Sector.VOLUNTARY_SECTOR]
    partners = [
        PartnerFactory(area=area, sector=sector, name=f"{sector.label} of place {n}")
        for n, sector in enumerate(sectors)
    ]
    returns = PartnerReturn.objects.bulk_create(build_returns(assessment, partners))
    for n, row in enumerate(returns):
        Score.objects.bulk_create(
            Score(partner_return=row, statement=statement, answer=ANSWERS[(n + k) % 6],
                  reason="It is so.", saved_by=lead)
            for k, statement in enumerate(assessment.statements_for(row.sector))
        )  # fmt: skip
        if n % 3:
            decision = list(SignOff.Decision)[n % 3]
            SignOffFactory(partner_return=row, decision=decision, text="Why.", signed_by=lead)
    PartnerReturn.objects.filter(pk__in=[row.pk for row in returns[:-1]]).update(
        submitted_at=timezone.now(), submitted_by=lead
    )
    MembershipFactory(user=lead, role="lead", area=area, partner=partners[0])
    own = Partnership(area, {"local_authority": partners[0]}, {"lead": lead}, assessment)
    own.move_to(Assessment.Stage.SIGN_OFF)
    agree(own, {s.slug: ANSWERS[k % 7] for k, s in enumerate(own.statements)})
    lay_evidence(own, *[s.slug for s in own.statements[::3]])
    return own


def test_crowded_report_of_twelve_partners(crowded):
    said = the_same(crowded.client("lead"), crowded.assessment)
    assert said["returns"] == "11 of 12"
    assert len(said["partners"]["1.1"]) == 11
    assert len(said["signatures"]) == 12
    assert said["confidence"] == "medium"


def test_report_with_hostile_texts(ordinary):
    """Every text that people type begins a formula."""
    PartnerReturn.objects.filter(sector="health").update(name=DANGER, short_name="+Health@")
    Assessment.objects.update(title=DANGER)
    Evidence.objects.update(title=DANGER, shows="@SUM(A1)")
    ordinary.assessment.agreed_scores.update(rationale=DANGER, outside_reason="-1")
    ordinary.assessment.dissents.update(text=DANGER)
    ordinary.assessment.refresh_from_db()
    submit(ordinary, reason=DANGER)
    said = the_same(ordinary.client("lead"), ordinary.assessment)
    assert said["partners"]["1.1"]["+Health@"] == 2
    assert said["signatures"]["+Health@"] == "agrees"
