# docker build -t iamcheck . && docker run --rm -v "$PWD:/work:ro" iamcheck check --from template.yaml ...
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY iamcheck ./iamcheck
COPY templates ./templates
RUN python -m venv /opt/iamcheck && /opt/iamcheck/bin/pip install --no-cache-dir --no-compile .

FROM python:3.13-slim
COPY --from=build /opt/iamcheck /opt/iamcheck
# nobody: it reads the mounted files and talks to AWS, and owns nothing
USER 65534:65534
WORKDIR /work
ENV HOME=/tmp PATH=/opt/iamcheck/bin:$PATH PYTHONDONTWRITEBYTECODE=1
ENTRYPOINT ["iamcheck"]
CMD ["--help"]
