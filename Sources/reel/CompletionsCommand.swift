// `reel completions`: what makes the Tab key know reel.

import Glibc
import ReelExecution

/// Prints the completion of a shell. It asks `reel complete` at each Tab, so it never lags behind the commands.
enum CompletionsCommand: Command {
  static let name = "completions"
  static let summary = "print the completion script of bash, zsh or fish"
  static let operands = Operands.one("SHELL", values: .words(["bash", "zsh", "fish"]))
  static let options: [Option] = []
  static let examples = [
    "reel completions bash > ~/.local/share/bash-completion/completions/reel",
    "reel completions zsh > ~/.zfunc/_reel   # with fpath+=~/.zfunc before compinit",
    "reel completions fish > ~/.config/fish/completions/reel.fish",
  ]

  static func run(_ arguments: Arguments) -> ExitCode {
    let script =
      switch arguments.operands[0] {
      case "bash": bash
      case "zsh": zsh
      default: fish
      }
    Reel.write(script, to: STDOUT_FILENO)
    return .done
  }

  /// Bash divides words at `=`, `@` and `:` and replaces only what comes after the last of them.
  private static let bash = #"""
    # Bash completion for reel; written by 'reel completions bash'.
    _reel() {
      local line=${COMP_LINE:0:COMP_POINT} tail=${COMP_WORDS[COMP_CWORD]} kind word help
      local -a words
      read -ra words <<<"$line"
      [[ $line == *[[:space:]] ]] && words+=("")
      local current=${words[-1]}
      [[ $tail == [=@:]* ]] && tail=${tail:1}
      local lead=${current%"$tail"}
      COMPREPLY=()
      {
        read -r kind
        while IFS=$'\t' read -r word help; do COMPREPLY+=("${word#"$lead"}"); done
      } < <("$1" complete -- "${words[@]:1}" 2>/dev/null)
      case $kind in
        files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$tail") ;;
        folders) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$tail") ;;
      esac
    }
    complete -F _reel reel

    """#

  private static let zsh = #"""
    #compdef reel
    # Zsh completion for reel; written by 'reel completions zsh'.
    _reel() {
      local -a lines names texts
      local kind line
      lines=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
      kind=$lines[1]
      shift lines
      case $kind in
        files | folders)
          compset -P '--*='
          if [[ $kind == folders ]]; then _files -/; else _files; fi
          ;;
        *)
          for line in $lines; do
            names+=("${line%%$'\t'*}")
            texts+=("${line%%$'\t'*}  ${line#*$'\t'}")
          done
          compadd -l -d texts -a names
          ;;
      esac
    }
    if [ "$funcstack[1]" = _reel ]; then _reel "$@"; else compdef _reel reel; fi

    """#

  private static let fish = #"""
    # Fish completion for reel; written by 'reel completions fish'.
    function __reel_complete
        set -l words (commandline -opc)
        set -l current (commandline -ct)
        set -l lines ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
        set -l lead (string match -r -- '^--[^=]*=' "$current")
        set -l path (string replace -r -- '^--[^=]*=' '' "$current")
        switch "$lines[1]"
            case files
                for file in (__fish_complete_path "$path")
                    echo $lead$file
                end
            case folders
                for folder in (__fish_complete_directories "$path")
                    echo $lead$folder
                end
            case '*'
                printf '%s\n' $lines[2..-1]
        end
    end
    complete -c reel -f -a '(__reel_complete)'

    """#
}
