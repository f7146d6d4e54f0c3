const bash = String.raw`# bash completion for kubectl-autoweave
_kubectl_autoweave() {
  local word line
  local -a words=()
  # bash takes --flag=value for three words.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    [[ $word == "=" ]] || words+=("$word")
  done
  [[ \${COMP_WORDS[COMP_CWORD]} == "=" ]] && words+=("")
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :* ]] || COMPREPLY+=("\${line%%$'\t'*}")
  done < <(kubectl-autoweave __complete "\${words[@]}" 2>/dev/null)
}
complete -o default -F _kubectl_autoweave kubectl-autoweave
`.replaceAll('\\${', '${');

const zsh = String.raw`#compdef kubectl-autoweave
_kubectl-autoweave() {
  local line
  local -a candidates
  for line in "\${(@f)$(kubectl-autoweave __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line || $line == :* ]] || candidates+=("\${line%%$'\t'*}")
  done
  if (( $#candidates )); then compadd -a candidates; else _files; fi
}
if [[ $funcstack[1] == _kubectl-autoweave ]]; then _kubectl-autoweave; else compdef _kubectl-autoweave kubectl-autoweave; fi
`.replaceAll('\\${', '${');

const fish = String.raw`# fish completion for kubectl-autoweave
function __kubectl_autoweave_complete
    set -l words (commandline -opc) (commandline -ct)
    kubectl-autoweave __complete $words[2..-1] 2>/dev/null | string match -v -r '^:'
end
complete -c kubectl-autoweave -f -a '(__kubectl_autoweave_complete)'
`;

const kubectl = `#!/bin/sh
# kubectl asks a program of this name when "kubectl autoweave" is to be completed.
exec kubectl-autoweave __complete "$@"
`;

export const completionScripts = { bash, zsh, fish, kubectl } as const;
