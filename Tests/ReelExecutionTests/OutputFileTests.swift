// Outputs: each kind in its form, in place at one instant, and untouched when it is right already.

import Glibc
import ReelExecution
import ReelPlanning
import ReelStage
import Testing

@Suite struct OutputFileTests {
  private let folder: TemporaryFolder
  private let blobs: Blobs

  init() throws {
    folder = try TemporaryFolder()
    for name in ["blobs", "tmp"] { try FileSystem.makeFolder(folder.path(name)) }
    blobs = Blobs(folder: folder.path("blobs"))
  }

  private func output(_ path: String, _ type: PortType, _ parts: [Part]) -> OutputFile {
    OutputFile(
      path: path, target: folder.path(path), type: type, parts: parts, blobs: blobs)
  }

  private func part(_ text: String, shot: String? = nil) throws -> Part {
    Part(shot: shot, digest: try blobs.adopt(try folder.write("tmp/part", text)).digest)
  }

  /// A frame sequence of frames of one colour, by their red.
  private func frames(_ reds: [UInt8], shot: String) throws -> Part {
    let path = folder.path("tmp/sequence")
    let size = Size(width: 4, height: 2)
    let writer = try FrameSequenceWriter(path: path, size: size, rate: FrameRate(25))
    for red in reds { try writer.append(Frame(size: size, red: red, green: 10, blue: 20)) }
    try writer.finish()
    return Part(shot: shot, digest: try blobs.adopt(path).digest)
  }

  @Test("a film is its artifact's bytes, writable by its owner, in folders made for it") func film() throws {
    let film = output("renders/jp/spot.mp4", .film, [try part("the film")])
    #expect(try film.write(through: folder.path("tmp")))
    let path = folder.path("renders/jp/spot.mp4")
    #expect(try FileSystem.read(path) == Array("the film".utf8))
    #expect(try FileIdentity(path: path).mode & 0o600 == 0o600)
    #expect(try FileSystem.names(in: folder.path("renders/jp")) == ["spot.mp4"])
    #expect(try FileSystem.names(in: folder.path("tmp")) == [])
  }

  @Test("a film that is right is left alone; another one is replaced, and its identity tells")
  func rewritten() throws {
    let film = output("spot.mp4", .film, [try part("the film")])
    #expect(try film.write(through: folder.path("tmp")))
    let identity = try #require(film.identity)
    #expect(try !film.write(through: folder.path("tmp")))
    #expect(film.identity == identity)
    waitForTheFileClock()
    try folder.write("spot.mp4", "somebody wrote here")
    #expect(film.identity != identity)
    #expect(try film.write(through: folder.path("tmp")))
    #expect(try FileSystem.read(folder.path("spot.mp4")) == Array("the film".utf8))
    try FileSystem.remove(folder.path("spot.mp4"))
    #expect(film.identity == nil)
  }

  @Test("a damaged artifact is never delivered") func damaged() throws {
    let part = try part("the film")
    #expect(chmod(blobs.path(of: part.digest), 0o644) == 0)
    try flipBit(5, of: blobs.path(of: part.digest))
    let film = OutputFile(
      path: "spot.mp4", target: folder.path("spot.mp4"), type: .film, parts: [part],
      blobs: Blobs(folder: folder.path("blobs")))
    let error = #expect(throws: OutputFile.Failure.self) { try film.write(through: folder.path("tmp")) }
    guard case .damaged(part.digest) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!FileSystem.exists(folder.path("spot.mp4")))
  }

  @Test("prompts are one JSON document with every shot") func prompts() throws {
    let parts = [
      try part(#"{"seconds": 2, "prompt": "a can"}"#, shot: "1"), try part(#"{"seconds": 3}"#, shot: "2"),
    ]
    #expect(try output("prompts.json", .prompts, parts).write(through: folder.path("tmp")))
    let json = try JSON(
      parsing: String(decoding: try FileSystem.read(folder.path("prompts.json")), as: UTF8.self))
    #expect(
      json == ["shots": [["shot": "1", "seconds": 2, "prompt": "a can"], ["shot": "2", "seconds": 3]]])
    #expect(try !output("prompts.json", .prompts, parts).write(through: folder.path("tmp")))
  }

  @Test("frames are a folder of pictures in the order of the film; stills are named by their shots")
  func pictures()
    throws
  {
    let parts = [try frames([1, 2], shot: "a"), try frames([3], shot: "b")]
    #expect(try output("frames", .frames, parts).write(through: folder.path("tmp")))
    #expect(try FileSystem.names(in: folder.path("frames")) == ["000001.png", "000002.png", "000003.png"])
    let third = try Image(png: folder.path("frames/000003.png"))
    #expect(third.size == Size(width: 4, height: 2))
    #expect(Array(third.pixels.prefix(4)) == [3, 10, 20, 255])
    #expect(try output("stills", .stills, parts).write(through: folder.path("tmp")))
    #expect(try FileSystem.names(in: folder.path("stills")) == ["a-001.png", "a-002.png", "b-001.png"])
  }

  @Test("a folder is replaced as a whole; a picture changed in it is noticed") func replacedFolder() throws {
    let first = output("frames", .frames, [try frames([1, 2, 3], shot: "a")])
    #expect(try first.write(through: folder.path("tmp")))
    let identity = try #require(first.identity)
    waitForTheFileClock()
    try folder.write("frames/000002.png", "painted over")
    #expect(first.identity != identity)
    let second = output("frames", .frames, [try frames([9], shot: "a")])
    #expect(second.content != first.content)
    #expect(try second.write(through: folder.path("tmp")))
    #expect(try FileSystem.names(in: folder.path("frames")) == ["000001.png"])
    #expect(try FileSystem.names(in: folder.path("tmp")) == [])
  }

  @Test("two films at one path, and a folder in a film's place, are errors") func unusable() throws {
    let both = output("spot.mp4", .film, [try part("one"), try part("two")])
    guard
      case .unusable("wanted one film, found 2") = #expect(
        throws: OutputFile.Failure.self, performing: { try both.write(through: folder.path("tmp")) })
    else {
      Issue.record("two films were written")
      return
    }
    try FileSystem.makeFolder(folder.path("spot.mp4/inside"))
    let film = output("spot.mp4", .film, [try part("one")])
    guard
      case .file(let error) = #expect(
        throws: OutputFile.Failure.self, performing: { try film.write(through: folder.path("tmp")) })
    else {
      Issue.record("a folder was replaced by a film")
      return
    }
    #expect(error.description == "\(folder.path("spot.mp4")): cannot write: is a directory")
  }
}
