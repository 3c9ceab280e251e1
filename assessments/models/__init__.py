from assessments.models.assessments import (
    Assessment,
    QuorumReason,
)
from assessments.models.comments import Comment
from assessments.models.evidence import Evidence, EvidenceLink
from assessments.models.guards import SubmittedError
from assessments.models.pictures import SubmittedAnswer, SubmittedLevel, SubmittedPicture
from assessments.models.reports import StoredReport
from assessments.models.returns import PartnerReturn
from assessments.models.scores import AgreedScore, Answer, Dissent, Score
from assessments.models.sign_off import SignOff
from assessments.models.summaries import PublishedSummary
from assessments.models.versions import AgreedScoreVersion

__all__ = [
    "AgreedScore",
    "AgreedScoreVersion",
    "Answer",
    "Assessment",
    "Comment",
    "Dissent",
    "Evidence",
    "EvidenceLink",
    "PartnerReturn",
    "PublishedSummary",
    "QuorumReason",
    "Score",
    "SignOff",
    "StoredReport",
    "SubmittedAnswer",
    "SubmittedError",
    "SubmittedLevel",
    "SubmittedPicture",
]
