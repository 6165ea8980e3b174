# One image for API, worker and migration. TORCH=cpu (default) or cuda chooses torch's build.
FROM python:3.11-slim-bookworm

ARG TORCH=cpu
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/app/.venv/bin:$PATH \
    PARETOSCOPE_DATA_DIR=/data

WORKDIR /app
# The dependencies change less often than the code: a layer of their own.
COPY pyproject.toml requirements.lock README.md ./
COPY scripts/__init__.py scripts/install.py scripts/
COPY paretoscope/__init__.py paretoscope/
RUN mkdir -p backend worker frontend && python scripts/install.py --torch "$TORCH"
COPY paretoscope paretoscope
COPY backend backend
COPY worker worker
COPY frontend frontend

RUN useradd --system --create-home paretoscope && mkdir /data && chown paretoscope /data
USER paretoscope
VOLUME /data
EXPOSE 8000
CMD ["paretoscope", "serve"]
