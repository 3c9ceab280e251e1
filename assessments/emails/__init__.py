from assessments.emails.acts import (
    assessment_cancelled,
    correction_started,
    dates_changed,
    grace_given,
    mention,
    moderation_reopened,
    ready_to_sign,
    report_ready,
    scores_revealed,
    sign_again,
)

__all__ = [
    "assessment_cancelled",
    "correction_started",
    "dates_changed",
    "grace_given",
    "mention",
    "moderation_reopened",
    "ready_to_sign",
    "report_ready",
    "scores_revealed",
    "sign_again",
]
