// The texts of `--help`.

/// Help as it is printed, made from the commands' declarations.
enum Help {
  /// `reel --help`: what each command is for.
  static func overview(_ commands: [any Command.Type]) -> String {
    """
    reel makes finished video ads from one campaign file.

    usage: reel COMMAND [options]

    commands:
    \(table(commands.map { ($0.name, $0.summary) }))

    'reel COMMAND --help' tells about one of them; 'reel --version' prints the version.
    example: reel build -f examples/sparkling-water/campaign.yaml

    """
  }

  /// `reel NAME --help`.
  static func text(of command: any Command.Type) -> String {
    let options = command.options + [.help]
    let usage = ["usage: reel", command.name, command.operands.usage, "[options]"].filter { !$0.isEmpty }
    return """
      reel \(command.name): \(command.summary)

      \(usage.joined(separator: " "))

      options:
      \(table(options.map { (label(of: $0), $0.help) }))

      examples:
      \(command.examples.map { "  " + $0 }.joined(separator: "\n"))

      """
  }

  /// "  -j, --jobs N", with the long names in one column.
  private static func label(of option: Option) -> String {
    (option.short.map { "-\($0), " } ?? "    ") + "--" + option.long + (option.value.map { " " + $0 } ?? "")
  }

  /// Two columns, the first as wide as its widest entry.
  private static func table(_ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { left, right in
      "  " + left + String(repeating: " ", count: width - left.count + 2) + right
    }.joined(separator: "\n")
  }
}
