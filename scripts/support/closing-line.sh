# Sourced. Every suite closes on a line "N passed, N failed[, N skipped]"; these read it and write it.
# shellcheck shell=bash

# closing_line FILE: the numbers of the last such line as "passed failed skipped"; nothing when there is none.
closing_line() {
  sed -E 's/\x1b\[[0-9;]*m//g; s/\r$//' "$1" |
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
