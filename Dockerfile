# One image for web server, workers and scheduler. Runs without root and on a read-only root.
# `make release` pins its base by digest: --build-arg PYTHON_IMAGE=python:3.13-slim-trixie@sha256:…
ARG PYTHON_IMAGE=python:3.13-slim-trixie

FROM ${PYTHON_IMAGE} AS base
# What WeasyPrint opens; `manage.py check` says so when one is missing. The fourth is optional.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1 \
        apertium-fr-es apertium-eng-spa \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log \
        /usr/share/doc/*/examples /usr/share/man /usr/share/lintian \
    && useradd --system --uid 10001 --no-create-home portal \
    && install --directory --owner=portal /var/lib/portal \
    && install --directory --owner=portal --mode=700 /var/lib/seal /var/lib/backups
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PORTAL_VAR=/var/lib/portal \
    STATIC_ROOT=/opt/static \
    XDG_CACHE_HOME=/tmp

FROM base AS build
COPY requirements/base.txt requirements/
# Without pip of its own: that of the base installs.
RUN python -m venv --without-pip /opt/venv \
    && pip --python=/opt/venv/bin/python install --no-cache-dir --no-compile \
        --disable-pip-version-check --require-hashes --requirement requirements/base.txt \
    && cp requirements/base.txt /opt/venv/
# Without the columns in tracebacks, which take a tenth of the memory of code.
ENV PYTHONNODEBUGRANGES=1
COPY scripts/trim_image.py /tmp/
# Some modules come with what only a debugger reads.
RUN python /tmp/trim_image.py /opt/venv \
    && apt-get update && apt-get install --yes --no-install-recommends binutils \
    && find /opt/venv/lib -name '*.so' -exec strip --strip-debug {} + \
    && python -m compileall -q /opt/venv/lib
COPY . .
RUN rm -rf scripts \
    && pybabel compile --domain=django --directory=locale \
    && PORTAL_EMBEDDED=1 PORTAL_VAR=/tmp/build python manage.py update --static \
    && find locale -name '*.po' -delete \
    && python -m compileall -q .

FROM base
ARG VERSION=unknown
LABEL org.opencontainers.image.title="ibcr-portal" \
    org.opencontainers.image.version=${VERSION} \
    org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/static /opt/static
COPY --from=build /app /app

# All that could be compiled is; at run time nothing writes into the image.
# Few arenas: threads would each keep memory that they have freed.
ENV PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 \
    PYTHONNODEBUGRANGES=1
USER portal
VOLUME /var/lib/portal
EXPOSE 8000
# Nothing starts on packages, static files or a database of another version.
ENTRYPOINT ["sh", "-c", "python manage.py update --check && exec \"$@\"", "--"]
CMD ["gunicorn", "--config=python:ibcr_portal.web_server", "--bind=0.0.0.0:8000", "--threads=8", \
     "--max-requests=5000", "--max-requests-jitter=500", "--access-logfile=-"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-I", "-c", "from urllib.request import urlopen; \
urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
