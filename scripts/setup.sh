#!/bin/sh
# Checks that the machine can build Strata, and says plainly what is missing.
#   scripts/setup.sh build   what a build needs
#   scripts/setup.sh test    and what the checks need
#   scripts/setup.sh picture and what draws the picture of the report
# Missing Debian packages are installed when run as root; everything else is left to the user.
set -eu

purpose=${1:-build}
cd "$(dirname "$0")/.."
missing=0

has() {
	command -v "$1" >/dev/null 2>&1
}

lacks() {
	missing=1
	printf 'missing: %s\n  hint: %s\n' "$1" "$2" >&2
}

# Debian's Python comes without what makes an environment with pip.
makes_environments() {
	python3 -c 'import ensurepip, venv' >/dev/null 2>&1
}

# version_at_least 1.95.0 1.95
version_at_least() {
	[ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]
}

packages=
has git || packages="$packages git"
has cc || packages="$packages build-essential"
if [ "$purpose" = test ]; then
	has python3 || packages="$packages python3"
	makes_environments || packages="$packages python3-venv"
fi
if [ -n "$packages" ] && [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && has apt-get; then
	echo "installing$packages" >&2
	# shellcheck disable=SC2086 # a list of names
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages >&2 || true
fi

has git || lacks 'git' 'on Debian: apt-get install git'
has cc || lacks 'a C compiler (cc), which zstd, blake3 and mimalloc are built with' \
	'on Debian: apt-get install build-essential'

needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
if has cargo && has rustc; then
	found=$(rustc --version | cut -d ' ' -f 2)
	version_at_least "$found" "$needed" ||
		lacks "Rust $needed or newer (here: $found)" 'rustup update stable'
else
	lacks "Rust $needed or newer (cargo and rustc)" 'install it from https://rustup.rs'
fi

if [ "$purpose" = test ] && has cargo; then
	cargo fmt --version >/dev/null 2>&1 || lacks 'rustfmt' 'rustup component add rustfmt'
	cargo clippy --version >/dev/null 2>&1 || lacks 'clippy' 'rustup component add clippy'
	makes_environments || lacks 'python3 with venv and pip, for the tests of the Python package' \
		'on Debian: apt-get install python3 python3-venv'
	cargo nextest --version >/dev/null 2>&1 ||
		echo 'note: cargo-nextest is not installed; the tests run with cargo test (cargo install cargo-nextest --locked)' >&2
fi

if [ "$purpose" = picture ]; then
	has chromium || has chromium-browser || has google-chrome ||
		lacks 'chromium, which draws the picture' 'on Debian: apt-get install chromium'
fi

exit $missing
