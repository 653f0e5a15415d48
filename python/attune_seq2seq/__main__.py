"""`python -m attune_seq2seq`: the program itself."""

import subprocess
import sys

from .program import program

sys.exit(subprocess.call([program(), *sys.argv[1:]]))
