"""The filter of a project's access log: it names nobody, so nobody is searched for by name."""

from accounts.forms import AccessLogFilterForm


class ProjectLogFilterForm(AccessLogFilterForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # those of a form
        del self.fields["person"]
