#!/usr/bin/env bash
# Builds the Go peer into bench/peers/go/bin (not committed): needs go, and buf on PATH (npm run gives it).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
command -v go >/dev/null || { echo "go is not installed: npm run bench leaves its rows out and says so" >&2; exit 0; }
command -v buf >/dev/null || { echo "buf is not on PATH: start this through npm run bench:install" >&2; exit 3; }
export GOBIN="$PWD/bin"
[ -x bin/protoc-gen-go ] || go install google.golang.org/protobuf/cmd/protoc-gen-go
[ -x bin/protoc-gen-go-grpc ] || go install google.golang.org/grpc/cmd/protoc-gen-go-grpc
# A copy of the contract without its options: the peer validates nothing, and needs no Go package for them.
rm -rf gen proto && mkdir -p proto/fairlead/bench/v1
sed -E -e '/^import /d' -e '/^ *option /d' -e 's/ \[\(buf\.validate[^]]*\]//' \
  ../../proto/fairlead/bench/v1/bench_service.proto |
  awk '/= [0-9]+ \[$/ { sub(/ \[$/, ";"); print; skip = 1; next } skip { if (/\];$/) skip = 0; next } { print }' \
  > proto/fairlead/bench/v1/bench_service.proto
PATH="$GOBIN:$PATH" buf generate proto --template '{"version":"v2","plugins":[
  {"local":"protoc-gen-go","out":"gen","opt":["paths=source_relative","Mfairlead/bench/v1/bench_service.proto=fairlead.example/bench/gen/fairlead/bench/v1"]},
  {"local":"protoc-gen-go-grpc","out":"gen","opt":["paths=source_relative","Mfairlead/bench/v1/bench_service.proto=fairlead.example/bench/gen/fairlead/bench/v1"]}]}'
go build -o bin/go-peer .
