// What a container or a service may take of the machine's memory.

import Glibc
import ReelPlanning

/// The control group that bounds this process's memory (Linux, Documentation/admin-guide/cgroup-v2.rst, and
/// cgroup-v1/memory.rst).
package struct ControlGroup {
  /// The folder of the group that holds all others.
  package let root: String
  /// The group's path in it, with a slash in front.
  package let path: String
  private let names: Names

  /// What the versions call things.
  private struct Names {
    let limits: [String]
    let used: String
    /// Pages of files that were not used of late, in `memory.stat`.
    let idle: String

    static let second = Names(
      limits: ["memory.max", "memory.high"], used: "memory.current", idle: "inactive_file")
    static let first = Names(
      limits: ["memory.limit_in_bytes"], used: "memory.usage_in_bytes", idle: "total_inactive_file")
  }

  /// The group that a file as `/proc/self/cgroup` names; `nil` where it names none.
  package init?(root: String = "/sys/fs/cgroup", naming file: String = "/proc/self/cgroup") {
    let text = String(decoding: (try? FileSystem.read(file, limit: 1 << 16)) ?? [], as: UTF8.self)
    // Number, controllers, path; the second version has number 0 and names no controllers.
    let lines = text.split(separator: "\n").map {
      $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    }
    .filter { $0.count == 3 && $0[2].hasPrefix("/") }
    if let line = lines.first(where: { $0[1].split(separator: ",").contains("memory") }) {
      (self.root, path, names) = (root + "/memory", String(line[2]), .first)
    } else if let line = lines.first(where: { $0[0] == "0" && $0[1].isEmpty }) {
      (self.root, path, names) = (root, String(line[2]), .second)
    } else {
      return nil
    }
  }

  /// The least limit of the group and those that it is part of, and the least that is left below one; `nil` where
  /// nothing limits it.
  ///
  /// What the kernel can take back counts as left.
  package var memory: (limit: ByteCount, left: ByteCount)? {
    var least: (limit: Int, left: Int)?
    var path = path
    while true {
      let folder = root + (path == "/" ? "" : path)
      // The first version's word for no limit is the largest multiple of a page.
      let limits = names.limits.compactMap { number(in: "\(folder)/\($0)") }.filter { $0 < 1 << 62 }
      if let limit = limits.min() {
        let idle = OperatingSystem.numbers(in: folder + "/memory.stat")[names.idle] ?? 0
        let used = max(0, (number(in: "\(folder)/\(names.used)") ?? 0) - idle)
        let left = max(0, limit - used)
        least = (min(least?.limit ?? limit, limit), min(least?.left ?? left, left))
      }
      guard path != "/", let slash = path.lastIndex(of: "/") else { break }
      path = slash == path.startIndex ? "/" : String(path[..<slash])
    }
    return least.map { (ByteCount($0.limit), ByteCount($0.left)) }
  }

  /// `nil` for a file that is not there, and for `max`.
  private func number(in file: String) -> Int? {
    guard let bytes = try? FileSystem.read(file, limit: 100) else { return nil }
    return Int(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }
}
