# bash completion for stasis(1). Commands and flags are those of the program's own --help.

# The words of the first column below a heading: "COMMANDS", "OPTIONS", "GLOBAL OPTIONS".
_stasis_column() {
  sed -n "/^$1:/,/^\$/s/^   \([^ ]*\).*/\1/p" | tr -d ,
}

# All flags of a help text, long and short; with an argument, only those that take a value.
_stasis_flags() {
  sed -n '/OPTIONS:$/,$p' | if [ "${1:-}" = values ]; then grep '^   [^ ]* value'; else cat; fi |
    grep -o -E -- '(^   |, )--?[a-z0-9-]+' | tr -d ' ,'
}

_stasis() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local program=${COMP_WORDS[0]} command= root=() i word
  local global_values
  global_values=$("$program" --help | _stasis_flags values)
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if grep -qxF -e "$word" <<<"$global_values"; then
      [ "$word" = --root ] && root=(--root "${COMP_WORDS[i + 1]}")
      i=$((i + 1))
    elif [[ $word != -* ]]; then
      command=$word
      break
    fi
  done

  local help
  help=$("$program" ${command:+"$command"} --help 2>/dev/null) || return
  if _stasis_flags values <<<"$help" | grep -qxF -e "$before"; then
    case $before in
      --log-format) COMPREPLY=($(compgen -W 'text json' -- "$current")) ;;
      --rootless) COMPREPLY=($(compgen -W 'true false auto' -- "$current")) ;;
      --format | -f) COMPREPLY=($(compgen -W 'table json' -- "$current")) ;;
      --manage-cgroups-mode) COMPREPLY=($(compgen -W 'soft ignore' -- "$current")) ;;
      --bundle | -b | --image-path | --root | --work-path) COMPREPLY=($(compgen -d -- "$current")) ;;
      *) COMPREPLY=($(compgen -f -- "$current")) ;;
    esac
    compopt -o filenames 2>/dev/null
  elif [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$(_stasis_flags <<<"$help")" -- "$current"))
  elif [ -z "$command" ]; then
    COMPREPLY=($(compgen -W "$(_stasis_column COMMANDS <<<"$help")" -- "$current"))
  else
    case $command in
      help | h) COMPREPLY=($(compgen -W "$("$program" --help | _stasis_column COMMANDS)" -- "$current")) ;;
      inspect | verify) COMPREPLY=($(compgen -d -- "$current")) ;;
      create | run | restore | spec | features | list) ;;
      *) COMPREPLY=($(compgen -W "$("$program" "${root[@]}" list -q 2>/dev/null)" -- "$current")) ;;
    esac
  fi
}

complete -F _stasis stasis
