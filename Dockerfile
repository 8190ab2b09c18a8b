# One image for web server, worker and scheduler. Runs without root and on a read-only root.
FROM python:3.13-slim-trixie

# What WeasyPrint opens; `manage.py check` says so when one is missing. The fourth is optional.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1 \
        apertium-fr-es apertium-eng-spa \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home portal \
    && install --directory --owner=portal /var/lib/portal \
    && install --directory --owner=portal --mode=700 /var/lib/seal

WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PORTAL_VAR=/var/lib/portal \
    STATIC_ROOT=/opt/static \
    XDG_CACHE_HOME=/tmp

COPY requirements/base.txt requirements/
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/base.txt \
    && cp requirements/base.txt /opt/venv/

COPY . .
RUN pybabel compile --domain=django --directory=locale \
    && PORTAL_EMBEDDED=1 PORTAL_VAR=/tmp/build python manage.py update --static \
    && rm -rf /tmp/build \
    && python -m compileall -q .

# All that could be compiled is; at run time nothing writes into the image.
ENV PYTHONDONTWRITEBYTECODE=1
USER portal
VOLUME /var/lib/portal
EXPOSE 8000
# Nothing starts on packages, static files or a database of another version.
ENTRYPOINT ["sh", "-c", "python manage.py update --check && exec \"$@\"", "--"]
CMD ["gunicorn", "--config=python:ibcr_portal.web_server", "--bind=0.0.0.0:8000", "--threads=8", \
     "--max-requests=5000", "--max-requests-jitter=500", "--access-logfile=-"]
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os; from urllib.request import Request, urlopen; \
urlopen(Request('http://127.0.0.1:8000/health/', headers={'Host': os.environ['SITE_URL'].split('/')[2]}), timeout=4)"]
