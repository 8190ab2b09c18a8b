from typing import Any

from committees.agenda import urls as agenda
from committees.amendments import urls as amendments
from committees.consultations import urls as consultations
from committees.meetings import urls as meetings
from committees.minutes import urls as minutes
from committees.plans import urls as plans
from committees.resolutions import urls as resolutions
from committees.seats import urls as seats

app_name = "committees"

urlpatterns: list[Any] = [
    *seats.urlpatterns,
    *meetings.urlpatterns,
    *agenda.urlpatterns,
    *resolutions.urlpatterns,
    *consultations.urlpatterns,
    *minutes.urlpatterns,
    *amendments.urlpatterns,
    *plans.urlpatterns,
]
