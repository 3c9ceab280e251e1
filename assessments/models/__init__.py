from assessments.models.actions_plan import Action, ActionImpact, ActionProgress
from assessments.models.assessments import (
    Assessment,
    QuorumReason,
)
from assessments.models.check_ins import CheckIn, CheckInPriority
from assessments.models.comments import Comment
from assessments.models.evidence import Evidence, EvidenceLink
from assessments.models.guards import SubmittedError
from assessments.models.looks import Look
from assessments.models.pictures import SubmittedAnswer, SubmittedLevel, SubmittedPicture
from assessments.models.queue import ProgrammeRecord
from assessments.models.reports import StoredReport
from assessments.models.returns import PartnerReturn
from assessments.models.scores import AgreedScore, Answer, Dissent, Score
from assessments.models.sector_gaps import SectorGap
from assessments.models.sign_off import SignOff
from assessments.models.summaries import PublishedSummary
from assessments.models.support import SupportRequest
from assessments.models.versions import AgreedScoreVersion

__all__ = [
    "Action",
    "ActionImpact",
    "ActionProgress",
    "AgreedScore",
    "AgreedScoreVersion",
    "Answer",
    "Assessment",
    "CheckIn",
    "CheckInPriority",
    "Comment",
    "Dissent",
    "Evidence",
    "EvidenceLink",
    "Look",
    "PartnerReturn",
    "ProgrammeRecord",
    "PublishedSummary",
    "QuorumReason",
    "Score",
    "SectorGap",
    "SignOff",
    "StoredReport",
    "SubmittedAnswer",
    "SubmittedError",
    "SubmittedLevel",
    "SubmittedPicture",
    "SupportRequest",
]
