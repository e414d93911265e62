# The product without its tests: everything locked by hash, run by a user who owns nothing but the data folder.
# Where packages come from is the builder's business; of the stage that fetches them the image keeps one folder alone:
#   --build-arg BASE=…               Python 3.11 on Debian from another registry
#   --build-arg PIP_INDEX_URL=…      another package index, without a password
#   --build-arg INSTALL_OPTIONS=…    further options for `pip install`
#   --secret id=netrc,src=FILE       the password for the index, as a .netrc
#   --secret id=ca,src=FILE          the certificates (PEM) that vouch for the index
ARG BASE=python:3.11-slim

FROM ${BASE} AS build
ARG PIP_INDEX_URL
ARG INSTALL_OPTIONS
WORKDIR /app
RUN python -m venv .venv
COPY requirements/runtime.txt requirements/
RUN --mount=type=secret,id=netrc --mount=type=secret,id=ca \
    export NETRC=/run/secrets/netrc; \
    if [ -f /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca; fi; \
    .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check ${INSTALL_OPTIONS} \
    --require-hashes --requirement requirements/runtime.txt
COPY pyproject.toml setup.py README.md LICENSE ./
COPY src src
COPY migrations migrations
COPY workflows workflows
RUN .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-index --no-deps --no-build-isolation .

FROM ${BASE}
RUN useradd --system --uid 10001 --no-create-home adjudicate && install -d -o adjudicate -g adjudicate /data
WORKDIR /app
COPY --from=build /app/.venv /app/.venv
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
