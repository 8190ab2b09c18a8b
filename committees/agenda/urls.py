from django.urls import include, path

from committees.agenda.views import agenda, template

of_template = [
    path("", template.agenda_template, name="agenda-template"),
    path("items/new/", template.template_item_create, name="template-item-create"),
    path("copy/", template.template_copy, name="agenda-template-copy"),
    path("usual/", template.template_usual, name="agenda-template-usual"),
    path("order/", template.template_order, name="template-order"),
]
of_template_item = [
    path("edit/", template.template_item_edit, name="template-item-edit"),
    path("move/", template.template_item_move, name="template-item-move"),
    path("remove/", template.template_item_remove, name="template-item-remove"),
]
urlpatterns = [
    path("meetings/<int:pk>/carry-over/", agenda.agenda_carry_over, name="carry-over"),
    path("meetings/<int:pk>/risks/", agenda.agenda_risks, name="carry-over-risks"),
    path("meetings/<int:pk>/items/order/", agenda.items_order, name="items-order"),
    path("meetings/<int:pk>/items/new/", agenda.item_create, name="item-create"),
    path("items/<int:pk>/edit/", agenda.item_edit, name="item-edit"),
    path("items/<int:pk>/move/", agenda.item_move, name="item-move"),
    path("items/<int:pk>/remove/", agenda.item_remove, name="item-remove"),
    path("items/<int:pk>/steps/<str:verb>/", agenda.item_step, name="item-step"),
    path("items/<int:pk>/answer/", agenda.proposal_answer, name="item-answer"),
    path("items/<int:pk>/subjects/", agenda.item_subjects, name="item-subjects"),
    path("committees/<int:pk>/proposals/", agenda.proposal_list, name="proposals"),
    path("committees/<int:pk>/proposals/new/", agenda.proposal_create, name="proposal-create"),
    path("committees/<int:pk>/agenda-template/", include(of_template)),
    path("template-items/<int:pk>/", include(of_template_item)),
    path("subjects/<int:pk>/remove/", agenda.subject_remove, name="subject-remove"),
    path("resolutions/<int:pk>/subjects/", agenda.resolution_subjects, name="resolution-subjects"),
]
