#!/bin/sh
# Makes data/digits/{train,valid,test}.tsv and their images from real handwritten digits. See usage() below.

corpus=digits

usage() {
    cat <<'TEXT'
usage: scripts/fetch-digits.sh [FILE [FOLDER]]

Makes images of rows of 3 to 8 handwritten digits, with what they say, for configs/digits.toml.

The digits are those of "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak 1998, UCI
Machine Learning Repository, CC BY 4.0): 1,797 scans of 8 x 8 pixels that scikit-learn brings along.
Without FILE, downloads the wheel of scikit-learn with pip into a temporary folder, takes digits.csv.gz
out of it and installs nothing. With FILE, uses your copy of digits.csv.gz, or of the wheel.

Writes train.tsv, valid.tsv and test.tsv, lines "PATH TAB DIGITS", with the images in folders beside them, to
FOLDER, by default data/digits in the project: 40,000, 1,000 and 2,000 rows, always the same. A tenth of
the digits are kept for valid and a fifth for test: no digit that training shows is in another part.
TEXT
}

. "$(dirname "$0")/fetching.sh"

python=${PYTHON-python3}
need "$python" ', or name another Python with PYTHON,'

if [ -z "$file" ]; then
    echo "downloading scikit-learn" >&2
    "$python" -m pip download --quiet --no-deps --only-binary :all: --dest "$work" scikit-learn >&2 ||
        fail "the download failed; fetch the wheel of scikit-learn on a machine with a network, then run: scripts/fetch-digits.sh WHEEL"
    file=$(find "$work" -name '*.whl' | head -n 1)
fi

case $file in
*.whl)
    # A wheel is a zip archive.
    "$python" - "$file" "$work/digits.csv.gz" <<'PYTHON' || fail "$file: has no digits.csv.gz in it; is it scikit-learn's wheel?"
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    name = next((name for name in wheel.namelist() if name.endswith("/digits.csv.gz")), None)
    if name is None:
        sys.exit(1)
    with open(sys.argv[2], "wb") as out:
        out.write(wheel.read(name))
PYTHON
    ;;
*)
    cp "$file" "$work/digits.csv.gz"
    ;;
esac

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cd "$project"
cargo run --quiet -p data --example digit_rows -- "$work/digits.csv.gz" "$folder"
