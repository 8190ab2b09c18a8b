"""Pages of projects, and those of institutions, whose readers follow from projects.

Views that show one thing take `template` and `chain`: `ibcr_portal` adds what decisions and plans
say of it by giving a template that extends ours, and a function of the user and the thing that
answers more context. Those that show amendments take `roles`, since a seat in the committee, of
which this app knows nothing, lets its holder see the whole ledger.
"""
