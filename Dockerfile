# The product without its tests: everything locked by hash, run by a user who owns nothing but the data folder.
FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv .venv
COPY requirements/runtime.txt requirements/
RUN .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements/runtime.txt
COPY pyproject.toml README.md LICENSE alembic.ini ./
COPY src src
COPY migrations migrations
COPY workflows workflows
RUN .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --editable .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home adjudicate && install -d -o adjudicate -g adjudicate /data
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:/usr/local/bin:/usr/bin:/bin
ENV PYTHONUNBUFFERED=1
ENV PORT=8000
ENV ADJUDICATE_HOST=0.0.0.0
ENV ADJUDICATE_DATABASE_URL=sqlite:////data/adjudicate.db
ENV ADJUDICATE_DOCUMENTS=/data/documents
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/readyz', timeout=4)"]
CMD ["adjudicate", "serve"]
