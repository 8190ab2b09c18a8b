from django.urls import path

from projects.exchange.views import exchange, importing

urlpatterns = [
    # /projects/new/iati/
    path("new/iati/", importing.give, name="iati-import"),
    path("new/iati/check/", importing.check, name="iati-import-check"),
    path("new/iati/discard/", importing.discard, name="iati-import-discard"),
    # /projects/…/classification/, /projects/…/exchange/
    path("<str:code>/classification/", exchange.edit, name="classification"),
    path("<str:code>/exchange/", exchange.exchange, name="exchange"),
    path("<str:code>/exchange/file/", exchange.download, name="exchange-file"),
    path("<str:code>/exchange/publish/", exchange.publish_file, name="exchange-publish"),
    path("<str:code>/exchange/withdraw/", exchange.withdraw_file, name="exchange-withdraw"),
    path("<str:code>/exchange/checked/", exchange.checked_import, name="exchange-checked"),
]
