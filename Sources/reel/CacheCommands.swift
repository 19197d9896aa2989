// `reel cache stats`, `reel cache gc`, `reel cache verify`: what is in the store, room in it, and whether it is sound.

import Glibc
import ReelExecution
import ReelPlanning
import ReelStage

/// Tells how much is in the store.
enum CacheStatsCommand: Command {
  static let name = "cache stats"
  static let summary = "tell how much is in the store"
  static let operands = Operands.none
  static let options = [Option.file, Option.directory, Option.json]
  static let examples = ["reel cache stats", "reel cache stats -f ads/campaign.yaml --json"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let folder = try arguments.requestForStore().storeFolder
    let store = try Store(reading: folder)
    Reel.tellOfLostIndex(store)
    let statistics = try store.statistics()
    if arguments.has("json") {
      let json: JSON = [
        "folder": .string(folder), "actions": .integer(statistics.actions),
        "blobs": .integer(statistics.blobs),
        "bytes": .integer(statistics.bytes), "unused_blobs": .integer(statistics.unusedBlobs),
        "unused_bytes": .integer(statistics.unusedBytes),
        "derived_files": .integer(statistics.derivedFiles),
        "derived_bytes": .integer(statistics.derivedBytes),
      ]
      Reel.write(json.indentedText, to: STDOUT_FILENO)
    } else {
      Reel.print("\(folder): \(statistics.actions) actions")
      Reel.print("\(statistics.blobs) blobs, \(ByteCount(statistics.bytes))")
      Reel.print(
        "\(statistics.unusedBlobs) of them in no action's result, \(ByteCount(statistics.unusedBytes))")
      if statistics.derivedFiles > 0 {
        Reel.print(
          "\(statistics.derivedFiles) files that were made of models, \(ByteCount(statistics.derivedBytes))")
      }
    }
    return .done
  }
}

/// Evicts what was not used for long.
enum CacheCollectCommand: Command {
  static let name = "cache gc"
  static let summary =
    "make room in the store: drop what no build used for long, and blobs that nothing needs"
  static let operands = Operands.none
  static let options = [
    Option.file, Option.directory,
    Option(
      "max-size", value: "SIZE",
      help: "drop the least recently used results until the rest takes no more than this: 20GB"),
    Option("max-age", value: "AGE", help: "drop results that no build used for this long: 30d, 12h"),
    Option("dry-run", "n", help: "only tell what would be dropped"),
    Option("no-wait", help: "end with status 4 where a run is at work, instead of waiting for it"),
    Option.json,
  ]
  static let examples = ["reel cache gc --max-size 20GB --max-age 30d", "reel cache gc --max-age 7d -n"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let policy = Store.EvictionPolicy(
      size: try arguments.size("max-size"), age: try arguments.age("max-age"))
    let folder = try arguments.requestForStore().storeFolder
    let isDryRun = arguments.has("dry-run")
    let store =
      isDryRun || !FileSystem.exists(folder)
      ? try Store(reading: folder)
      : try Store(havingAlone: folder, waits: !arguments.has("no-wait")) { Reel.tellOfWaiting(folder, $0) }
    Reel.tellOfLostIndex(store)
    let eviction = try store.evict(policy, isDryRun: isDryRun)
    if arguments.has("json") {
      let json: JSON = [
        "actions": .integer(eviction.actions), "blobs": .integer(eviction.blobs),
        "bytes": .integer(eviction.bytes), "actions_left": .integer(eviction.actionsLeft),
        "blobs_left": .integer(eviction.blobsLeft), "bytes_left": .integer(eviction.bytesLeft),
        "derived_files": .integer(eviction.derivedFiles), "derived_bytes": .integer(eviction.derivedBytes),
        "derived_files_left": .integer(eviction.derivedFilesLeft),
        "derived_bytes_left": .integer(eviction.derivedBytesLeft),
      ]
      Reel.write(json.indentedText, to: STDOUT_FILENO)
    } else {
      let verb = isDryRun ? "would drop" : "dropped"
      Reel.print(
        verb
          + " \(eviction.actions) actions, \(eviction.blobs) blobs, \(ByteCount(eviction.bytes)); "
          + "\(eviction.actionsLeft) actions, \(eviction.blobsLeft) blobs, \(ByteCount(eviction.bytesLeft)) left"
      )
      if eviction.derivedFiles + eviction.derivedFilesLeft > 0 {
        Reel.print(
          "\(verb) \(eviction.derivedFiles) files that were made of models, "
            + "\(ByteCount(eviction.derivedBytes)); \(eviction.derivedFilesLeft) files, "
            + "\(ByteCount(eviction.derivedBytesLeft)) left")
      }
    }
    return .done
  }
}

/// Reads everything in the store, and tells or drops what is damaged.
enum CacheVerifyCommand: Command {
  static let name = "cache verify"
  static let summary =
    "read all of the store and name what is damaged; with --repair, drop it, to be made again"
  static let operands = Operands.none
  static let options = [
    Option.file, Option.directory, Option("repair", help: "drop what is damaged"),
    Option("no-wait", help: "with --repair, end with status 4 where a run is at work"), Option.json,
  ]
  static let examples = ["reel cache verify", "reel cache verify --repair"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let folder = try arguments.requestForStore().storeFolder
    let repairs = arguments.has("repair") && FileSystem.exists(folder)
    let store =
      repairs
      ? try Store(havingAlone: folder, waits: !arguments.has("no-wait")) { Reel.tellOfWaiting(folder, $0) }
      : try Store(reading: folder)
    let found = try store.verify(repairs: repairs)
    let json: JSON = [
      "sound": .integer(found.sound), "damaged": .array(found.damaged.map { .string("\($0)") }),
      "missing": .array(found.missing.map { .string("\($0)") }),
      "damaged_entries": .array(found.damagedEntries.map { .string($0) }),
      "damaged_rows": .array(found.damagedRows.map { .string($0) }),
      "index": .array(found.indexDamages.map { .string($0) }),
      "derived_files": .array(found.damagedDerivedFiles.map { .string($0) }),
      "snapshots": .array(found.damagedSnapshots.map { .string($0) }), "repaired": .bool(repairs),
    ]
    Reel.write(
      arguments.has("json") ? json.indentedText : text(of: found, folder, repairs: repairs), to: STDOUT_FILENO
    )
    return found.isSound || repairs ? .done : .failed
  }

  private static func text(of found: Store.Verification, _ folder: String, repairs: Bool) -> String {
    let damaged = repairs ? "damaged, dropped" : "damaged"
    var lines = found.damaged.map { "\(damaged): \($0)" }
    lines += found.damagedEntries.map { "\(damaged): the entry of action \($0)" }
    lines += found.indexDamages.map {
      "\(folder)/index.sqlite: \(repairs ? "damaged, begun anew" : "damaged"): \($0)"
    }
    lines += found.damagedRows.map { "\(folder)/index.sqlite: \(damaged): \($0)" }
    lines += (found.damagedDerivedFiles + found.damagedSnapshots).map { "\(damaged): \($0)" }
    lines += found.missing.map { "\(repairs ? "missing, forgotten" : "missing"): \($0)" }
    let count = found.damaged.count + found.damagedDerivedFiles.count
    lines.append("\(found.sound) sound, \(count) damaged, \(found.missing.count) missing")
    return lines.joined(separator: "\n") + "\n"
  }
}
