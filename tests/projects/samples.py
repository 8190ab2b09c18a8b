"""A sample of vouchers, for tests of pages."""

from projects.models import VoucherSample
from projects.money.services.samples import draw_sample


def drawn_from(project, *, by, rule="simple_random", size=2, seed="7f3a", days=None):
    start, end = days or (project.starts_on, project.current_end)
    sample = VoucherSample(
        project=project, rule=rule, seed=seed, size=size, starts_on=start, ends_on=end
    )
    return draw_sample(sample, by=by)
