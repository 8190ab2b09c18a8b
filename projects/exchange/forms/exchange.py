"""Forms to upload an IATI file, to say what it does not say, and to confirm what was shown."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_countries import countries as all_countries

from kernel.files import UploadField
from projects.iati.safe_xml import MAX_BYTES
from projects.money.forms.amounts import CurrencyField


class IatiFileForm(forms.Form):
    file = UploadField(label=_("IATI activity file"), allowed=("xml",), max_bytes=MAX_BYTES)


class MissingFactsForm(forms.Form):
    """What a project needs and the file does not say: it is asked, never guessed."""

    activity = forms.CharField(widget=forms.HiddenInput, required=False, max_length=5)
    country = forms.ChoiceField(label=_("Country"), required=False)
    currency = CurrencyField(
        required=False,
        help_text=_(
            "Three letters, such as HNL. Amounts in another one are left out, since the file has "
            "no exchange rates."
        ),
    )

    def __init__(self, data: QueryDict, currencies: list[str]) -> None:
        """`currencies`: those among which the file leaves the choice."""
        super().__init__(data)
        choices = self.fields["country"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [("", "–"), *all_countries]
        if currencies:
            said = str(_("In the file: %(currencies)s.")) % {"currencies": ", ".join(currencies)}
            currency = self.fields["currency"]
            currency.help_text = f"{said} {currency.help_text}"

    def given(self) -> dict[str, str]:
        """Returns what was said and is valid."""
        self.full_clean()
        return {name: self.cleaned_data.get(name) or "" for name in ("country", "currency")}

    def keep_only(self, names: list[str]) -> None:
        """Asks nothing that the file says."""
        for name in ("country", "currency"):
            if name not in names:
                del self.fields[name]


class SeenVersionForm(forms.Form):
    """Confirms what was shown. `seen`: its fingerprint."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
