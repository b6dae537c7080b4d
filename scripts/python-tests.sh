#!/bin/sh
# Tests the Python package with the extension that `cargo build` has made, so that nothing is built twice.
#   scripts/python-tests.sh TARGET_DIR
# The package is laid out in TARGET_DIR/python, and what tests need is installed beside it: the clone stays as it is.
set -eu

target=$1
cd "$(dirname "$0")/.."
venv=$target/python/venv
site=$target/python/site
requirements=python/tests/requirements.txt

# A folder that was moved, or made by a Python that is gone, is made again.
if ! "$venv/bin/python" -c '' 2>/dev/null || ! cmp -s $requirements "$venv/requirements.txt"; then
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r $requirements
	cp $requirements "$venv/requirements.txt"
fi

case $(uname -s) in
Darwin) built=libstrata_native.dylib ;;
*) built=libstrata_native.so ;;
esac
rm -rf "$site"
mkdir -p "$site"
cp -R python/strata "$site/strata"
ln "$target/debug/$built" "$site/strata/_native.abi3.so"

export PYTHONPATH="$site" PYTHONDONTWRITEBYTECODE=1 MYPYPATH="$site"
"$venv/bin/python" -m mypy --cache-dir "$target/python/mypy" -p strata
exec "$venv/bin/python" -m pytest -p no:cacheprovider python/tests --pyargs strata
