# The worker, the traffic and every other command; the embedding model is exported into the image.
# The base is named by its tag: no registry could be asked for its digest where this was written. To pin it, look it up
# (docker buildx imagetools inspect python:3.11-slim) and build with --build-arg PYTHON_IMAGE=python@sha256:...
ARG PYTHON_IMAGE=python:3.11-slim
FROM ${PYTHON_IMAGE}
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE NOTICE ./
COPY liveprofile ./liveprofile
COPY models ./models
COPY profiles ./profiles
COPY streams ./streams
RUN pip install --no-deps --no-build-isolation .

RUN useradd --create-home --uid 1000 liveprofile && install -d -o liveprofile /data /model
USER liveprofile
RUN liveprofile export-model --out /model/minilm && rm -rf /home/liveprofile/.cache

ENV LIVEPROFILE_DATA_DIR=/data LIVEPROFILE_MODEL_DIR=/model/minilm
VOLUME /data
ENTRYPOINT ["liveprofile"]
CMD ["worker"]
