// Digests of source files: never of bytes that are not there any more.

import Glibc
import ReelExecution
import ReelPlanning
import Testing

@Suite struct FileDigestsTests {
  private let folder: TemporaryFolder
  private let index: Index

  init() throws {
    folder = try TemporaryFolder()
    index = try Index()
  }

  @Test("a settled file's digest is remembered by its identity") func remembered() throws {
    let file = try folder.write("a", "one")
    waitForTheFileClock()
    #expect(try FileDigests(index: index).digest(of: file) == Digest(of: "one"))
    #expect(try index.digest(of: FileIdentity(path: file)) == Digest(of: "one"))
  }

  @Test("a file that changed in the same instant could change again, so it is not remembered") func racy()
    throws
  {
    // A time in the future stands for "this instant", whatever the speed of the machine.
    let file = try folder.write("a", "one")
    var times = [
      timespec(tv_sec: time(nil) + 1000, tv_nsec: 0), timespec(tv_sec: time(nil) + 1000, tv_nsec: 0),
    ]
    #expect(utimensat(AT_FDCWD, file, &times, 0) == 0)
    #expect(try FileDigests(index: index).digest(of: file) == Digest(of: "one"))
    #expect(try index.digest(of: FileIdentity(path: file)) == nil)
  }

  @Test("a change under the same size and modification time is seen") func restoredTime() throws {
    let file = try folder.write("a", "one")
    var times = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, file, &times, 0) == 0)
    waitForTheFileClock()
    #expect(try FileDigests(index: index).digest(of: file) == Digest(of: "one"))
    let descriptor = open(file, O_WRONLY)
    #expect(pwrite(descriptor, "two", 3, 0) == 3)
    close(descriptor)
    #expect(utimensat(AT_FDCWD, file, &times, 0) == 0)
    #expect(try FileDigests(index: index).digest(of: file) == Digest(of: "two"))
  }

  @Test("a file is looked at once a run; afterwards only a change is noticed") func unchanged() throws {
    let file = try folder.write("a", "one")
    waitForTheFileClock()
    let digests = FileDigests(index: index)
    _ = try digests.digest(of: file)
    #expect(digests.isUnchanged(file))
    try folder.write("a", "one")
    #expect(digests.isUnchanged(file), "equal bytes in a new file are no change")
    try folder.write("a", "two")
    #expect(!digests.isUnchanged(file))
    #expect(try digests.digest(of: file) == Digest(of: "one"))
    digests.forget(file)
    #expect(try digests.digest(of: file) == Digest(of: "two"))
    try FileSystem.remove(file)
    #expect(!digests.isUnchanged(file))
  }

  @Test("a missing file is an error that names it") func missing() throws {
    let path = folder.path("none")
    let error = #expect(throws: FileError.self) { try FileDigests(index: index).digest(of: path) }
    #expect(error?.description == "\(path): cannot read: no such file or directory")
  }
}
