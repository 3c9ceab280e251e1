"""One factory a model. Defaults make the smallest row that the database accepts."""

from __future__ import annotations

from datetime import date, timedelta

import factory
from django.utils import timezone

from areas.models import (
    ApiToken,
    Area,
    AreaCode,
    AuditEvent,
    Invitation,
    Membership,
    Partner,
    PastMembership,
    Sector,
    StatisticalNeighbour,
    User,
)
from areas.models.invitations import VALID_FOR, hash_of
from areas.permissions import Role
from assessments.models import (
    Action,
    ActionImpact,
    ActionProgress,
    AgreedScore,
    AgreedScoreVersion,
    Assessment,
    CheckIn,
    CheckInPriority,
    Comment,
    Dissent,
    Evidence,
    EvidenceLink,
    Look,
    PartnerReturn,
    ProgrammeRecord,
    PublishedSummary,
    QuorumReason,
    Score,
    SectorGap,
    SignOff,
    StoredReport,
    SubmittedAnswer,
    SubmittedLevel,
    SubmittedPicture,
    SupportRequest,
)
from ingredients.models import (
    Framework,
    FrameworkSource,
    GlossaryTerm,
    Guidance,
    Ingredient,
    LevelDescriptor,
    Measure,
    Page,
    SourcePoint,
    Statement,
    StatementMap,
    SupportPackage,
)
from send_portal.models import Mail

PASSWORD = "correct-horse-battery"


class Factory(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True
        skip_postgeneration_save = True


class UserFactory(Factory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@area.example")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password(PASSWORD)


class AreaFactory(Factory):
    class Meta:
        model = Area

    dfe_code = factory.Sequence(lambda n: f"{n % 1000:03d}")
    name = factory.Sequence(lambda n: f"Area {n}")
    region = "North East"


class AreaCodeFactory(Factory):
    class Meta:
        model = AreaCode

    area = factory.SubFactory(AreaFactory)
    dfe_code = "800"
    gss_code = factory.Sequence(lambda n: f"E{n:08d}")
    name = "Former area"
    valid_from = date(2009, 1, 1)


class StatisticalNeighbourFactory(Factory):
    class Meta:
        model = StatisticalNeighbour

    area = factory.SubFactory(AreaFactory)
    neighbour = factory.SubFactory(AreaFactory)
    rank = 1
    closeness = "Close"


class PartnerFactory(Factory):
    class Meta:
        model = Partner

    area = factory.SubFactory(AreaFactory)
    sector = Sector.LOCAL_AUTHORITY
    name = factory.Sequence(lambda n: f"Partner {n}")
    opened_on = date(2020, 1, 1)


class MembershipFactory(Factory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    role = Role.LEAD
    area = factory.SubFactory(AreaFactory)


class PastMembershipFactory(Factory):
    class Meta:
        model = PastMembership

    user = factory.SubFactory(UserFactory)
    role = Role.LEAD
    area = factory.SubFactory(AreaFactory)
    joined_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=100))
    ended_by = factory.SubFactory(UserFactory)


class InvitationFactory(Factory):
    """Waiting for an answer; its link ends in `token`."""

    class Meta:
        model = Invitation

    class Params:
        token = factory.Sequence(lambda n: f"token-{n}")

    area = factory.SubFactory(AreaFactory)
    role = Role.VIEWER
    email = factory.Sequence(lambda n: f"invited{n}@area.example")
    token_hash = factory.LazyAttribute(lambda row: hash_of(row.token))
    invited_by = factory.SubFactory(UserFactory)
    expires_at = factory.LazyFunction(lambda: timezone.now() + VALID_FOR)


class ApiTokenFactory(Factory):
    """A program sends `token`."""

    class Meta:
        model = ApiToken

    class Params:
        token = factory.Sequence(lambda n: f"send_{n}")

    user = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"Program {n}")
    token_hash = factory.LazyAttribute(lambda row: hash_of(row.token))
    password_mark = factory.LazyAttribute(lambda row: row.user.get_session_auth_hash())
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=365))


class AuditEventFactory(Factory):
    class Meta:
        model = AuditEvent

    verb = "test.act"
    sentence = "Person did something"
    actor_name = "Person"


class FrameworkFactory(Factory):
    class Meta:
        model = Framework

    slug = "send-ingredients"
    version = factory.Sequence(lambda n: n + 100)
    title = "A framework"
    plain_title = "A plain title"
    summary = "A summary"
    plain_summary = "A plain summary"
    content = factory.LazyFunction(dict)
    fingerprint = factory.Sequence(lambda n: f"{n:064d}")


class FrameworkSourceFactory(Factory):
    class Meta:
        model = FrameworkSource

    framework = factory.SubFactory(FrameworkFactory)
    canonical = "{}"


class IngredientFactory(Factory):
    class Meta:
        model = Ingredient

    framework = factory.SubFactory(FrameworkFactory)
    slug = factory.Sequence(lambda n: f"ingredient-{n}")
    number = factory.Sequence(lambda n: n + 1)
    title = "An ingredient"
    short_title = "Ingredient"
    summary = "A summary"
    plain_title = "A plain title"
    plain_summary = "A plain summary"
    why_it_matters = "It matters"


class StatementFactory(Factory):
    class Meta:
        model = Statement

    ingredient = factory.SubFactory(IngredientFactory)
    slug = factory.Sequence(lambda n: f"statement-{n}")
    number = factory.Sequence(lambda n: n + 1)
    title = "A statement"
    text = "Partners do something."
    plain = "We do something."
    dimension = "coverage"
    families_can_score = True


class LevelDescriptorFactory(Factory):
    class Meta:
        model = LevelDescriptor

    statement = factory.SubFactory(StatementFactory)
    level = 1
    text = "One thing is true. Another is too."


class SourcePointFactory(Factory):
    class Meta:
        model = SourcePoint

    framework = factory.SubFactory(FrameworkFactory)
    order = 1
    code = factory.Sequence(lambda n: f"9.{n}")
    scope = "local"
    text = "A finding"


class StatementMapFactory(Factory):
    class Meta:
        model = StatementMap

    framework = factory.SubFactory(FrameworkFactory)
    order = factory.Sequence(lambda n: n)
    kind = "same"
    before = after = factory.Sequence(lambda n: f"statement-{n}")


class MeasureFactory(Factory):
    class Meta:
        model = Measure

    framework = factory.SubFactory(FrameworkFactory)
    order = 1
    slug = factory.Sequence(lambda n: f"measure-{n}")
    title = "A measure"
    unit = "percent"
    numerator = "A"
    denominator = "B"
    definition = "A of B"
    direction = "lower"
    period = "A year"


class GuidanceFactory(Factory):
    class Meta:
        model = Guidance

    slug = factory.Sequence(lambda n: f"guidance-{n}")
    order = 1
    title = factory.Sequence(lambda n: f"Guidance {n}")
    provider = "A provider"
    address = "https://provider.example/guide"
    ingredient_list = "|leadership|"
    standing = Guidance.Standing.CURRENT
    kind = Guidance.Kind.GUIDE
    summary = "It helps."
    lowest_level = 1
    highest_level = 4


class SupportPackageFactory(Factory):
    class Meta:
        model = SupportPackage

    slug = factory.Sequence(lambda n: f"package-{n}")
    order = 1
    title = factory.Sequence(lambda n: f"Package {n}")
    provider = "A provider"
    address = "https://provider.example/package"
    ingredient_list = "|leadership|"
    standing = SupportPackage.Standing.CURRENT
    term = SupportPackage.Term.SHORT
    typical_length = "Six weeks"
    commitment_needed = "Time"
    outcome = "Something is better"
    cost = SupportPackage.Cost.FREE
    source = "https://provider.example/source"


class GlossaryTermFactory(Factory):
    class Meta:
        model = GlossaryTerm

    slug = factory.Sequence(lambda n: f"term-{n}")
    order = 1
    term = factory.Sequence(lambda n: f"Term {n}")
    meaning = "What it means"
    plain = "In plain words"


class PageFactory(Factory):
    class Meta:
        model = Page

    slug = Page.Slug.HELP
    markdown = "# Help\n\nText."


class AssessmentFactory(Factory):
    """Open for scoring, on the current framework (see the `framework` fixture)."""

    class Meta:
        model = Assessment

    area = factory.SubFactory(AreaFactory)
    framework = factory.LazyFunction(lambda: Framework.objects.current() or FrameworkFactory())
    purpose = Assessment.Purpose.BASELINE
    title = "Autumn assessment"
    stage = Assessment.Stage.SCORING
    scoring_closes_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=10))
    moderation_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=20))
    sign_off_by = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=30))
    started_by = factory.SubFactory(UserFactory)


class PartnerReturnFactory(Factory):
    class Meta:
        model = PartnerReturn

    assessment = factory.SubFactory(AssessmentFactory)
    partner = factory.SubFactory(
        PartnerFactory,
        area=factory.SelfAttribute("..assessment.area"),
        sector=factory.SelfAttribute("..sector"),
    )
    sector = Sector.LOCAL_AUTHORITY
    name = factory.SelfAttribute("partner.name")
    short_name = factory.LazyAttribute(lambda row: Sector(row.sector).label)
    code = factory.LazyAttribute(lambda row: Sector(row.sector).code)
    order = factory.LazyAttribute(lambda row: Sector.position(row.sector))


class ScoreFactory(Factory):
    class Meta:
        model = Score

    partner_return = factory.SubFactory(PartnerReturnFactory)
    statement = factory.SubFactory(StatementFactory)
    answer = "2"
    saved_by = factory.SubFactory(UserFactory)


class AgreedScoreFactory(Factory):
    class Meta:
        model = AgreedScore

    assessment = factory.SubFactory(AssessmentFactory)
    statement = factory.SubFactory(StatementFactory)
    answer = "2"
    saved_by = factory.SubFactory(UserFactory)


class AgreedScoreVersionFactory(Factory):
    class Meta:
        model = AgreedScoreVersion

    assessment = factory.SubFactory(AssessmentFactory)
    statement = factory.SubFactory(StatementFactory)
    version = 1
    answer = "2"
    saved_at = factory.LazyFunction(timezone.now)
    saved_by = factory.SubFactory(UserFactory)


class DissentFactory(Factory):
    class Meta:
        model = Dissent

    assessment = factory.SelfAttribute("partner_return.assessment")
    statement = factory.SubFactory(StatementFactory)
    partner_return = factory.SubFactory(PartnerReturnFactory)
    text = "We see it differently."
    recorded_by = factory.SubFactory(UserFactory)


class CommentFactory(Factory):
    class Meta:
        model = Comment

    assessment = factory.SubFactory(AssessmentFactory)
    statement = factory.SubFactory(StatementFactory)
    text = "What do the minutes say?"
    written_by = factory.SubFactory(UserFactory)


class QuorumReasonFactory(Factory):
    class Meta:
        model = QuorumReason

    assessment = factory.SubFactory(AssessmentFactory)
    sector = Sector.HEALTH
    reason = "The post is vacant."
    recorded_by = factory.SubFactory(UserFactory)


class EvidenceFactory(Factory):
    class Meta:
        model = Evidence

    area = factory.SelfAttribute("owner.area")
    owner = factory.SubFactory(PartnerFactory)
    title = factory.Sequence(lambda n: f"Minutes {n}")
    kind = Evidence.Kind.MINUTES
    address = "https://documents.example/minutes"
    shows = "What was decided."
    added_by = factory.SubFactory(UserFactory)
    saved_by = factory.SelfAttribute("added_by")

    class Params:
        as_file = factory.Trait(
            address="",
            stored_as=factory.Sequence(lambda n: f"stored-{n}"),
            file_name="Minutes.pdf",
            file_type="pdf",
            file_size=1,
            file_sha256="0" * 64,
        )


class EvidenceLinkFactory(Factory):
    class Meta:
        model = EvidenceLink

    assessment = factory.SubFactory(AssessmentFactory)
    statement = factory.SubFactory(StatementFactory)
    evidence = factory.SubFactory(EvidenceFactory)
    linked_by = factory.SubFactory(UserFactory)


class SignOffFactory(Factory):
    class Meta:
        model = SignOff

    assessment = factory.SelfAttribute("partner_return.assessment")
    partner_return = factory.SubFactory(PartnerReturnFactory)
    decision = SignOff.Decision.AGREE
    name = "A Person"
    role = "Director"
    signed_by = factory.SubFactory(UserFactory)


class SubmittedPictureFactory(Factory):
    class Meta:
        model = SubmittedPicture

    assessment = factory.SubFactory(AssessmentFactory)
    area = factory.SelfAttribute("assessment.area")
    framework = factory.SelfAttribute("assessment.framework")
    submitted_on = factory.LazyFunction(timezone.localdate)
    version = 1
    rule_version = "floor-count-1"
    band = "building"
    confidence = "high"
    contested = 0
    levelled = 32
    applicable = 32
    evidenced = 0
    claimed = 0
    returns_submitted = 6
    partners_invited = 6


class SubmittedLevelFactory(Factory):
    class Meta:
        model = SubmittedLevel

    picture = factory.SubFactory(SubmittedPictureFactory)
    ingredient = factory.SubFactory(IngredientFactory)
    level = 2
    is_limiting = True
    is_contested = False
    is_not_evidenced = False


class SectorGapFactory(Factory):
    class Meta:
        model = SectorGap

    picture = factory.SubFactory(SubmittedPictureFactory)
    sector = "parent_carers"
    statement = factory.SubFactory(StatementFactory)
    sits = "lower"


class SubmittedAnswerFactory(Factory):
    class Meta:
        model = SubmittedAnswer

    picture = factory.SubFactory(SubmittedPictureFactory)
    statement = factory.SubFactory(StatementFactory)
    answer = "2"
    counts_as = 2
    is_contested = False
    is_not_evidenced = False


class StoredReportFactory(Factory):
    class Meta:
        model = StoredReport

    assessment = factory.SubFactory(AssessmentFactory)
    facts = "{}"
    sha256 = "0" * 64
    rule_version = "floor-count-1"


class PublishedSummaryFactory(Factory):
    class Meta:
        model = PublishedSummary

    assessment = factory.SubFactory(AssessmentFactory)
    place = factory.Sequence(lambda n: f"area-{n}")
    published_by = factory.SubFactory(UserFactory)


class ActionFactory(Factory):
    """Not started, due in a month, out of no priority."""

    class Meta:
        model = Action

    area = factory.SelfAttribute("body.area")
    body = factory.SubFactory(PartnerFactory)
    what = factory.Sequence(lambda n: f"Do thing {n}")
    owner = "Head of SEND"
    due_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=30))
    measure = "It is done in every school."
    added_by = factory.SubFactory(UserFactory)
    saved_by = factory.SelfAttribute("added_by")


class ActionProgressFactory(Factory):
    class Meta:
        model = ActionProgress

    action = factory.SubFactory(ActionFactory)
    status = "under_way"
    recorded_by = factory.SubFactory(UserFactory)


class ActionImpactFactory(Factory):
    class Meta:
        model = ActionImpact

    action = factory.SubFactory(ActionFactory)
    text = "Families wait two weeks less."
    recorded_by = factory.SubFactory(UserFactory)


class SupportRequestFactory(Factory):
    class Meta:
        model = SupportRequest

    area = factory.SubFactory(AreaFactory)
    package = factory.SubFactory(SupportPackageFactory)
    why = "Our board is new."
    asked_by = factory.SubFactory(UserFactory)


class LookFactory(Factory):
    class Meta:
        model = Look

    assessment = factory.SubFactory(AssessmentFactory)
    by = factory.SubFactory(UserFactory)
    with_partners = False


class CheckInFactory(Factory):
    """Planned in a month, with the board. Its baseline is whatever assessment."""

    class Meta:
        model = CheckIn

    area = factory.SelfAttribute("baseline.area")
    baseline = factory.SubFactory(AssessmentFactory)
    kind = "board"
    on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=30))
    planned_by = factory.SubFactory(UserFactory)
    saved_by = factory.SelfAttribute("planned_by")


class CheckInPriorityFactory(Factory):
    class Meta:
        model = CheckInPriority

    check_in = factory.SubFactory(CheckInFactory)
    statement = factory.SubFactory(StatementFactory)
    order = 1
    saved_by = factory.SubFactory(UserFactory)


class ProgrammeRecordFactory(Factory):
    class Meta:
        model = ProgrammeRecord

    check_in = factory.SubFactory(CheckInFactory, kind="dfe")
    saved_by = factory.SubFactory(UserFactory)


class MailFactory(Factory):
    class Meta:
        model = Mail

    key = factory.Sequence(lambda n: f"test:{n}")
    to = "person@area.example"
    subject = "Subject"
    body = "Text.\n"
