from django.urls import path

from assessments.api import document, service
from assessments.programme_urls import programme_urls, queue_urls
from assessments.views import (
    assessments,
    change_evidence,
    check_in_files,
    check_in_record,
    check_ins,
    comments,
    dates,
    distributions,
    evidence,
    evidence_file,
    exports,
    history,
    home,
    linked_evidence,
    looks,
    minutes,
    moderate,
    moderation,
    plan,
    progress,
    public_summary,
    reopening,
    report_pdf,
    reports,
    scoring,
    sign_off,
    summaries,
    support,
    trend,
    workbook,
)

app_name = "assessments"

area_urls = [
    path("areas/<slug:dfe_code>/", home.area_home, name="area-home"),
    path("areas/<slug:dfe_code>/next/", home.next_step, name="next-step"),
    path("areas/<slug:dfe_code>/assessments/", home.assessment_list, name="assessment-list"),
    path("areas/<slug:dfe_code>/assessments/new/", assessments.new, name="new"),
    path("areas/<slug:dfe_code>/trend/", trend.trend, name="trend"),
    path("areas/<slug:dfe_code>/compare/", distributions.compare, name="compare"),
    path("areas/<slug:dfe_code>/looks/", looks.looks, name="looks"),
    path("areas/<slug:dfe_code>/evidence/", evidence.evidence, name="evidence"),
    path("areas/<slug:dfe_code>/history/", history.history, name="history"),
    path("areas/<slug:dfe_code>/history.csv", history.history_csv, name="history-csv"),
    path("areas/<slug:dfe_code>/history.json", history.history_json, name="history-json"),
]

plan_urls = [
    path("areas/<slug:dfe_code>/actions/", plan.actions, name="actions"),
    path("areas/<slug:dfe_code>/actions/add/", plan.add_action, name="add-action"),
    path("areas/<slug:dfe_code>/actions/<int:action>/", plan.action, name="action"),
    path(
        "areas/<slug:dfe_code>/actions/<int:action>/change/",
        plan.change_action,
        name="change-action",
    ),
    path(
        "areas/<slug:dfe_code>/actions/<int:action>/progress/",
        progress.record_progress,
        name="record-progress",
    ),
    path(
        "areas/<slug:dfe_code>/actions/<int:action>/impact/",
        progress.record_impact,
        name="record-impact",
    ),
    path(
        "areas/<slug:dfe_code>/actions/support/<int:support_request>/withdraw/",
        support.withdraw_support,
        name="withdraw-support",
    ),
    path("support/<slug:slug>/ask/", support.ask_support, name="ask-support"),
]

check_in_urls = [
    path("areas/<slug:dfe_code>/check-ins/", check_ins.check_ins, name="check-ins"),
    path("areas/<slug:dfe_code>/check-ins/plan/", check_ins.plan_check_in, name="plan-check-in"),
    path("check-ins/<int:check_in>/", check_ins.check_in, name="check-in"),
    path("check-ins/<int:check_in>.pdf", check_in_files.check_in_file, name="check-in-pdf"),
    path("check-ins/<int:check_in>.ics", check_in_files.check_in_calendar, name="check-in-ics"),
    path("check-ins/<int:check_in>/change/", check_ins.change_check_in, name="change-check-in"),
    path("check-ins/<int:check_in>/cancel/", check_ins.cancel_check_in, name="cancel-check-in"),
    path(
        "check-ins/<int:check_in>/priorities/",
        check_in_record.choose_priorities,
        name="choose-priorities",
    ),
    path(
        "check-ins/<int:check_in>/priorities/<slug:statement>/",
        check_in_record.record_priority,
        name="record-priority",
    ),
    path("check-ins/<int:check_in>/agree/", check_in_record.agree_check_in, name="agree-check-in"),
    path(
        "check-ins/<int:check_in>/reopen/",
        check_in_record.reopen_check_in,
        name="reopen-check-in",
    ),
]

evidence_urls = [
    path("areas/<slug:dfe_code>/evidence/add/", evidence.add_to_library, name="add-to-library"),
    path(
        "areas/<slug:dfe_code>/evidence/<int:item>/", evidence.evidence_item, name="evidence-item"
    ),
    path(
        "areas/<slug:dfe_code>/evidence/<int:item>/file/",
        evidence_file.evidence_file,
        name="evidence-file",
    ),
    path(
        "areas/<slug:dfe_code>/evidence/<int:item>/change/",
        change_evidence.change_evidence,
        name="change-evidence",
    ),
    path(
        "areas/<slug:dfe_code>/evidence/<int:item>/retire/",
        change_evidence.retire_evidence,
        name="retire-evidence",
    ),
    path(
        "areas/<slug:dfe_code>/evidence/<int:item>/restore/",
        change_evidence.restore_evidence,
        name="restore-evidence",
    ),
]

assessment_urls = [
    path("assessments/<int:pk>/", assessments.task_list, name="task-list"),
    path("assessments/<int:pk>/partners/", assessments.choose_partners, name="choose-partners"),
    path("assessments/<int:pk>/close-scoring/", assessments.close_scoring, name="close-scoring"),
    path("assessments/<int:pk>/dates/", dates.change_dates, name="change-dates"),
    path("assessments/<int:pk>/consent/", assessments.consent, name="consent"),
    path("assessments/<int:pk>/cancel/", reopening.cancel, name="cancel"),
    path("assessments/<int:pk>/correct/", reopening.correct, name="correct"),
]

workbook_urls = [
    path(
        "assessments/<int:pk>/returns/<int:return_id>/workbook.xlsx",
        workbook.workbook,
        name="workbook",
    ),
    path("assessments/<int:pk>/returns/<int:return_id>/sheet.pdf", workbook.sheet, name="sheet"),
    path(
        "assessments/<int:pk>/returns/<int:return_id>/upload/",
        workbook.upload_workbook,
        name="upload-workbook",
    ),
]

return_urls = [
    path("assessments/<int:pk>/returns/<int:return_id>/", scoring.partner_return, name="return"),
    path(
        "assessments/<int:pk>/returns/<int:return_id>/submitted/",
        scoring.submitted,
        name="submitted",
    ),
    path(
        "assessments/<int:pk>/returns/<int:return_id>/withdraw/", scoring.withdraw, name="withdraw"
    ),
    path(
        "assessments/<int:pk>/returns/<int:return_id>/grace/", dates.give_grace, name="give-grace"
    ),
    path(
        "assessments/<int:pk>/returns/<int:return_id>/<slug:statement>/",
        scoring.score,
        name="score",
    ),
    path(
        "assessments/<int:pk>/returns/<int:return_id>/<slug:statement>/evidence/",
        linked_evidence.add_evidence,
        name="add-evidence",
    ),
    path(
        "assessments/<int:pk>/returns/<int:return_id>/<slug:statement>/comments/",
        comments.return_comments,
        name="return-comments",
    ),
    path(
        "assessments/<int:pk>/evidence/<int:link>/remove/",
        linked_evidence.unlink_evidence,
        name="unlink-evidence",
    ),
]

moderation_urls = [
    path("assessments/<int:pk>/moderation/", moderation.moderation, name="moderation"),
    path(
        "assessments/<int:pk>/moderation/accept/", moderation.accept_aligned, name="accept-aligned"
    ),
    path("assessments/<int:pk>/moderation/quorum/", moderation.quorum_reason, name="quorum-reason"),
    path(
        "assessments/<int:pk>/moderation/finish/",
        moderation.finish_moderation,
        name="finish-moderation",
    ),
    path("assessments/<int:pk>/moderation/minutes/", minutes.minutes, name="minutes"),
    path("assessments/<int:pk>/moderation/minutes.pdf", minutes.minutes_file, name="minutes-pdf"),
    path(
        "assessments/<int:pk>/moderation/dissent/<int:dissent>/withdraw/",
        moderate.withdraw_dissent,
        name="withdraw-dissent",
    ),
    path("assessments/<int:pk>/moderation/<slug:statement>/", moderate.moderate, name="moderate"),
    path(
        "assessments/<int:pk>/moderation/<slug:statement>/meeting/",
        moderate.meeting,
        name="meeting",
    ),
    path(
        "assessments/<int:pk>/moderation/<slug:statement>/dissent/",
        moderate.record_dissent,
        name="record-dissent",
    ),
    path(
        "assessments/<int:pk>/moderation/<slug:statement>/evidence/",
        linked_evidence.add_meeting_evidence,
        name="add-meeting-evidence",
    ),
    path(
        "assessments/<int:pk>/moderation/<slug:statement>/comments/",
        comments.comments,
        name="comments",
    ),
    path(
        "assessments/<int:pk>/comments/<int:comment>/resolve/",
        comments.resolve_comment,
        name="resolve-comment",
    ),
    path(
        "assessments/<int:pk>/comments/<int:comment>/withdraw/",
        comments.withdraw_comment,
        name="withdraw-comment",
    ),
]

sign_off_urls = [
    path("assessments/<int:pk>/sign-off/", sign_off.sign_off, name="sign-off"),
    path("assessments/<int:pk>/sign-off/<int:return_id>/", sign_off.sign, name="sign"),
    path("assessments/<int:pk>/sign-off/submit/", sign_off.submit, name="submit"),
    path(
        "assessments/<int:pk>/sign-off/back/",
        sign_off.return_to_moderation,
        name="return-to-moderation",
    ),
    path("assessments/<int:pk>/report/", reports.report, name="report"),
    path(
        "assessments/<int:pk>/report/statements/",
        reports.report_statements,
        name="report-statements",
    ),
    path("assessments/<int:pk>/report.pdf", reports.report_file, name="report-pdf"),
    path("assessments/<int:pk>/report/pdf.json", report_pdf.pdf_state, name="pdf-state"),
    path(
        "assessments/<int:pk>/report/pdf/again/",
        report_pdf.make_pdf_again,
        name="make-pdf-again",
    ),
]

export_urls = [
    path("assessments/<int:pk>/report.xlsx", exports.report_xlsx, name="report-xlsx"),
    path("assessments/<int:pk>/report.csv", exports.report_csv, name="report-csv"),
    path("assessments/<int:pk>/report.json", exports.report_json, name="report-json"),
    path("report.schema.json", exports.report_schema, name="report-schema"),
]

summary_urls = [
    path(
        "assessments/<int:pk>/report/board-summary.pdf",
        summaries.board_summary_file,
        name="board-summary-pdf",
    ),
    path("assessments/<int:pk>/report/families/", summaries.family_summary, name="family-summary"),
    path(
        "assessments/<int:pk>/report/families.pdf",
        summaries.family_summary_file,
        name="family-summary-pdf",
    ),
    path(
        "assessments/<int:pk>/report/families/publish/",
        summaries.publish_summary,
        name="publish-summary",
    ),
    path(
        "assessments/<int:pk>/report/families/withdraw/",
        summaries.withdraw_summary,
        name="withdraw-summary",
    ),
    path("areas/<slug:place>/summary/", public_summary.public_summary, name="public-summary"),
    path(
        "areas/<slug:place>/summary.pdf",
        public_summary.public_summary_file,
        name="public-summary-pdf",
    ),
]

api_urls = [
    path("api/", document.api_page, name="api"),
    path("api/v1/openapi.json", document.api_document, name="api-document"),
    *service.addresses(),
]

urlpatterns = [
    *programme_urls,
    *queue_urls,
    *area_urls,
    *plan_urls,
    *check_in_urls,
    *evidence_urls,
    *assessment_urls,
    *workbook_urls,
    *return_urls,
    *moderation_urls,
    *sign_off_urls,
    *export_urls,
    *summary_urls,
    *api_urls,
]
