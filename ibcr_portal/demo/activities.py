"""Activities of the demonstration: participants in numbers, deliverables and evidence.

Real activities keep their real facts; only the additions are illustrative.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.pictures import illustration
from ibcr_portal.demo.plans import Event
from ibcr_portal.demo.texts import Data, columns, day, read, save_translated
from kernel.files import check_upload
from projects.activities.services.activities import add_evidence, write_groups
from projects.models import Activity, Deliverable, Evidence, ParticipantGroup
from projects.models.evidence import ACCEPTED, MAX_BYTES
from projects.models.participants import SEXES

FILES = {"HN-TRATA": "honduras_activities", "EXEMPLE-01": "example_activities"}


class DemoActivities:
    def __init__(self, loaded: ProjectLoader) -> None:
        self.loaded, self.project = loaded, loaded.project
        self.institutions = loaded.institutions

    def events(self) -> Iterator[Event]:
        """All on the first day: reports and meetings that speak of them come after."""
        name = FILES.get(self.project.code)
        for row in read(name)["activity"] if name else []:
            yield self.project.starts_on, partial(self._load, row)

    def _load(self, row: Data) -> None:
        activity = self._activity(row)
        for name in ("code", "department", "place", "planned_participants", "share_done"):
            setattr(activity, name, row.get(name, getattr(activity, name)))
        activity.responsible = self.institutions.get(row.get("responsible", ""))
        activity.participants = row.get("participants", activity.participants)
        activity.groups_illustrative = "groups" in row
        for name, texts in columns("description", row.get("description")).items():
            setattr(activity, name, texts)
        save_translated(activity)
        activity.partners.set([self.institutions[key] for key in row.get("partners", [])])
        write_groups(activity, [self._group(group) for group in row.get("groups", [])])
        deliverables = [self._deliverable(activity, one) for one in row.get("deliverable", [])]
        for one in row.get("proof", []):
            self._proof(activity, one, deliverables)
        self._change(activity, row)

    def _activity(self, row: Data) -> Activity:
        """One that is there by its French title, or a new one."""
        known = self.project.activities.filter(title_fr=row["fr"]).first()
        return known or Activity(
            project=self.project,
            kind=row["kind"],
            result=self.loaded.results.get(row["result"]),
            illustrative=True,
            **columns("title", row),
            **{
                name: day(row.get(name))
                for name in ("planned_start", "planned_end", "actual_start", "actual_end")
            },
        )

    def _group(self, group: list) -> ParticipantGroup:
        who, *counts = group
        institution = self.institutions.get(who)
        return ParticipantGroup(
            institution=institution,
            kind="" if institution else who,
            **dict(zip(SEXES, counts, strict=False)),
        )

    def _deliverable(self, activity: Activity, row: Data) -> Deliverable:
        return save_translated(
            Deliverable(
                activity=activity,
                kind=row["kind"],
                planned_on=day(row.get("planned_on")),
                delivered_on=day(row.get("delivered_on")),
                quantity_planned=row.get("planned"),
                quantity_actual=row.get("actual"),
                illustrative=True,
                **columns("title", row),
            )
        )

    def _proof(self, activity: Activity, row: Data, deliverables: list[Deliverable]) -> None:
        """A real page as a link, or a drawn picture on which nobody can be recognised."""
        link = row.get("link", "")
        content = None
        if not link:
            picture = SimpleUploadedFile("illustration.png", illustration(row.get("picture", "")))
            content = check_upload(picture, allowed=ACCEPTED, max_bytes=MAX_BYTES)
        given_by = self.institutions.get(row.get("given_by", ""))
        proof = Evidence(
            activity=activity,
            title=row["title"],
            language=row["language"],
            link=link,
            deliverable=deliverables[row["of"]] if "of" in row else None,
            consent=Evidence.Consent.NONE if link else Evidence.Consent.NOBODY,
            audience=Evidence.Audience.TEAM if given_by else Evidence.Audience.SHARED,
            given_by=given_by,
            illustrative=row.get("illustrative", True),
        )
        by = self.loaded.people.users["partner"] if given_by else self.loaded.coordinator
        add_evidence(proof, content, by=by)
        if proof.accepted_on and activity.actual_end:  # in its time, so that reports show it
            on = min(activity.actual_end + timedelta(days=14), timezone.localdate())
            Evidence.objects.filter(pk=proof.pk).update(accepted_on=on)

    def _change(self, activity: Activity, row: Data) -> None:
        """Move or stop an activity, with the reason."""
        if moved := row.get("moved"):
            activity.planned_start, activity.planned_end = day(moved["start"]), day(moved["end"])
            activity._change_reason = moved["why"]  # type: ignore[attr-defined]  # read by simple-history
            activity.save()
        if stopped := row.get("stopped"):
            on = min(day(stopped["on"]), timezone.localdate())
            activity.take(stopped["verb"], by=self.loaded.coordinator, why=stopped["why"], on=on)
