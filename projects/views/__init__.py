"""Pages of projects, and those of institutions, whose readers follow from projects.

Views that show one thing take `template` and `chain`: `ibcr_portal` adds what decisions and plans
say of it by giving a template that extends ours, and a function of the user and the thing that
answers more context.
"""
