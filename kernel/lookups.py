"""Lookups that accept numbers from a browser, which may be larger than any column."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import ForeignKey, IntegerField
from django.db.models.fields.related_lookups import RelatedExact
from django.db.models.lookups import In


def fits(value: int, field: IntegerField, connection: Any) -> bool:
    """Return whether the column can hold the number: a larger one is equal to none that is
    stored."""
    low, high = connection.ops.integer_field_range(field.get_internal_type())
    return (low is None or value >= low) and (high is None or value <= high)


@IntegerField.register_lookup
class InRange(In):
    """`in` for whole numbers, which ignores values that the column cannot hold.

    Django does this for single values only; for a list SQLite raises OverflowError.
    """

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        if self.rhs_is_direct_value():
            field = self.lhs.output_field
            self.rhs = [
                value
                for value in self.rhs
                if not isinstance(value, int) or fits(value, field, connection)
            ]
        return super().process_rhs(compiler, connection)


@ForeignKey.register_lookup
class ForeignKeyExact(RelatedExact):
    """The same for a foreign key: Django checks the range of primary keys only."""

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        field = self.lhs.output_field.target_field
        if (
            isinstance(self.rhs, int)
            and isinstance(field, IntegerField)
            and not fits(self.rhs, field, connection)
        ):
            raise EmptyResultSet
        return super().process_rhs(compiler, connection)
