# Completion for understudy(8).
_understudy() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="run cli check lab doctor --version --help"
  else
    case "$previous" in
    --state) mapfile -t COMPREPLY < <(compgen -d -- "$current") && return ;;
    --socket | --manual-keys | --key-log) mapfile -t COMPREPLY < <(compgen -f -- "$current") && return ;;
    -c) return ;;
    esac
    case "${COMP_WORDS[1]}" in
    run) words="--state --socket --manual-keys --key-log --help" ;;
    cli) words="-c --socket --help" ;;
    lab) [ "$COMP_CWORD" -eq 2 ] && words="list diagram up status console exec run demo down --help" ;;
    doctor) words="--help" ;;
    esac
    case "${COMP_WORDS[1]}" in
    run | check) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    esac
  fi
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o filenames -F _understudy understudy
