"""The lead reopens moderation after partners have signed: their signatures are voided, not lost."""

import pytest
from django.urls import reverse

from assessments.actions.moderation import finish_moderation, return_to_moderation
from assessments.actions.sign_off import missing_signatures
from assessments.models import Assessment, SignOff
from assessments.reports.build import contents_of
from tests.assessments.pages import sentences, soup, text, words
from tests.assessments.shortcuts import agree, open_sign_off
from tests.factories import SignOffFactory

REASON = "A level was read out wrongly."


@pytest.fixture
def signed(partnership):
    """Agreed, open for sign-off, and Health has signed with a reservation."""
    partnership.reveal()
    agree(partnership)
    open_sign_off(partnership)
    SignOffFactory(
        partner_return=partnership.returns["health"],
        signed_by=partnership.people["health_board"],
        name="Nadia Karim",
        decision=SignOff.Decision.RESERVATION,
        text="Waiting times are not in it.",
    )
    return partnership


def back(partnership, reason=REASON):
    url = reverse("assessments:return-to-moderation", args=[partnership.assessment.pk])
    return partnership.client("lead").post(url, {"reason": reason}, follow=True)


def test_page_names_the_signatures_that_will_no_longer_count(signed):
    url = reverse("assessments:return-to-moderation", args=[signed.assessment.pk])
    page = soup(signed.client("lead").get(url))
    assert [words(row)[:36] for row in page.main.select("li")] == [
        "Moorland Health, signed by Nadia Kar"
    ]


def test_moderation_opens_again_and_the_signature_stays_on_record(signed):
    assert "Moderation is open again." in text(back(signed))

    signed.assessment.refresh_from_db()
    assert signed.assessment.stage == Assessment.Stage.MODERATION
    row = SignOff.objects.get()
    assert (row.voided_by, row.void_reason) == (signed.people["lead"], REASON)
    assert row.text == "Waiting times are not in it."
    assert signed.returns["health"] in missing_signatures(signed.assessment)
    assert sentences() == [
        f"Moorland Lead went back to moderation: {REASON}",
        "Moorland Lead voided the signature of Moorland Health with that",
    ]


def test_voided_signature_is_shown_beside_the_new_one_and_not_in_the_report(signed):
    back(signed)
    finish_moderation(assessment=signed.assessment, by=signed.people["lead"])
    signed.assessment.refresh_from_db()

    url = reverse("assessments:sign-off", args=[signed.assessment.pk])
    said = text(signed.client("health_board").get(url))
    assert "0 of 6 have signed" in said
    assert "Moorland Health: We agree, with a reservation, signed by Nadia Karim" in said
    assert f"because: “{REASON}”" in said
    report = contents_of(signed.assessment)
    assert {line.decision for line in report.signatures} == {""}


def test_partner_signs_again(signed):
    back(signed)
    finish_moderation(assessment=signed.assessment, by=signed.people["lead"])
    url = reverse("assessments:sign", args=[signed.assessment.pk, signed.returns["health"].pk])
    data = {"decision": "agree", "text": "", "name": "Nadia Karim", "role": "Director"}
    assert signed.client("health_board").post(url, data).status_code == 302
    assert signed.client("health_board").post(url, data).status_code == 409
    assert SignOff.objects.standing().get().decision == SignOff.Decision.AGREE
    assert SignOff.objects.voided().count() == 1


def test_only_those_who_signed_are_told_and_asked_again_once(signed, letters):
    back(signed)
    lead = signed.people["lead"]
    finish_moderation(assessment=signed.assessment, by=lead)
    # Back and forth once more, before anyone has signed again: nobody is asked twice.
    return_to_moderation(assessment=signed.assessment, reason="Again.", by=lead)
    finish_moderation(assessment=signed.assessment, by=lead)

    address = signed.people["health_board"].email
    asked, told = [letter for letter in letters() if letter.to == [address]]  # newest first
    assert told.to == asked.to == [address]
    assert told.subject == "Moorland: your signature under Autumn assessment no longer counts"
    assert REASON in told.body
    assert asked.subject == "Moorland: please sign Autumn assessment again"
    assert f"/assessments/{signed.assessment.pk}/sign-off/" in asked.body


def test_nobody_is_told_where_nobody_had_signed(partnership, letters):
    partnership.reveal()
    open_sign_off(partnership)
    back(partnership)
    finish_moderation(assessment=partnership.assessment, by=partnership.people["lead"])
    subjects = {letter.subject for letter in letters()}
    assert subjects == {"Moorland: the report is ready for you to sign"}
