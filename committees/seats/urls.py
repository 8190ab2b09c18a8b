from django.urls import path

from committees.seats.views import committee, seats

urlpatterns = [
    path("committees/new/<str:code>/", committee.committee_create, name="create"),
    path("committees/<int:pk>/", committee.committee_detail, name="detail"),
    path("committees/<int:pk>/edit/", committee.committee_edit, name="edit"),
    path("committees/<int:pk>/copy-rules/", committee.committee_copy_rules, name="copy-rules"),
    path("committees/<int:pk>/steps/<str:verb>/", committee.committee_step, name="committee-step"),
    path("committees/<int:pk>/terms/", committee.committee_terms, name="terms"),
    path("committees/<int:pk>/terms/edit/", committee.committee_terms_edit, name="terms-edit"),
    path("committees/<int:pk>/holders/", seats.holders_change, name="holders-change"),
    path("committees/<int:pk>/handover/<int:institution_pk>/", seats.handover, name="handover"),
    path("committees/<int:pk>/seats/", seats.seats_table, name="composition"),
    path("committees/<int:pk>/seats/new/", seats.seat_create, name="seat-create"),
    path("seats/<int:pk>/edit/", seats.seat_edit, name="seat-edit"),
    path("seats/<int:pk>/remove/", seats.seat_remove, name="seat-remove"),
    path("seats/<int:pk>/terms/new/", seats.term_create, name="term-create"),
    path("terms/<int:pk>/end/", seats.term_end, name="term-end"),
]
