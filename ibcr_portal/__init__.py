# So that `@shared_task` finds the application in every process.
from ibcr_portal.celery import app as celery_app

__all__ = ["celery_app"]
