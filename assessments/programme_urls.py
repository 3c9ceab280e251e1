"""The addresses of DfE programme staff, which `urls.py` puts beside the others."""

from django.urls import path

from assessments.views import (
    beside,
    distributions,
    programme,
    programme_area,
    programme_check_in,
    programme_notes,
    queue,
    sector_gaps,
    side_by_side,
    statistics,
    support_demand,
    trends,
)

programme_urls = [
    path("programme/", programme.programme, name="programme"),
    path("programme.xlsx", programme.programme_xlsx, name="programme-xlsx"),
    path("programme.csv", programme.programme_csv, name="programme-csv"),
    path("programme.json", programme.programme_json, name="programme-json"),
    path("programme/statistics.zip", statistics.statistics, name="statistics"),
    path("programme/distributions/", distributions.distributions, name="distributions"),
    path("programme/sector-gaps/", sector_gaps.sector_gaps, name="sector-gaps"),
    path("programme/support/", support_demand.support_demand, name="support-demand"),
    path("programme/support.csv", support_demand.support_demand_csv, name="support-demand-csv"),
    path("programme/trends/", trends.trends, name="trends"),
    path("programme/side-by-side/", side_by_side.side_by_side, name="side-by-side"),
    path("programme/areas/<slug:dfe_code>/", programme_area.programme_area, name="programme-area"),
    path("programme/areas/<slug:dfe_code>/beside/", beside.beside, name="beside"),
    path("programme/areas/<slug:dfe_code>/beside.csv", beside.beside_csv, name="beside-csv"),
    path("programme/areas/<slug:dfe_code>/beside.json", beside.beside_json, name="beside-json"),
    path("programme/areas/<slug:dfe_code>/notes/add/", programme_notes.add_note, name="add-note"),
    path(
        "programme/areas/<slug:dfe_code>/notes/<int:note>/correct/",
        programme_notes.correct_note,
        name="correct-note",
    ),
    path(
        "programme/areas/<slug:dfe_code>/notes/<int:note>/withdraw/",
        programme_notes.withdraw_note,
        name="withdraw-note",
    ),
]

queue_urls = [
    path("programme/check-ins/", queue.check_in_queue, name="check-in-queue"),
    path("programme/check-ins.csv", queue.check_in_queue_csv, name="check-in-queue-csv"),
    path("programme/check-ins.ics", queue.check_in_queue_ics, name="check-in-queue-ics"),
    path(
        "programme/check-ins/schedule/",
        programme_check_in.schedule_check_in,
        name="schedule-check-in",
    ),
    path(
        "programme/check-ins/<int:check_in>/",
        programme_check_in.programme_check_in,
        name="programme-check-in",
    ),
    path(
        "programme/check-ins/<int:check_in>/move/",
        programme_check_in.move_check_in,
        name="move-check-in",
    ),
    path(
        "programme/check-ins/<int:check_in>/call-off/",
        programme_check_in.call_off_check_in,
        name="call-off-check-in",
    ),
    path(
        "programme/check-ins/<int:check_in>/owner/",
        programme_check_in.assign_check_in,
        name="assign-check-in",
    ),
    path(
        "programme/check-ins/<int:check_in>/note/",
        programme_check_in.note_check_in,
        name="note-check-in",
    ),
    path(
        "programme/check-ins/<int:check_in>/agenda/",
        programme_check_in.send_agenda,
        name="send-agenda",
    ),
]
