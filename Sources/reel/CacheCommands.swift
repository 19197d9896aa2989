// `reel cache stats`, `reel cache verify`: what is in the store, and whether it is sound.

import Glibc
import ReelExecution
import ReelStage

/// Tells how much is in the store.
enum CacheStatsCommand: Command {
  static let name = "cache stats"
  static let summary = "tell how much is in the store"
  static let operands = Operands.none
  static let options = [Option.file, Option.directory, Option.json]
  static let examples = ["reel cache stats", "reel cache stats -f ads/campaign.yaml --json"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let folder = try arguments.request().storeFolder
    let statistics = try Store(reading: folder).statistics()
    if arguments.has("json") {
      let json: JSON = [
        "folder": .string(folder), "actions": .integer(statistics.actions),
        "blobs": .integer(statistics.blobs),
        "bytes": .integer(statistics.bytes), "unused_blobs": .integer(statistics.unusedBlobs),
        "unused_bytes": .integer(statistics.unusedBytes),
      ]
      Reel.write(json.indentedText, to: STDOUT_FILENO)
    } else {
      Reel.print("\(folder): \(statistics.actions) actions")
      Reel.print("\(statistics.blobs) blobs, \(byteText(statistics.bytes))")
      Reel.print(
        "\(statistics.unusedBlobs) of them in no action's result, \(byteText(statistics.unusedBytes))")
    }
    return .done
  }
}

/// Reads everything in the store, and drops what is damaged.
enum CacheVerifyCommand: Command {
  static let name = "cache verify"
  static let summary = "read every blob of the store; drop the damaged ones, to be made again"
  static let operands = Operands.none
  static let options = [Option.file, Option.directory, Option.json]
  static let examples = ["reel cache verify"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let folder = try arguments.request().storeFolder
    let store = FileSystem.exists(folder) ? try Store(runningIn: folder) : try Store(reading: folder)
    let found = try store.verify()
    if arguments.has("json") {
      let json: JSON = [
        "sound": .integer(found.sound), "damaged": .array(found.damaged.map { .string("\($0)") }),
        "missing": .array(found.missing.map { .string("\($0)") }),
      ]
      Reel.write(json.indentedText, to: STDOUT_FILENO)
    } else {
      for digest in found.damaged { Reel.print("damaged, removed: \(digest)") }
      for digest in found.missing { Reel.print("missing: \(digest)") }
      Reel.print("\(found.sound) sound, \(found.damaged.count) damaged, \(found.missing.count) missing")
    }
    return found.damaged.isEmpty ? .done : .failed
  }
}
