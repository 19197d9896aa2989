// What the Tab key offers, in the shells that are installed.

import Glibc
import Testing

@Suite struct CompletionsTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write(
      "campaign.yaml",
      shotCampaign(
        shots: #"{stage: shot-list, with: {shots: ["${matrix.market}"]}}"#,
        head: "matrix: {market: [us, jp]}\n", output: "renders/${matrix.market}.txt"))
  }

  /// Whether a program is on the PATH.
  private static func has(_ program: String) -> Bool {
    let folders = getenv("PATH").map { String(cString: $0).split(separator: ":") } ?? []
    return folders.contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  @Test(
    "bash offers commands, options, their values, targets and files",
    arguments: [
      ("buil", ["build"]), ("cache ", ["stats", "gc", "verify"]), ("build --tra", ["--trace"]),
      ("graph --format ", ["dot", "mermaid", "json", "svg"]), ("graph --format=s", ["svg"]),
      ("build -j2 fi", ["film", "film@market=us", "film@market=jp"]),
      // Bash replaces only what comes after the last '=' or '@'.
      ("build film@", ["market=us", "market=jp"]), ("build film@market=j", ["jp"]),
      ("build renders/u", ["renders/us.txt"]), ("build -f ca", ["campaign.yaml"]),
      ("build -f campaign.yaml -- wo", ["work", "work@market=us", "work@market=jp"]),
      ("build --until f", ["film"]), ("build --until=wo", ["work"]),
      ("build --only-variant ", ["market=us", "market=jp"]), ("build --only-variant market=j", ["jp"]),
      ("build --only-variant market=us,m", ["us,market=us", "us,market=jp"]),
      ("build -D ", []), ("stages shot-l", ["shot-list"]), ("build -f none.yaml ", []), ("frobnicate ", []),
    ] as [(String, [String])])
  func bash(line: String, offered: [String]) throws {
    try workspace.write(
      "try.bash",
      #"""
      source <(reel completions bash)
      COMP_LINE="reel $1" COMP_POINT=$((${#1} + 5))
      # As bash divides a line.
      words=${COMP_LINE//=/ = }
      words=${words//@/ @ }
      read -ra COMP_WORDS <<<"$words"
      [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=("")
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      _reel reel
      for word in "${COMPREPLY[@]}"; do printf '%s\n' "$word"; done
      """#)
    let path = Built.folder + ":" + (getenv("PATH").map { String(cString: $0) } ?? "")
    let finished = try Running(
      "bash", ["--norc", "try.bash", line], in: workspace.path,
      environment: ["PATH": path, "REEL_PLUGINS": workspace.plugins.joined(separator: ":")]
    ).wait()
    #expect(finished.status == 0 && finished.errors.isEmpty, "\(finished)")
    let words = finished.output.split(separator: "\n").map(String.init)
    #expect(line.hasPrefix("stages") ? words.starts(with: offered) : words == offered)
  }

  @Test("the script of bash is right for bash") func bashScript() throws { try check("bash", option: "-n") }

  @Test("the script of zsh is right for zsh", .enabled(if: has("zsh"), "zsh is not installed"))
  func zshScript() throws { try check("zsh", option: "-n") }

  @Test("the script of fish is right for fish", .enabled(if: has("fish"), "fish is not installed"))
  func fishScript() throws { try check("fish", option: "--no-execute") }

  private func check(_ shell: String, option: String) throws {
    let script = try workspace.reel("completions", shell)
    #expect(script.status == 0)
    try workspace.write("script", script.output)
    let finished = try Running(shell, [option, "script"], in: workspace.path).wait()
    #expect(finished.status == 0 && finished.errors.isEmpty, "\(finished)")
  }

  @Test("fish offers words with help, and whole words", .enabled(if: has("fish"), "fish is not installed"))
  func fish() throws {
    try workspace.write("script", try workspace.reel("completions", "fish").output)
    let path = Built.folder + ":" + (getenv("PATH").map { String(cString: $0) } ?? "")
    let finished = try Running(
      "fish",
      ["--no-config", "-c", "source script; complete -C 'reel bui'; complete -C 'reel build film@market=j'"],
      in: workspace.path,
      environment: ["PATH": path, "REEL_PLUGINS": workspace.plugins.joined(separator: ":")]
    ).wait()
    #expect(
      finished.output == """
        build\tmake the campaign's outputs, running only what changed
        film@market=jp\tshot-join

        """, "\(finished)")
  }
}
