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

  @Test("what a run wrote for itself is gone with it, or with the next one; its blobs are not")
  func leftovers()
    throws
  {
    var store: Store? = try Store(runningIn: path)
    let key = Digest(of: "key")
    _ = try enter("film", as: key, in: store!)
    // Its process's number is init's: what counts is the lock, which nobody has.
    for half in [store!.temporaryFolder + "/7", path + "/tmp/1-store-1/7"] {
      try FileSystem.makeFolder(half)
      try FileSystem.replace(half + "/0", with: "half".utf8)
    }
    let beside = try Store(runningIn: path)
    #expect(FileSystem.exists(store!.temporaryFolder + "/7/0"))
    #expect(
      try FileSystem.names(in: path + "/tmp")
        == [store!, beside].map { $0.temporaryFolder.split(separator: "/").last.map(String.init) ?? "" }
        .sorted())
    store = nil
    let next = try Store(runningIn: path)
    #expect(try FileSystem.names(in: path + "/tmp").count == 2)
    withExtendedLifetime(beside) {}
    #expect(try next.finishedAction(key) != nil)
  }

  @Test("looking into a store that is not there makes none") func readingMakesNothing() throws {
    let store = try Store(reading: path)
    #expect(try store.finishedAction(Digest(of: "key")) == nil)
    #expect(try store.statistics() == Store.Statistics())
    #expect(!FileSystem.exists(path))
  }

  @Test("runs share a store; what takes results away has it alone") func lock() throws {
    var runs: [Store]? = try [Store(runningIn: path, waits: false), Store(runningIn: path, waits: false)]
    #expect(runs?[0].temporaryFolder != runs?[1].temporaryFolder)
    let error = #expect(throws: StoreError.self) { try Store(havingAlone: path, waits: false) }
    #expect(error?.description == "\(path): another run is at work here; leave out --no-wait to wait")
    #expect(error?.exitCode == .locked)
    runs = nil
    let alone = try Store(havingAlone: path, waits: false)
    #expect(throws: StoreError.self) { try Store(runningIn: path, waits: false) }
    withExtendedLifetime(alone) {}
  }

  @Test("a campaign is built by several runs where they wait, by one where it does not") func campaign()
    throws
  {
    func open(_ campaign: String, waits: Bool) throws -> Store {
      try Store(runningIn: path, campaign: campaign, waits: waits)
    }
    do {
      let first = try open("a.yaml", waits: true)
      let error = #expect(throws: StoreError.self) { try open("a.yaml", waits: false) }
      #expect(
        error?.description
          == "a.yaml: another run is at work on this campaign; leave out --no-wait to build beside it")
      #expect(error?.exitCode == .locked)
      _ = try open("b.yaml", waits: false)
      withExtendedLifetime(first) {}
    }
    let alone = try open("a.yaml", waits: false)
    _ = try open("a.yaml", waits: true)
    withExtendedLifetime(alone) {}
  }

  @Test("an action's lock is one run's at a time, and free when it ends") func workLocks() throws {
    var first: WorkLocks? = try WorkLocks(folder: folder.path)
    let second = try WorkLocks(folder: folder.path)
    let (one, other) = (Digest(of: "one"), Digest(of: "other"))
    #expect(try first?.take(one) == true)
    #expect(try !second.take(one))
    #expect(try second.take(other))
    first?.free(one)
    #expect(try second.take(one))
    second.free(one)
    #expect(try first?.take(one) == true)
    first = nil
    #expect(try second.take(one))
  }

  @Test("the index of a store that others use is not begun anew under them, but done without")
  func lostIndex()
    throws
  {
    let first = try Store(runningIn: path)
    try first.index.record(ActionEntry(parts: [], explanation: [:], seconds: 0), as: Digest(of: "key"))
    for suffix in ["-wal", "-shm"] { try FileSystem.remove(path + "/index.sqlite" + suffix) }
    try FileSystem.replace(path + "/index.sqlite", with: Array(repeating: 7, count: 8192))
    let second = try Store(runningIn: path)
    #expect(second.lostIndex)
    try second.index.record(ActionEntry(parts: [], explanation: [:], seconds: 0), as: Digest(of: "other"))
    #expect(try FileSystem.read(path + "/index.sqlite") == Array(repeating: 7, count: 8192))
    withExtendedLifetime(first) {}
  }

  @Test("verify names every damaged blob and the missing ones, and drops the damaged ones where it is to")
  func verify() throws {
    var store: Store! = try Store(runningIn: path)
    let parts = try (0..<50).map { try enter("film \($0)", as: Digest(of: "key \($0)"), in: store) }
    for part in parts { #expect(chmod(store.blobs.path(of: part.digest), 0o644) == 0) }
    for part in parts[..<10] { try flipBit(13, of: store.blobs.path(of: part.digest)) }
    for part in parts[10..<15] { #expect(unlink(store.blobs.path(of: part.digest)) == 0) }
    let found = try Store(reading: path).verify(repairs: false)
    #expect(found.sound == 35)
    #expect(Set(found.damaged) == Set(parts[..<10].map(\.digest)))
    #expect(Set(found.missing) == Set(parts[10..<15].map(\.digest)))
    #expect(!found.isSound)
    store = nil
    let fresh = try Store(havingAlone: path)
    #expect(try fresh.verify(repairs: true) == found)
    for part in parts[..<10] { #expect(!FileSystem.exists(fresh.blobs.path(of: part.digest))) }
    #expect(try fresh.verify(repairs: false).isSound)
  }

  @Test("a clock that was set back makes no result old") func clockSetBack() throws {
    let store = try Store(runningIn: path)
    let key = Digest(of: "key")
    _ = try enter("0123456789", as: key, in: store)
    let hour = 3_600_000_000_000
    try store.index.noteUse(of: key, at: 100 * hour)
    #expect(try store.index.staleKeys(among: [key], at: 50 * hour) == [])
    #expect(try store.index.staleKeys(among: [key], at: 101 * hour) == [])
    #expect(try store.index.staleKeys(among: [key], at: 102 * hour) == [key])
  }

  @Test("the actions used least recently go first, then the blobs that no result has any more")
  func eviction()
    throws
  {
    let day = 86_400_000_000_000
    var store: Store! = try Store(runningIn: path)
    let keys = (0..<4).map { Digest(of: "key \($0)") }
    var parts: [StoredPart] = []
    // Each of 10 bytes; the last action made what the first one did.
    for (number, text) in ["0123456789", "1123456789", "2123456789", "0123456789"].enumerated() {
      parts.append(try enter(text, as: keys[number], in: store))
      try store.index.noteUse(of: keys[number], at: (number + 1) * day)
    }
    store = nil
    let alone = try Store(havingAlone: path)
    var policy = Store.EvictionPolicy()
    #expect(try alone.evict(policy, isDryRun: false, at: 100 * day).actions == 0)
    policy.size = ByteCount(20)
    let wanted = try alone.evict(policy, isDryRun: true, at: 5 * day)
    #expect((wanted.actions, wanted.blobs, wanted.bytes) == (2, 1, 10))
    #expect(try alone.finishedAction(keys[1]) != nil)
    #expect(try alone.evict(policy, isDryRun: false, at: 5 * day) == wanted)
    #expect(try keys.map { try alone.finishedAction($0) != nil } == [false, false, true, true])
    #expect(!FileSystem.exists(alone.blobs.path(of: parts[1].digest)))
    policy = Store.EvictionPolicy(age: 90_000)
    let last = try alone.evict(policy, isDryRun: false, at: 5 * day)
    #expect((last.actions, last.actionsLeft, last.bytesLeft) == (1, 1, 10))
    #expect(try alone.finishedAction(keys[3]) != nil)
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
