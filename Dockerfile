# The server in a container: docker build -t medflow . && docker run -p 3001:3001 -v medflow:/data -v medflow-keys:/keys medflow
FROM debian:12 AS build
WORKDIR /medflow
COPY . .
RUN ./dev build --preset release medflow_program

FROM debian:12-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates tzdata \
      libsodium23 libssl3 libutf8proc2 libdate-tz3 libfmt9 libcrypt1 libical3 zlib1g libmagic1 libsqlite3-0 libsqlcipher0 libpq5 \
      libboost-json1.81.0 libboost-container1.81.0 libcpp-httplib0.11 libspdlog1.10 libjemalloc2 \
      libpangocairo-1.0-0 fonts-noto-core fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home medflow \
 && install -d -o medflow -g medflow -m 700 /data /keys
COPY --from=build /medflow/build/release/bin/medflow /usr/local/bin/medflow
USER medflow
# The keys lie in a volume of their own: whoever has the data has nothing without them.
VOLUME /data /keys
ENV MEDFLOW_ROOT_KEY_FILE=/keys/root.key MEDFLOW_CHECKPOINT_DIR=/keys/checkpoints MEDFLOW_HOST=0.0.0.0
EXPOSE 3001
# The first time: docker run -it -v medflow:/data -v medflow-keys:/keys medflow init --data /data --tenant SLUG --email ADDRESS
ENTRYPOINT ["medflow"]
CMD ["serve", "--data", "/data"]
