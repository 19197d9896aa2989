// `reel clean`: takes away what builds have written.

import Glibc
import ReelExecution

/// Removes the outputs and, if asked, the store.
enum CleanCommand: Command {
  static let name = "clean"
  static let summary =
    "remove the campaign's outputs, also those it names no more; with --store, all stored results too"
  static let operands = Operands.none
  static let options = [
    Option.file, Option.directory,
    Option(
      "no-wait", help: "with --store, end with status 4 where a run is at work, instead of waiting for it"),
    Option(
      "store",
      help: "remove the store .reel as well, of all campaigns in the folder: the next build runs everything"),
  ]
  static let examples = ["reel clean", "reel clean --store"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let request = try arguments.requestForStore()
    guard FileSystem.exists(request.storeFolder) else { return .done }
    let store =
      arguments.has("store")
      ? try Store(havingAlone: request.storeFolder, waits: !arguments.has("no-wait")) {
        Reel.tellOfWaiting(request.storeFolder, $0)
      } : try Store(runningIn: request.storeFolder)
    let cleaning = try store.removeOutputs(of: request.file)
    for path in cleaning.removed { Reel.print("removed \(path)") }
    for path in cleaning.left { Reel.print("left \(path): it was changed after it was written") }
    if arguments.has("store") {
      try store.removeAll()
      Reel.print("removed \(request.storeFolder)")
    }
    return .done
  }
}
