from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from areas.models.areas import Area, Partner
from areas.permissions import (
    EVERYWHERE,
    FOR_OWN_PARTNER,
    ROLE_PERMISSIONS,
    Permission,
    Role,
    roles_with,
)

REMINDERS = Signer(salt="reminders", sep=".")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not email:
            raise ValueError("email: an address is needed")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def who_can(self, permission: Permission, **where: Any) -> models.QuerySet[User]:
        """People with an open account and a membership that gives this right; `where` looks the
        membership up, such as `area=…` or `partner__in=…`."""
        memberships = Membership.objects.filter(role__in=roles_with(permission), **where)
        return self.filter(is_active=True, pk__in=memberships.values("user_id"))

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email__iexact=email)

    def with_reminders_token(self, token: str) -> User:
        """The person to whom a mail with this token went. Raises User.DoesNotExist."""
        try:
            return self.get(pk=REMINDERS.unsign(token))
        except BadSignature as error:
            raise User.DoesNotExist("No such token.") from error


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    job_title = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField(default=False, help_text="May open the admin site")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    wants_reminders = models.BooleanField(
        default=True,
        help_text="Mail before and after a closing day. Other mail comes either way.",
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_any_case"),
            # Sign-in looks addresses up in small letters.
            models.CheckConstraint(
                name="user_email_in_small_letters", condition=models.Q(email=Lower("email"))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reminders_token(self) -> str:
        """Lets whoever holds it stop this person's reminders, and do nothing else. It never
        ends: a link in an old mail must still work."""
        return REMINDERS.sign(str(self.pk))

    @cached_property
    def all_memberships(self) -> list[Membership]:
        """Read once a request; every right below is worked out from this list."""
        return list(self.memberships.select_related("area", "partner"))

    def memberships_in(self, area: Area) -> list[Membership]:
        return [m for m in self.all_memberships if m.area_id == area.pk or m.role in EVERYWHERE]

    @property
    def area_ids(self) -> set[int]:
        return {m.area_id for m in self.all_memberships if m.area_id is not None}

    def area_ids_with(self, permission: Permission) -> set[int]:
        return {
            m.area_id
            for m in self.all_memberships
            if m.area_id is not None and permission in ROLE_PERMISSIONS[Role(m.role)]
        }

    def can(self, permission: Permission, area: Area) -> bool:
        """Whether this person may do this in this area."""
        return any(
            permission in ROLE_PERMISSIONS[Role(m.role)]
            and (m.partner_id is not None or permission not in FOR_OWN_PARTNER)
            for m in self.memberships_in(area)
        )

    def can_everywhere(self, permission: Permission) -> bool:
        return any(
            m.role in EVERYWHERE and permission in ROLE_PERMISSIONS[Role(m.role)]
            for m in self.all_memberships
        )

    @property
    def may_edit_content(self) -> bool:
        """Whether the admin site opens for this person: an editor, and marked as staff."""
        return self.is_active and self.is_staff and self.can_everywhere(Permission.CONTENT_EDIT)

    @property
    def asks_for_support(self) -> bool:
        """Whether the public menu of support offers this person to ask for a package."""
        return bool(self.area_ids_with(Permission.PLAN_MANAGE))

    def partner_ids(self, permission: Permission) -> set[int]:
        """The partners for which this person may do this (score, dissent or sign)."""
        return {
            m.partner_id
            for m in self.all_memberships
            if m.partner_id is not None and permission in ROLE_PERMISSIONS[Role(m.role)]
        }


def display_name(user: User) -> str:
    return user.name


class InRole:
    """What a person does somewhere, in the middle of a sentence."""

    role: str
    partner: Partner | None

    @property
    def standing(self) -> str:
        """ "contributor for Northmoor Parent Carers" """
        return standing(self.role, self.partner)


def standing(role: str, partner: Partner | None) -> str:
    name = Role(role).label if role in {Role.LEAD, Role.PROGRAMME} else Role(role).label.lower()
    return f"{name} for {partner.name}" if partner else name


class Membership(InRole, models.Model):
    """What a person may do now. When it ends the row goes, so that no right can outlive it, and
    a PastMembership tells of it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="memberships", null=True, blank=True
    )
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="memberships", null=True, blank=True
    )
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["area", "user__name"]
        constraints = [
            models.UniqueConstraint(
                "user",
                "role",
                Coalesce("area", 0, output_field=models.BigIntegerField()),
                Coalesce("partner", 0, output_field=models.BigIntegerField()),
                name="membership_unique",
            ),
            models.CheckConstraint(
                name="membership_role_fits_area",
                condition=models.Q(
                    role__in=["programme", "editor"], area__isnull=True, partner__isnull=True
                )
                | models.Q(role__in=["lead", "viewer"], area__isnull=False)
                | models.Q(
                    role__in=["contributor", "board"], area__isnull=False, partner__isnull=False
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"

    @property
    def described(self) -> str:
        """As a sentence says it: `Tom Bradley (contributor for Northmoor Health)`."""
        role = self.get_role_display()
        role = role if role[1:2].isupper() else role[:1].lower() + role[1:]
        return f"{self.user} ({role}{f' for {self.partner}' if self.partner else ''})"


class PastMembership(InRole, models.Model):
    """Who had which role from when to when. It gives no right."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="past_memberships")
    role = models.CharField(max_length=12, choices=Role)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", null=True)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+", null=True)
    joined_at = models.DateTimeField()
    ended_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-ended_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="past_membership_dates_in_order",
                condition=models.Q(ended_at__gte=models.F("joined_at")),
            ),
            models.CheckConstraint(
                name="past_membership_role_known", condition=models.Q(role__in=Role.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, until {self.ended_at:%d %B %Y}"
