#!/bin/sh
# Makes data/tatoeba-en-zh/{train,dev,test}.tsv from the English-Chinese sentence pairs of the
# Tatoeba project, as collected by manythings.org. See usage() below.

URL=https://www.manythings.org/anki/cmn-eng.zip
HELD_OUT=1500 # pairs in each of dev and test
corpus=tatoeba-en-zh

usage() {
    cat <<'TEXT'
usage: scripts/fetch-tatoeba.sh [FILE [FOLDER]]

Without FILE, downloads the English-Chinese pairs collected by manythings.org (needs curl).
With FILE, uses a copy that you have: the zip, its text file, any TSV of lines
"English TAB Chinese [TAB ...]", plain or .gz.

Writes train.tsv, dev.tsv and test.tsv (1,500 pairs each in dev and test) to FOLDER, by default
data/tatoeba-en-zh in the project. The same input always gives the same files, and no sentence of
either language is in two of them. Duplicates and lines without both sides are left out; nothing
else is changed. The sentences are under CC BY 2.0 FR (tatoeba.org).
TEXT
}

. "$(dirname "$0")/fetching.sh"

need awk
need sort

if [ -z "$file" ]; then
    need curl
    file=$work/download.zip
    echo "downloading $URL" >&2
    # The site refuses clients that do not look like a browser.
    curl --fail --location --silent --show-error --user-agent 'Mozilla/5.0' \
        --output "$file" "$URL" ||
        fail "the download failed; fetch $URL on a machine with a network, then run: scripts/fetch-tatoeba.sh cmn-eng.zip"
fi

# What the file is, by its first bytes rather than its name.
case $(od -An -tx1 -N4 "$file" | tr -d ' \n') in
504b0304)
    need unzip
    name=$(unzip -Z1 "$file" | awk '/\.(txt|tsv)$/ && !/(^|\/)_/ { print; exit }')
    [ -n "$name" ] || fail "$file: no .txt or .tsv file in this zip"
    unzip -p "$file" "$name" >"$work/raw" || fail "$file: cannot be unpacked; fetch it again"
    ;;
1f8b*)
    need gzip
    gzip -dc "$file" >"$work/raw" || fail "$file: cannot be unpacked; fetch it again"
    ;;
*)
    cat "$file" >"$work/raw"
    ;;
esac

# Two columns, trimmed, each pair once, in the order of the file.
awk -F '\t' -v OFS='\t' '
    NR == 1 { sub(/^\357\273\277/, "") }
    {
        sub(/\r$/, "")
        gsub(/^ +| +$/, "", $1)
        gsub(/^ +| +$/, "", $2)
        if ($1 != "" && $2 != "" && !(($1, $2) in seen)) {
            seen[$1, $2] = 1
            print $1, $2
        }
    }
' "$work/raw" >"$work/pairs"
[ -s "$work/pairs" ] || fail "$file: no line has two columns separated by a tab"

# Pairs that share a sentence, on either side and however indirectly, make up a group and stay
# together. A group is placed by the smallest hash of its English sentences, so that its place does
# not depend on the order of the file. Prints: hash, English sentence with that hash, size of the
# group, line number, English, Chinese.
awk -F '\t' -v OFS='\t' '
    function hash(text,    i, value) {
        value = 5381
        for (i = 1; i <= length(text); i++)
            value = (value * 16807 + code[substr(text, i, 1)]) % 2147483647
        return value
    }
    function root(node) {
        while (parent[node] != node) {
            parent[node] = parent[parent[node]]
            node = parent[node]
        }
        return node
    }
    BEGIN {
        for (i = 1; i < 256; i++)
            code[sprintf("%c", i)] = i
    }
    {
        source[NR] = $1
        target[NR] = $2
        english = "e" $1
        chinese = "c" $2
        if (!(english in parent)) parent[english] = english
        if (!(chinese in parent)) parent[chinese] = chinese
        parent[root(english)] = root(chinese)
    }
    END {
        for (i = 1; i <= NR; i++) {
            group = root("e" source[i])
            value = hash(source[i])
            if (!(group in size) || value < smallest[group] ||
                (value == smallest[group] && source[i] < first[group])) {
                smallest[group] = value
                first[group] = source[i]
            }
            size[group]++
        }
        for (i = 1; i <= NR; i++) {
            group = root("e" source[i])
            printf "%010d\t%s\t%d\t%d\t%s\t%s\n", smallest[group], first[group], size[group], i,
                source[i], target[i]
        }
    }
' "$work/pairs" >"$work/grouped"

# Groups go to test, then to dev, as long as they fit; the rest is for training.
tab=$(printf '\t')
sort -t "$tab" -k 1,1 -k 2,2 -k 4,4n "$work/grouped" |
    awk -F '\t' -v OFS='\t' -v held_out="$HELD_OUT" '
        NR == 1 || $1 != hash || $2 != first {
            hash = $1
            first = $2
            part = "train"
            if (filled["test"] + $3 <= held_out) part = "test"
            else if (filled["dev"] + $3 <= held_out) part = "dev"
            filled[part] += $3
        }
        { print $4, part, $5, $6 }
    ' |
    sort -t "$tab" -k 1,1n |
    awk -F '\t' -v OFS='\t' -v work="$work" '{ print $3, $4 >(work "/" $2 ".tsv") }'

for part in train dev test; do
    [ -s "$work/$part.tsv" ] || fail "$file: too few pairs to hold out 2 x $HELD_OUT"
done
for part in dev test; do
    count=$(awk 'END { print NR }' "$work/$part.tsv")
    [ "$count" -eq "$HELD_OUT" ] || fail "$file: only $count pairs found for $part, $HELD_OUT wanted"
done

mkdir -p "$folder"
for part in train dev test; do
    # By way of a name beside it, so that no half-written file is ever seen.
    cp "$work/$part.tsv" "$folder/$part.tsv.partial"
    mv "$folder/$part.tsv.partial" "$folder/$part.tsv"
    echo "$folder/$part.tsv: $(awk 'END { print NR }' "$folder/$part.tsv") pairs" >&2
done
