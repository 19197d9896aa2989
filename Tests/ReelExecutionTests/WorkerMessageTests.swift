// The messages between host and worker: what is sent arrives, however it is cut, and nothing else does.

import Glibc
import ReelExecution
import ReelStage
import Testing

@Suite struct WorkerMessageTests {
  private static let manifest = Manifest(
    name: "blur", version: 3, summary: "softens every frame",
    inputs: [Port("frames", .frames, help: "the film")],
    outputs: [Port("frames", .frames, help: "softer")], cut: .shot,
    parameters: [.optional("radius", .number(0...50, unit: "pixels"), default: 2.0, help: "how soft")])

  @Test("every request and reply survives its JSON") func roundTrip() throws {
    let works: [WorkRequest.Work] = [
      .run(nil), .join, .run(Span(frames: 50..<99, starts: ["frames": 48, "mask": 0])),
    ]
    let requests: [WorkerRequest] =
      [.describe]
      + works.flatMap { work -> [WorkerRequest] in
        let request = WorkRequest(
          work: work, parameters: ["radius": 2.5], inputs: ["frames": ["/a", "/b"], "mask": []], threads: 4,
          folder: "/tmp/x")
        return [.run(request), .estimate(request)]
      }
    for request in requests {
      #expect(WorkerRequest(json: try JSON(parsing: request.json.text)) == request)
    }
    let replies: [WorkerReply] = [
      .loaded(Self.manifest), .refused("no"), .progress(done: 3, total: 10, unit: "frames"), .log("half way"),
      .finished([
        WrittenPart(port: "frames", shot: nil, path: "/x/0"),
        WrittenPart(port: "frames", shot: "é\n", path: "/x/1"),
      ]),
      .failed("why"), .estimated(nil),
      .estimated(ActionEstimate(operations: 1.5e15, memory: 2e9, remedies: ["'precision: bf16'"])),
    ]
    for reply in replies { #expect(WorkerReply(json: try JSON(parsing: reply.json.text)) == reply) }
  }

  @Test(
    "other JSON is no message",
    arguments: [
      "null", "[]", "{}", #"{"type":"finished"}"#, #"{"type":"finished","outputs":[{"port":1}]}"#,
      #"{"type":"progress","done":1,"total":"many","unit":"frames"}"#, #"{"type":"loaded","manifest":{}}"#,
      #"{"type":"run","parameters":{},"inputs":{"a":["x",1]},"threads":1,"folder":"/"}"#,
      #"{"type":"estimate","of":{}}"#, #"{"type":"estimated"}"#,
      #"{"type":"estimated","estimate":{"operations":1,"memory":-1,"remedies":[]}}"#,
    ])
  func noMessage(text: String) throws {
    let json = try JSON(parsing: text)
    #expect(WorkerReply(json: json) == nil)
    #expect(WorkerRequest(json: json) == nil)
  }

  @Test("messages arrive whole, whatever pieces the socket delivers") func pieces() throws {
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { for end in ends { close(end) } }
    let sent: [JSON] = ["a", ["long": .string(String(repeating: "x", count: 1000))], [1, 2, 3]]
    var bytes: [UInt8] = []
    for json in sent {
      let body = Array(json.text.utf8)
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: body.count >> ($0 * 8)) } + body
    }
    var reader = MessageReader(descriptor: ends[1])
    var received: [JSON] = []
    var position = 0
    var step = 1
    while position < bytes.count {
      let piece = Array(bytes[position..<min(position + step, bytes.count)])
      try #require(write(ends[0], piece, piece.count) == piece.count)
      try reader.fill()
      while let json = try reader.next() { received.append(json) }
      position += step
      step = step % 13 + 1
    }
    #expect(received == sent)
  }

  @Test("a closed socket and a length beyond reason are told apart") func ends() throws {
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { close(ends[1]) }
    let length: [UInt8] = [0xff, 0xff, 0xff, 0xff]
    #expect(write(ends[0], length, 4) == 4)
    close(ends[0])
    var reader = MessageReader(descriptor: ends[1])
    try reader.fill()
    #expect(throws: ChannelError.nonsense) { try reader.next() }
    #expect(throws: ChannelError.closed) { try reader.fill() }
    #expect(throws: ChannelError.closed) { try MessageWriter(descriptor: ends[1]).send("x") }
  }

  @Test("last words are the last line that says something") func lastWords() {
    var words = LastWords()
    words.append(Array("first\nthe \u{1b}[1mlast\u{7}\n\n  \n".utf8))
    #expect(words.line == "the [1mlast")
    words.append([UInt8](repeating: 120, count: 1_000_000))
    #expect(words.line == String(repeating: "x", count: 299) + "…")
  }
}
