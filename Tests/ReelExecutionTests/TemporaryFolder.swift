// A folder of one test, and the few ways in which tests write and spoil files.

import Glibc
import ReelExecution
import Testing

/// An empty folder, gone with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/reel-execution-XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&template))
    path = try #require(FileSystem.realPath(String(cString: made)))
  }

  deinit { try? FileSystem.remove(path) }

  func path(_ name: String) -> String { path + "/" + name }

  /// Writes a file of its own inode.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try FileSystem.makeFolder(path)
    try FileSystem.replace(path(name), with: bytes)
    return path(name)
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

  /// A program that can be run.
  func script(_ name: String, _ text: String) throws -> String {
    let path = try write(name, "#!/bin/bash\n" + text)
    try #require(chmod(path, 0o755) == 0)
    return path
  }
}

/// Changes one bit of a file in place, as a bad disk does.
func flipBit(_ bit: Int, of path: String) throws {
  let descriptor = open(path, O_RDWR)
  try #require(descriptor >= 0, "cannot open \(path)")
  defer { close(descriptor) }
  var byte: UInt8 = 0
  try #require(pread(descriptor, &byte, 1, off_t(bit / 8)) == 1)
  byte ^= 1 << (bit % 8)
  try #require(pwrite(descriptor, &byte, 1, off_t(bit / 8)) == 1)
}

/// Shortens a file in place.
func cut(_ path: String, to size: Int) throws { try #require(truncate(path, off_t(size)) == 0) }

/// Waits until a change to a file changes its times.
func waitForTheFileClock() { usleep(30_000) }

/// A generator with a seed, so that a failure can be seen again (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
