// The store as a whole: crashes, damage, the lock, and what is told of them.

import Glibc
import ReelExecution
import ReelPlanning
import ReelStage
import Testing

@Suite struct StoreTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path(".reel") }

  init() throws { folder = try TemporaryFolder() }

  /// Enters an action that made one blob.
  private func enter(_ text: String, as key: Digest, in store: Store) throws -> StoredPart {
    let file = store.temporaryFolder + "/0"
    try FileSystem.replace(file, with: text.utf8)
    let (digest, size) = try store.blobs.adopt(file)
    let part = StoredPart(port: "film", shot: "1", digest: digest, size: size)
    try store.index.record(ActionEntry(parts: [part], explanation: ["stage": "x"], seconds: 1.5), as: key)
    return part
  }

  @Test("an action is found by its key in the next run, with all that was noted of it") func roundTrip()
    throws
  {
    let key = Digest(of: "key")
    let part = try enter("film", as: key, in: try Store(runningIn: path))
    let entry = try #require(try Store(reading: path).finishedAction(key))
    #expect(entry == ActionEntry(parts: [part], explanation: ["stage": "x"], seconds: 1.5))
    #expect(try Store(reading: path).finishedAction(Digest(of: "other")) == nil)
  }

  @Test("an action whose blob is gone or cut is a miss, never an error") func missingBlob() throws {
    let (gone, cutOff) = (Digest(of: "gone"), Digest(of: "cut"))
    let store = try Store(runningIn: path)
    let first = try enter("first", as: gone, in: store)
    let second = try enter("second", as: cutOff, in: store)
    #expect(unlink(store.blobs.path(of: first.digest)) == 0)
    #expect(chmod(store.blobs.path(of: second.digest), 0o644) == 0)
    try cut(store.blobs.path(of: second.digest), to: 2)
    #expect(try store.finishedAction(gone) == nil)
    #expect(try store.finishedAction(cutOff) == nil)
  }

  @Test("what a killed run left half-made is gone when the next one starts, its blobs are not")
  func leftovers()
    throws
  {
    var store: Store? = try Store(runningIn: path)
    let key = Digest(of: "key")
    _ = try enter("film", as: key, in: store!)
    let half = store!.temporaryFolder + "/7"
    try FileSystem.makeFolder(half)
    try FileSystem.replace(half + "/0", with: "half".utf8)
    store = nil
    let next = try Store(runningIn: path)
    #expect(!FileSystem.exists(half))
    #expect(try next.finishedAction(key) != nil)
  }

  @Test("looking into a store that is not there makes none") func readingMakesNothing() throws {
    let store = try Store(reading: path)
    #expect(try store.finishedAction(Digest(of: "key")) == nil)
    #expect(try store.statistics() == Store.Statistics())
    #expect(!FileSystem.exists(path))
  }

  @Test("a second run is refused while the first is at work, and told who that is") func lock() throws {
    var first: Store? = try Store(runningIn: path)
    let error = #expect(throws: StoreError.self) { try Store(runningIn: path, waits: false) }
    #expect(
      error?.description
        == "\(path): another run (process \(getpid())) is at work here; leave out --no-wait to wait for it")
    #expect(error?.exitCode == .locked)
    #expect(first != nil)
    first = nil
    _ = try Store(runningIn: path, waits: false)
  }

  @Test("verify names and drops every damaged blob, and names the missing ones") func verify() throws {
    let store = try Store(runningIn: path)
    let parts = try (0..<50).map { try enter("film \($0)", as: Digest(of: "key \($0)"), in: store) }
    for part in parts { #expect(chmod(store.blobs.path(of: part.digest), 0o644) == 0) }
    for part in parts[..<10] { try flipBit(13, of: store.blobs.path(of: part.digest)) }
    for part in parts[10..<15] { #expect(unlink(store.blobs.path(of: part.digest)) == 0) }
    let fresh = try Store(reading: path)
    let found = try fresh.verify()
    #expect(found.sound == 35)
    #expect(Set(found.damaged) == Set(parts[..<10].map(\.digest)))
    #expect(Set(found.missing) == Set(parts[10..<15].map(\.digest)))
    for part in parts[..<10] { #expect(!FileSystem.exists(fresh.blobs.path(of: part.digest))) }
    #expect(try fresh.verify().damaged == [])
  }

  @Test("statistics count actions, blobs, and blobs that no action speaks of") func statistics() throws {
    let store = try Store(runningIn: path)
    _ = try enter("1234567", as: Digest(of: "key"), in: store)
    try FileSystem.replace(store.temporaryFolder + "/1", with: "123".utf8)
    _ = try store.blobs.adopt(store.temporaryFolder + "/1")
    let found = try store.statistics()
    #expect(found.actions == 1)
    #expect(found.blobs == 2)
    #expect(found.bytes == 10)
    #expect(found.unusedBlobs == 1)
    #expect(found.unusedBytes == 3)
  }
}
