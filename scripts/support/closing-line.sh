# Sourced. Every suite closes on a line "N passed, N failed[, N skipped]", and says "FAILED  what" of each failure
# somewhere before it; these read both and write the one.
# shellcheck shell=bash

# plain FILE: without what is for terminals.
plain() {
  sed -E 's/\x1b\[[0-9;]*m//g; s/\r$//' "$1"
}

# failures FILE: what it says of each failure, at most as many as one can read.
failures() {
  plain "$1" | sed -n 's/^FAILED  //p' | head -n 20
}

# closing_line FILE: the numbers of the last such line as "passed failed skipped"; nothing when there is none.
closing_line() {
  plain "$1" |
    sed -nE 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\1 \2 0\4/p' | tail -n 1
}

# say_closing_line PASSED FAILED [SKIPPED]
say_closing_line() {
  if [ "${3:-0}" -gt 0 ]; then
    echo "$1 passed, $2 failed, $3 skipped"
  else
    echo "$1 passed, $2 failed"
  fi
}
