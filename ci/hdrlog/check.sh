#!/bin/sh
# Has npm's hdr-histogram-js read an HdrHistogram log that fcbench wrote, and
# compares what it finds with what hdrhistogram-go finds. Everything it installs
# goes into a temporary folder.
set -eu
version=3.0.1

for tool in node npm; do
  if ! command -v "$tool" >/dev/null; then
    echo "hdrlog: $tool is missing; install Node.js 18 or later (Debian: apt-get install nodejs npm; macOS: brew install node)" >&2
    exit 1
  fi
done

here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM

(cd "$here/../.." && go run ./ci/hdrlog "$folder")
npm install --loglevel=error --no-save --no-package-lock --no-audit --no-fund --prefix "$folder" "hdr-histogram-js@$version"
cp "$here/check.mjs" "$folder"
(cd "$folder" && node check.mjs measured.hlog >found.jsonl)

lines=$(wc -l <"$folder/expected.jsonl")
if [ "$lines" -eq 0 ]; then
  echo "hdrlog: the log is empty; want histograms to compare" >&2
  exit 1
fi
if ! diff -u "$folder/expected.jsonl" "$folder/found.jsonl"; then
  echo "hdrlog: hdr-histogram-js $version reads another log than hdrhistogram-go" >&2
  exit 1
fi
echo "hdrlog: hdr-histogram-js $version reads all $lines histograms as they were written"
