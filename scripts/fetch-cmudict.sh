#!/bin/sh
# Makes data/cmudict/{train,dev,test}.tsv from the CMU Pronouncing Dictionary. See usage() below.

COMMIT=f08d3dfb10b8d619e665a9581d2a327bcc2504f7
URL=https://raw.githubusercontent.com/AdolfVonKleist/Phonetisaurus/$COMMIT/test/g014b2b/g014b2b.train
TEST_PERCENT=5 # of the words
DEV_PERCENT=1
corpus=cmudict

usage() {
    cat <<'TEXT'
usage: scripts/fetch-cmudict.sh [FILE [FOLDER]]

Without FILE, downloads the training part of the classic split of CMUdict, g014b2b (needs curl):
113,438 pronunciations of 106,837 words without stress marks.
With FILE, uses a copy that you have, or another pronunciation dictionary of lines
"WORD white space PHONES": cmudict-0.7b and cmudict.dict too, plain or .gz. Stress marks (AH0),
numbers of variants (WORD(2)), comments (;;; and #) are left out.

Writes train.tsv, dev.tsv and test.tsv, lines "WORD TAB PHONES", to FOLDER, by default data/cmudict
in the project: 5% of the words are in test, 1% in dev, chosen by a hash of the word, so that the
same input always gives the same files. All pronunciations of a word are in one file.
The data are under CMU's licence, of the BSD kind.
TEXT
}

. "$(dirname "$0")/fetching.sh"

need awk
need sort

if [ -z "$file" ]; then
    need curl
    file=$work/download
    echo "downloading $URL" >&2
    curl --fail --location --silent --show-error --output "$file" "$URL" ||
        fail "the download failed; fetch $URL on a machine with a network, then run: scripts/fetch-cmudict.sh g014b2b.train"
fi

# What the file is, by its first bytes rather than its name.
case $(od -An -tx1 -N2 "$file" | tr -d ' \n') in
1f8b)
    need gzip
    gzip -dc "$file" >"$work/raw" || fail "$file: cannot be unpacked; fetch it again"
    ;;
*)
    cat "$file" >"$work/raw"
    ;;
esac

# Word and phones, each pair once, in the order of the file.
awk -v OFS='\t' '
    /^;;;/ { next }
    {
        sub(/\r$/, "")
        sub(/ #.*$/, "")
        word = toupper($1)
        if (word !~ /^\(/) sub(/\([0-9]+\)$/, "", word)
        phones = ""
        for (i = 2; i <= NF; i++) {
            phone = $i
            sub(/[0-9]+$/, "", phone)
            phones = phones (i > 2 ? " " : "") phone
        }
        if (phones != "" && !((word, phones) in seen)) {
            seen[word, phones] = 1
            print word, phones
        }
    }
' "$work/raw" >"$work/pairs"
[ -s "$work/pairs" ] || fail "$file: no line has a word and its phones"

# The words by their hash: the first go to test, the next to dev.
awk -F '\t' '
    function hash(text,    i, value) {
        value = 5381
        for (i = 1; i <= length(text); i++)
            value = (value * 16807 + code[substr(text, i, 1)]) % 2147483647
        return (value * 16807) % 2147483647
    }
    BEGIN {
        for (i = 1; i < 256; i++)
            code[sprintf("%c", i)] = i
    }
    !($1 in seen) {
        seen[$1] = 1
        printf "%010d\t%s\n", hash($1), $1
    }
' "$work/pairs" | sort >"$work/words"
awk -F '\t' -v OFS='\t' -v work="$work" -v test="$TEST_PERCENT" -v dev="$DEV_PERCENT" '
    FNR == 1 { file++ }
    file == 1 { words++; next }
    file == 2 {
        if (FNR <= int(words * test / 100)) part[$2] = "test"
        else if (FNR <= int(words * (test + dev) / 100)) part[$2] = "dev"
        next
    }
    { print $1, $2 >(work "/" (($1 in part) ? part[$1] : "train") ".tsv") }
' "$work/words" "$work/words" "$work/pairs"

for part in train dev test; do
    [ -s "$work/$part.tsv" ] || fail "$file: too few words to hold out $TEST_PERCENT% and $DEV_PERCENT%"
done

mkdir -p "$folder"
for part in train dev test; do
    # By way of a name beside it, so that no half-written file is ever seen.
    cp "$work/$part.tsv" "$folder/$part.tsv.partial"
    mv "$folder/$part.tsv.partial" "$folder/$part.tsv"
    awk -F '\t' -v name="$folder/$part.tsv" '
        !($1 in seen) { seen[$1] = 1; words++ }
        END { print name ": " NR " pronunciations of " words " words" }
    ' "$folder/$part.tsv" >&2
done
