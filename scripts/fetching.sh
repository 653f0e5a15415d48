# What the fetch scripts begin with, after `corpus`, the name of the folder in data, and `usage`:
#     . "$(dirname "$0")/fetching.sh"
# It reads the arguments [FILE [FOLDER]] into `file`, empty if there is none, and `folder`, and makes a folder `work` that
# goes when the script ends.
set -eu
LC_ALL=C
export LC_ALL

script=$(basename "$0")
project=$(dirname "$0")/..

fail() {
    echo "$script: $1" >&2
    exit 1
}

# need COMMAND [WHAT ELSE TO DO]
need() {
    command -v "$1" >/dev/null 2>&1 || fail "the command \`$1\` is missing; install it${2-} and run again"
}

case "${1-}" in
-h | --help)
    usage
    exit 0
    ;;
-*)
    usage >&2
    exit 2
    ;;
esac
if [ $# -gt 2 ]; then
    usage >&2
    exit 2
fi

file=${1-}
folder=${2-$project/data/$corpus}
if [ -n "$file" ] && [ ! -f "$file" ]; then
    fail "$file: no such file"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/${script%.sh}.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
