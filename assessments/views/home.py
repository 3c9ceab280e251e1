from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from areas.models import Area, AuditEvent, User
from areas.permissions import Permission
from areas.requests import SignedInRequest
from areas.views import get_area
from assessments.models import Action, Assessment, CheckIn, PartnerReturn
from assessments.models.returns import PartnerReturnQuerySet
from assessments.reports import charts
from assessments.reports.build import contents_of, frozen_contents
from assessments.reports.check_in import closed_check_in
from assessments.reports.contents import ReportContents
from assessments.reports.words import days_left
from assessments.views.next_steps import next_steps, stage_lines
from assessments.views.plan import OfBody, by_body
from assessments.views.shared import page, visible_assessments
from assessments.views.waiting import waited_for
from ingredients.models import Framework, framework_with_content

LATEST = 10
NEWER = Prefetch("corrections", Assessment.objects.submitted(), to_attr="newer")
LATELY = 5
SHOWN_OF_CHECK_IN = ("kind", "on", "area_agreed_at", "closed_at")
EXAMPLE_LEVELS = {"C": 3, "H": 3, "SC": 3, "S": 3, "PC": 1, "YP": 1}


@login_not_required
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """The start page; signed in, my areas and what to do next in each."""
    if not request.user.is_authenticated:
        return _start(request)
    areas = list(Area.objects.filter(pk__in=request.user.area_ids))
    under_way = {
        row.area_id: row for row in visible_assessments(request).under_way().filter(area__in=areas)
    }
    returns = _returns_by_assessment([row.pk for row in under_way.values()])
    rows = [(area, *_work(request.user, under_way.get(area.pk), returns)) for area in areas]
    # Where something is late first, then where something is to be done; else by name.
    rows.sort(key=lambda row: (not any(step.late for step in row[2]), not row[2]))
    sees_programme = request.user.can_everywhere(Permission.PROGRAMME_SEE)
    latest = visible_assessments(request).current().order_by("-submitted_at")[:LATEST]
    context = {
        "rows": rows,
        "sees_programme": sees_programme,
        "latest": latest if sees_programme else [],
        "edits_content": request.user.may_edit_content,
    }
    return render(request, "assessments/home.html", context)


def _start(request: SignedInRequest) -> HttpResponse:
    current = Framework.objects.current()
    example = charts.dot_strip(
        [charts.Dot(code, code in {"PC", "YP"}, level) for code, level in EXAMPLE_LEVELS.items()],
        agreed=2,
        alone={"PC", "YP"},
        title="Example. Level 3: Council, Health, Social care and Schools; "
        "level 1: Parent carers and Young people. Agreed level 2.",
        big=True,
    )
    context = {"framework": current and framework_with_content(current.pk), "example": example}
    return render(request, "assessments/start.html", context)


def _with_all(returns: PartnerReturnQuerySet) -> PartnerReturnQuerySet:
    return returns.with_progress().with_people().with_signature()


def _returns_by_assessment(ids: list[int]) -> dict[int, list[PartnerReturn]]:
    found: dict[int, list[PartnerReturn]] = {}
    for row in _with_all(PartnerReturn.objects.filter(assessment__in=ids)):
        found.setdefault(row.assessment_id, []).append(row)
    return found


def _work(
    user: User, assessment: Assessment | None, returns: dict[int, list[PartnerReturn]]
) -> tuple:
    if assessment is None:
        return None, []
    rows = returns.get(assessment.pk, [])
    for row in rows:
        row.assessment = assessment
    return assessment, next_steps(user, assessment, rows)


@require_safe
def area_home(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area = get_area(request, dfe_code)
    assessments = visible_assessments(request).filter(area=area)
    under_way, last = assessments.at_hand()
    manages = request.user.can(Permission.ASSESSMENT_MANAGE, area)
    return page(
        request,
        "assessments/area_home.html",
        area,
        current="home",
        last=last,
        picture=picture_for(request.user, last) if last else None,
        may_start=manages and under_way is None,
        may_plan=request.user.can(Permission.PLAN_MANAGE, area),
        late=_late_actions(request.user, area),
        check_in=_next_check_in(request.user, area),
        may_compare=request.user.can(Permission.AREA_SEE, area),
        **_under_way(request.user, under_way),
    )


def _late_actions(user: User, area: Area) -> list[OfBody]:
    today = timezone.localdate()
    return by_body(Action.objects.visible_to(user).filter(area=area).late(today), today)


def _next_check_in(user: User, area: Area) -> dict[str, Any] | None:
    """The first that is not agreed by all, which may be over."""
    today = timezone.localdate()
    rows = CheckIn.objects.visible_to(user).filter(area=area)
    found = rows.planned().only(*SHOWN_OF_CHECK_IN).order_by("on", "pk").first()
    if found is None:
        return None
    last = rows.closed().values_list("pk", "closed_at").first()
    return {
        "row": found,
        "away": days_left(found.on, today) if found.on >= today else "",
        "last": closed_check_in(*last) if last else None,
    }


@require_safe
def next_step(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    """Sends a person who has just joined to the task list that waits for them, else to the area."""
    area = get_area(request, dfe_code)
    assessment = visible_assessments(request).filter(area=area).under_way().first()
    manages = request.user.can(Permission.ASSESSMENT_MANAGE, area)
    waits = assessment and not manages and _under_way(request.user, assessment)["steps"]
    return redirect(assessment if assessment and waits else area)


def _under_way(user: User, assessment: Assessment | None) -> dict[str, Any]:
    """The assessment under way: its stage, what this person does next, who is waited for."""
    if assessment is None:
        return {"assessment": None}
    returns = list(_with_all(assessment.returns.all()))
    for row in returns:
        row.assessment = assessment
    return {
        "assessment": assessment,
        "steps": next_steps(user, assessment, returns),
        "stages": stage_lines(assessment, returns),
        "waiting": waited_for(user, assessment, returns),
        "lately": AuditEvent.objects.visible_to(user).lately(assessment.area_id)[:LATELY],
    }


def picture_for(user: User, assessment: Assessment) -> ReportContents:
    """The report as this person may read it: DfE sees partners' levels only by consent."""
    return contents_of(assessment, shows_partners=_reads_partners(user, assessment))


def pictures_for(user: User, submitted: list[Assessment]) -> list[ReportContents]:
    """The same of several submitted reports, with one look for all of them."""
    return frozen_contents([(row, _reads_partners(user, row)) for row in submitted])


def _reads_partners(user: User, assessment: Assessment) -> bool:
    takes_part = user.can(Permission.AREA_SEE, assessment.area)
    return takes_part or assessment.dfe_sees_partners


@require_safe
def assessment_list(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area = get_area(request, dfe_code)
    rows = list(visible_assessments(request).filter(area=area).prefetch_related(NEWER))
    manages = request.user.can(Permission.ASSESSMENT_MANAGE, area)
    return page(
        request,
        "assessments/assessment_list.html",
        area,
        assessments=rows,
        may_start=manages and all(row.is_closed for row in rows),
        takes_part=request.user.can(Permission.AREA_SEE, area),
    )
