// `reel init`: a first campaign, or a first plugin, to change.

import Glibc
import ReelExecution
import ReelPlanning

/// Writes a campaign that builds as it stands, or the skeleton of a plugin.
enum InitCommand: Command {
  static let name = "init"
  static let summary = "write a small campaign that builds as it stands; with --plugin, a plugin's skeleton"
  static let operands = Operands.optional("FOLDER")
  static let options = [
    Option("plugin", value: "NAME", help: "write a plugin that supplies the stage NAME, such as soft-focus")
  ]
  static let examples = [
    "reel init", "reel init ads/spring", "reel init --plugin soft-focus plugins/soft-focus",
  ]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let folder = arguments.operands.first ?? "."
    if let stage = arguments.value("plugin") {
      guard PluginFolders.isName(stage), let first = stage.utf8.first, first >= 97 else {
        throw UsageError.wrongValue(
          option: "--plugin", wanted: "lower-case words joined by hyphens, such as soft-focus", found: stage)
      }
      let plugin = NewPlugin(stage: stage)
      try write(plugin.files, to: folder)
      Reel.print("next: \(word("build", in: folder)), then reel build -f \(word("try.yaml", in: folder))")
    } else {
      let campaign = NewCampaign(name: FileSystem.realPath(folder) ?? folder)
      try write(campaign.files, to: folder)
      Reel.print("next: reel build" + (folder == "." ? "" : " -C \(shellQuoted(folder))"))
    }
    return .done
  }

  /// A file's path as a word of a shell command.
  private static func word(_ file: String, in folder: String) -> String {
    shellQuoted(place(file, in: folder))
  }

  private static func place(_ file: String, in folder: String) -> String { FileSystem.path(file, in: folder) }

  /// Writes all of the files, or, where one of them is there already, none.
  private static func write(_ files: [NewFile], to folder: String) throws {
    let present = files.map(\.name).filter { FileSystem.exists(place($0, in: folder)) }
    if !present.isEmpty { throw AlreadyThere(paths: present.map { place($0, in: folder) }) }
    try FileSystem.makeFolder(folder)
    for file in files {
      let path = place(file.name, in: folder)
      switch file.content {
      case .text(let text): try FileSystem.replace(path, with: text.utf8)
      case .script(let text):
        try FileSystem.replace(path, with: text.utf8)
        _ = chmod(path, 0o755)
      case .picture(let image): try image.writePNG(path)
      }
      Reel.print("wrote \(path)")
    }
  }

  /// Files of the names that `reel init` would write.
  private struct AlreadyThere: ExitCoded {
    let paths: [String]

    var exitCode: ExitCode { .wrongInput }

    var description: String {
      paths.map { "\($0): is already there; 'reel init' overwrites nothing, name another folder" }
        .joined(separator: "\n")
    }
  }
}
