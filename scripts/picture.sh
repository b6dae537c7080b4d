#!/bin/sh
# Draws docs/report.png: the top of the report of a demo shop, as a browser shows it.
#   scripts/picture.sh PROGRAM FOLDER   the `strata` to run, and a folder for the shop
# The seed and the number of customers are fixed, so the picture changes when the report does.
set -eu

program=$1
folder=$2
cd "$(dirname "$0")/.."
picture=docs/report.png
most_bytes=400000

browser=
for name in chromium chromium-browser google-chrome; do
	if [ -z "$browser" ] && command -v "$name" >/dev/null 2>&1; then
		browser=$name
	fi
done
if [ -z "$browser" ]; then
	printf 'missing: chromium, which draws the picture\n  hint: on Debian: apt-get install chromium\n' >&2
	exit 1
fi

rm -rf "$folder/exports" "$folder/truth" "$folder/shop"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
"$program" demo --customers 2000 --seed 0 "$folder"
"$program" init "$folder/exports" "$folder/shop"
"$program" run -C "$folder/shop"
"$program" report -C "$folder/shop"

# As high as the opening and the months below it.
"$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 \
	--window-size=1280,1330 --screenshot="$picture" "file://$folder/shop/report.html" 2>"$folder/browser.log" || {
	cat "$folder/browser.log" >&2
	exit 1
}
bytes=$(wc -c <"$picture")
if [ "$bytes" -gt "$most_bytes" ]; then
	echo "$picture has $bytes bytes, more than the $most_bytes that a page should load" >&2
	exit 1
fi
echo "$picture: $bytes bytes"
