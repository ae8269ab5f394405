#!/bin/sh
# Makes the bundled suites and the embedded model from nothing; see README.md. PYTHON names an interpreter that has
# recipes/requirements.txt.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

"$python" recipes/suites/generate.py --split bundled --seed 1 --out "$build/suites"
"$python" recipes/suites/check.py "$build/suites"
for suite in consistency rag-citation rag-abstain safety; do
  node bin/rmbench.js data import "$build/suites/$suite.jsonl" -o "fixtures/suites/$suite.arrow" \
    --suite "$suite" --license Apache-2.0 --source recipes/suites
done
npm run --silent pin-suites
"$python" recipes/embedded-model/train.py --out "$build/tiny"
"$python" recipes/embedded-model/export.py --trained "$build/tiny" --suites "$build/suites" \
  --out fixtures/models/tiny --golden fixtures/golden/tiny-scores.json
