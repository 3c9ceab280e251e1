"""The access policy, on one screen.

A role belongs to a membership. `lead`, `contributor`, `board` and `viewer` hold in one area;
`programme` and `editor` hold everywhere. What a role may *see* is `visible_to` on each
QuerySet; what it may *do* is the table below.
"""

from __future__ import annotations

from django.db.models import TextChoices


class Role(TextChoices):
    LEAD = "lead", "SEND lead"
    CONTRIBUTOR = "contributor", "Contributor"
    BOARD = "board", "Board member"
    VIEWER = "viewer", "Viewer"
    PROGRAMME = "programme", "DfE programme staff"
    EDITOR = "editor", "Content editor"


class Permission(TextChoices):
    AREA_SEE = "area.see", "See the area's home and assessments"
    PEOPLE_MANAGE = "people.manage", "Invite people, change what they do here, end it"
    PARTNERS_CHANGE = "partners.change", "Add, change, close and replace the area's partners"
    ASSESSMENT_MANAGE = "assessment.manage", "Start an assessment, set dates, close scoring, submit"
    SCORE = "score", "Score for your own partner"
    PROGRESS_SEE = (
        "progress.see",
        "See people, partners, evidence and actions, and how far each partner has got, as counts",
    )
    HISTORY_SEE = "history.see", "Read the history: who did what, less what scoring could tell"
    SCORES_SEE = "scores.see", "See every partner's scores after the reveal"
    MODERATE = "moderate", "Record agreed levels"
    DISSENT = "dissent", "Record dissent for your own partner"
    EVIDENCE_CHANGE = "evidence.change", "Add evidence to the area's library"
    DRAFT_SEE = "draft.see", "Read the draft report and the minutes from sign-off on"
    SIGN = "sign", "Sign the report for your own partner"
    REPORT_SEE = "report.see", "Read submitted reports"
    PDF_MAKE_AGAIN = "pdf.make_again", "Have a report's PDF made again after that failed"
    PUBLISH = "publish", "Show the summary for families to everyone, and stop showing it"
    PLAN_MANAGE = "plan.manage", "Add and change the area's actions, ask for support"
    ACTION_PROGRESS = "action.progress", "Record progress on the actions of your own partner"
    CHECK_IN_KEEP = (
        "check_in.keep",
        "Plan check-ins, record what moved, agree the record for the area",
    )
    CHECK_IN_AGREE = "check_in.agree", "Agree the record of a check-in for DfE, or send it back"
    CHECK_IN_RUN = (
        "check_in.run",
        "Run check-ins for DfE: plan one, name who looks after it, send its agenda",
    )
    CONSENT = "consent", "Decide whether DfE sees each partner's scores"
    PROGRAMME_SEE = "programme.see", "Compare areas' submitted reports"
    CONTENT_EDIT = "content.edit", "Publish frameworks, libraries and areas"


P = Permission

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.LEAD: frozenset(
        {
            P.AREA_SEE,
            P.PEOPLE_MANAGE,
            P.PARTNERS_CHANGE,
            P.ASSESSMENT_MANAGE,
            P.SCORE,
            P.PROGRESS_SEE,
            P.HISTORY_SEE,
            P.SCORES_SEE,
            P.MODERATE,
            P.DISSENT,
            P.EVIDENCE_CHANGE,
            P.DRAFT_SEE,
            P.REPORT_SEE,
            P.CONSENT,
            P.PUBLISH,
            P.PLAN_MANAGE,
            P.ACTION_PROGRESS,
            P.CHECK_IN_KEEP,
            P.PDF_MAKE_AGAIN,
        }
    ),
    Role.CONTRIBUTOR: frozenset(
        {
            P.AREA_SEE,
            P.SCORE,
            P.PROGRESS_SEE,
            P.HISTORY_SEE,
            P.SCORES_SEE,
            P.DISSENT,
            P.EVIDENCE_CHANGE,
            P.ACTION_PROGRESS,
            P.DRAFT_SEE,
            P.REPORT_SEE,
        }
    ),
    Role.BOARD: frozenset(
        {P.AREA_SEE, P.PROGRESS_SEE, P.HISTORY_SEE, P.DRAFT_SEE, P.SIGN, P.REPORT_SEE}
    ),
    Role.VIEWER: frozenset({P.AREA_SEE, P.REPORT_SEE}),
    Role.PROGRAMME: frozenset(
        {P.REPORT_SEE, P.PROGRAMME_SEE, P.PDF_MAKE_AGAIN, P.CHECK_IN_AGREE, P.CHECK_IN_RUN}
    ),
    Role.EDITOR: frozenset({P.CONTENT_EDIT}),
}  # fmt: skip -- one role a paragraph reads as a table

EVERYWHERE = frozenset({Role.PROGRAMME, Role.EDITOR})
# What a lead may give: only what holds in the lead's own area.
IN_AN_AREA = (Role.CONTRIBUTOR, Role.BOARD, Role.VIEWER, Role.LEAD)
# Roles that are held for a partner and mean nothing without one.
FOR_A_PARTNER = frozenset({Role.CONTRIBUTOR, Role.BOARD})
# Acts that a person does for one partner, and so only in a membership that names it.
FOR_OWN_PARTNER = frozenset({P.SCORE, P.DISSENT, P.SIGN, P.ACTION_PROGRESS})


def roles_with(permission: Permission) -> list[Role]:
    return [role for role, held in ROLE_PERMISSIONS.items() if permission in held]
