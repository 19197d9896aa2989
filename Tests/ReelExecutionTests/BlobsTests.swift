// Artifacts on the disk: named by content, immutable, and never taken for sound when they are not.

import Glibc
import ReelExecution
import ReelPlanning
import Testing

@Suite struct BlobsTests {
  private let folder: TemporaryFolder
  private let blobs: Blobs

  init() throws {
    folder = try TemporaryFolder()
    try FileSystem.makeFolder(folder.path("blobs"))
    blobs = Blobs(folder: folder.path("blobs"))
  }

  // FIPS 180-4, the example of one block.
  private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  @Test("a blob is named by the SHA-256 of its bytes, is read-only, and leaves nothing where it was made")
  func adopts() throws {
    let file = try folder.write("made", "abc")
    let (digest, size) = try blobs.adopt(file)
    #expect(digest.description == Self.abc)
    #expect(size == 3)
    let path = folder.path("blobs/ba/" + Self.abc.dropFirst(2))
    #expect(blobs.path(of: digest) == path)
    #expect(try FileSystem.read(path) == Array("abc".utf8))
    #expect(try FileIdentity(path: path).mode & 0o777 == 0o444)
    #expect(!FileSystem.exists(file))
  }

  @Test("equal bytes are stored once") func equal() throws {
    let first = try blobs.adopt(try folder.write("one", "same")).digest
    let second = try blobs.adopt(try folder.write("two", "same")).digest
    #expect(first == second)
    #expect(try blobs.all().map(\.digest) == [first])
  }

  @Test("a blob of another size is not there; a damaged one is there, but not sound") func damage() throws {
    let digest = try blobs.adopt(try folder.write("made", "some bytes")).digest
    #expect(blobs.has(digest, size: 10))
    #expect(!blobs.has(digest, size: 9))
    let path = blobs.path(of: digest)
    #expect(chmod(path, 0o644) == 0)
    try flipBit(17, of: path)
    // What was checked once is trusted for the rest of a run; the next run looks again.
    let nextRun = Blobs(folder: folder.path("blobs"))
    #expect(nextRun.has(digest, size: 10))
    #expect(!nextRun.isSound(digest))
    try flipBit(17, of: path)
    #expect(nextRun.isSound(digest))
    try cut(path, to: 4)
    #expect(!nextRun.has(digest, size: 10))
    try nextRun.remove(digest)
    #expect(!nextRun.isSound(digest))
    #expect(!FileSystem.exists(path))
  }

  @Test("a damaged blob is replaced when its bytes are made again") func repair() throws {
    let digest = try blobs.adopt(try folder.write("made", "some bytes")).digest
    #expect(chmod(blobs.path(of: digest), 0o644) == 0)
    try flipBit(3, of: blobs.path(of: digest))
    _ = try Blobs(folder: folder.path("blobs")).adopt(try folder.write("again", "some bytes"))
    #expect(Blobs(folder: folder.path("blobs")).isSound(digest))
  }

  @Test("a file that was never written is an error that names it") func missing() throws {
    let error = #expect(throws: FileError.self) { try blobs.adopt(folder.path("none")) }
    #expect(error?.description == "\(folder.path("none")): cannot read: no such file or directory")
  }
}
